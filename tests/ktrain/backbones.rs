//! Backbones of someone else: folders that fit, in all forms that they come in, and folders whose numbers
//! do not fit each other, which are refused by name before anything is computed.

use std::fs;
use std::process::Command;

use ktrain::files::weights::Named;
use serde_json::json;
use tch::Tensor;

use crate::datasets::easy_relations;
use crate::tiny_backbone::{
    TOKENS, config, encode, features, put, put_weights, refused, tensor, tensors, tokenizer, whole,
};
use crate::{fail, ktrain, succeed};

#[test]
fn a_backbone_whose_parts_fit_gives_finite_features() {
    let found = features(&whole());
    assert_eq!(
        (found["0"].size(), found["1"].size()),
        (vec![6, 8], vec![3, 8])
    );
    let all_finite = |tensor: &Tensor| tensor.isfinite().all().int64_value(&[]) == 1;
    assert!(found.values().all(all_finite));
}

/// A key of `config.json`, a value that no backbone has, and what is said of it.
const NUMBERS: &str = "
num_attention_heads | 0 | num_attention_heads is 0, expected 1 to 65,536
num_attention_heads | -1 | num_attention_heads is -1, expected 1 to 65,536
num_attention_heads | 3 | num_attention_heads is 3, which does not divide hidden_size, 8
num_attention_heads | 1099511627776 | num_attention_heads is 1099511627776, expected
num_hidden_layers | 1099511627776 | num_hidden_layers is 1099511627776, expected 1 to 1,000
hidden_size | 4611686018427387904 | hidden_size is 4611686018427387904, expected 1 to 65,536
intermediate_size | 4611686018427387904 | intermediate_size is 4611686018427387904, expected
vocab_size | 4611686018427387904 | vocab_size is 4611686018427387904, expected 1 to 16,777,216
max_position_embeddings | 4611686018427387904 | max_position_embeddings is 4611686018427387904
max_position_embeddings | 2 | expected at least 3: positions count from 0
type_vocab_size | 0 | type_vocab_size is 0, expected 1 to 65,536
pad_token_id | -5 | pad_token_id is -5, expected one of the 13 tokens
pad_token_id | 4611686018427387904 | pad_token_id is 4611686018427387904, expected one of the 13
layer_norm_eps | -1.0 | layer_norm_eps is -1, expected more than 0
hidden_dropout_prob | 5.0 | hidden_dropout_prob is 5, expected 0 or more
attention_probs_dropout_prob | -0.5 | attention_probs_dropout_prob is -0.5
";

#[test]
fn numbers_of_a_config_that_no_backbone_has_are_refused_by_name() {
    let dir = whole();
    for line in NUMBERS.trim().lines() {
        let [key, value, message] = line.split(" | ").collect::<Vec<_>>().try_into().unwrap();
        let mut config = config();
        config[key] = serde_json::from_str(value).unwrap();
        put(&dir, "config.json", &config);
        refused(&dir, message);
    }
    // RoBERTa counts positions from the token after the pad.
    let mut roberta = config();
    roberta["model_type"] = json!("roberta");
    roberta["pad_token_id"] = json!(12);
    roberta["max_position_embeddings"] = json!(15);
    put(&dir, "config.json", &roberta);
    refused(
        &dir,
        "max_position_embeddings is 15, expected at least 16: positions count from 13",
    );
}

/// The token `paris` has the id 11.
#[test]
fn a_token_without_an_embedding_is_refused_by_every_command() {
    let dir = whole();
    let mut small = config();
    small["vocab_size"] = json!(9);
    put(&dir, "config.json", &small);
    let mut fewer = tensors();
    fewer.insert("embeddings.word_embeddings.weight".into(), tensor(&[9, 8]));
    put_weights(&dir, &fewer);
    let message = "tokenizer.json: the token \"oslo\" has the id 12, but the embedding has 9 rows";
    refused(&dir, message);
    easy_relations(&dir.path().join("shards/rc"));
    let message_of =
        |command: &mut Command| fail(command.args(["--backbone", "b", "--max-length", "16"]));
    let trained = message_of(&mut ktrain(dir.path()));
    assert!(trained.contains(message), "{trained}");
    let mut finetune = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    finetune
        .current_dir(dir.path())
        .args(["finetune", "--data", "shards/rc", "--out", "tuned"]);
    let tuned = message_of(&mut finetune);
    assert!(tuned.contains(message), "{tuned}");

    // Fewer tokens than rows are fine: many tables are padded.
    put(&dir, "tokenizer.json", &tokenizer(&TOKENS[..9]));
    features(&dir);
}

#[test]
fn markers_are_asked_for_where_entities_are_marked_and_nowhere_else() {
    let dir = whole();
    let tokens: Vec<&str> = TOKENS.into_iter().filter(|token| *token != "@").collect();
    put(&dir, "tokenizer.json", &tokenizer(&tokens));
    features(&dir);
    easy_relations(&dir.path().join("shards/rc"));
    let message = fail(ktrain(dir.path()).args(["--backbone", "b", "--max-length", "16"]));
    assert!(
        message.contains("b/tokenizer.json: no token @, which marks the entities"),
        "{message}"
    );
}

#[test]
fn a_folder_of_bert_s_first_release_is_the_same_backbone() {
    let dir = whole();
    let expected = features(&dir);
    let b = dir.path().join("b");
    for file in ["config.json", "tokenizer.json"] {
        fs::remove_file(b.join(file)).unwrap();
    }
    fs::write(b.join("vocab.txt"), TOKENS.join("\n")).unwrap();
    let mut short = config();
    for key in ["model_type", "layer_norm_eps", "pad_token_id"] {
        short.as_object_mut().unwrap().remove(key);
    }
    put(&dir, "bert_config.json", &short);
    let old_names = tensors().into_iter().map(|(name, tensor)| {
        let name = name.replace("LayerNorm.weight", "LayerNorm.gamma");
        (
            format!("bert.{}", name.replace("LayerNorm.bias", "LayerNorm.beta")),
            tensor,
        )
    });
    let mut old_names: Named = old_names.collect();
    old_names.insert("bert.pooler.dense.weight".into(), tensor(&[8, 8]));
    old_names.insert("cls.seq_relationship.weight".into(), tensor(&[2, 8]));
    put_weights(&dir, &old_names);
    assert!(features(&dir) == expected);

    // Without BERT's vocabulary nothing says what the checkpoint is.
    fs::remove_file(b.join("vocab.txt")).unwrap();
    put(&dir, "tokenizer.json", &tokenizer(&TOKENS));
    refused(
        &dir,
        "bert_config.json: no model_type, and no vocab.txt beside it",
    );
}

/// Capitals in the vocabulary say that it is a cased one; `tokenizer_config.json` says it better.
#[test]
fn a_vocabulary_alone_says_whether_it_is_cased() {
    let dir = whole();
    let b = dir.path().join("b");
    fs::remove_file(b.join("tokenizer.json")).unwrap();
    let with = |last: [&str; 2]| {
        let tokens: Vec<&str> = TOKENS[..11].iter().copied().chain(last).collect();
        fs::write(b.join("vocab.txt"), tokens.join("\n")).unwrap();
        features(&dir)
    };
    fs::write(dir.path().join("t.txt"), "Paris paris\n").unwrap();
    let same = |features: &Named| {
        let [one, two] = [1, 2].map(|i| features["0"].get(i));
        (one - two).abs().max().double_value(&[])
    };
    let uncased = with(["paris", "oslo"]);
    let cased = with(["paris", "Paris"]);
    assert_ne!(uncased["0"], cased["0"]);
    put(
        &dir,
        "tokenizer_config.json",
        &json!({"do_lower_case": true}),
    );
    assert_eq!(with(["paris", "Paris"])["0"], uncased["0"]);
    assert!(same(&uncased) > 0.0); // positions differ
}

#[test]
fn a_tokenizer_that_makes_texts_grow_is_refused() {
    let dir = whole();
    let mut bomb = tokenizer(&TOKENS);
    let grow = json!({"type": "Replace", "pattern": {"String": "a"}, "content": "a".repeat(1000)});
    bomb["normalizer"] = json!({"type": "Sequence", "normalizers": [grow, grow, grow, grow]});
    put(&dir, "tokenizer.json", &bomb);
    refused(
        &dir,
        "tokenizer.json: its replacements can make 1000000000000 characters of one",
    );
}

/// One word of two megabytes without an end: refused by its line, whatever is asked of it.
#[test]
fn lines_beyond_the_limit_are_refused_with_their_number() {
    let dir = whole();
    let long = "a".repeat(1 << 20);
    fs::write(dir.path().join("t.txt"), format!("paris\n{long}\n")).unwrap();
    let message = fail(encode(&dir).args(["--max-length", "8"]));
    assert_eq!(
        message,
        "error: t.txt: line 2: longer than 1,048,576 bytes, expected a line end before\n"
    );
    assert!(!dir.path().join("f.safetensors").exists());
    // Without an end, this one is just short enough.
    fs::write(dir.path().join("t.txt"), &long).unwrap();
    succeed(encode(&dir).args(["--max-length", "8"]));
}
