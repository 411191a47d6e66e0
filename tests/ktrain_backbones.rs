//! Backbones of someone else: folders that fit, in all forms that they come in, and folders that do not,
//! which are refused by name before anything is computed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use ktrain::weights::{self, Named};
use serde_json::{Value, json};
use tch::{Kind, Tensor};
use tempfile::{TempDir, tempdir};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::ktrain_data::easy_relations;
use crate::{fail, ktrain, succeed};

/// The tokens of the folders below, by their ids.
const TOKENS: [&str; 13] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "@", "#", ".", "the", "cat", "sat", "paris",
    "oslo",
];

/// A sound `config.json`.
fn config() -> Value {
    json!({
        "model_type": "bert", "vocab_size": 13, "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 16,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
    })
}

/// Numbers of these shapes: whatever they are, the same each time.
fn tensor(shape: &[i64]) -> Tensor {
    let numbers = Tensor::arange(
        shape.iter().product::<i64>(),
        (Kind::Float, tch::Device::Cpu),
    );
    (numbers * 0.37).sin().reshape(shape) * 0.5
}

/// The weights that go with [`config`].
fn tensors() -> Named {
    let mut named = Named::new();
    let mut add = |name: &str, shape: &[i64]| named.insert(name.to_owned(), tensor(shape));
    for (table, rows) in [("word", 13), ("position", 16), ("token_type", 2)] {
        add(&format!("embeddings.{table}_embeddings.weight"), &[rows, 8]);
    }
    let mut pair = |name: &str, shape: &[i64]| {
        add(&format!("{name}.weight"), shape);
        add(&format!("{name}.bias"), &shape[..1]);
    };
    pair("embeddings.LayerNorm", &[8]);
    for part in ["self.query", "self.key", "self.value", "output.dense"] {
        pair(&format!("encoder.layer.0.attention.{part}"), &[8, 8]);
    }
    pair("encoder.layer.0.attention.output.LayerNorm", &[8]);
    pair("encoder.layer.0.intermediate.dense", &[16, 8]);
    pair("encoder.layer.0.output.dense", &[8, 16]);
    pair("encoder.layer.0.output.LayerNorm", &[8]);
    named
}

/// `tokenizer.json` with these tokens.
fn tokenizer(tokens: &[&str]) -> Value {
    let vocab = tokens.iter().enumerate();
    let vocab = vocab.map(|(id, token)| ((*token).to_owned(), Value::from(id)));
    json!({
        "version": "1.0", "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": serde_json::Map::from_iter(vocab)},
    })
}

/// A folder with a sound backbone `b`, and a text to encode.
fn whole() -> TempDir {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    put(&dir, "config.json", &config());
    put(&dir, "tokenizer.json", &tokenizer(&TOKENS));
    put_weights(&dir, &tensors());
    fs::write(dir.path().join("t.txt"), "The cat sat .\nparis\n").unwrap();
    dir
}

fn put(dir: &TempDir, name: &str, json: &Value) {
    fs::write(dir.path().join("b").join(name), json.to_string()).unwrap();
}

fn put_weights(dir: &TempDir, tensors: &Named) {
    weights::write(&dir.path().join("b/model.safetensors"), tensors, &[]).unwrap();
}

fn encode(dir: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir.path())
        .args(["encode", "--backbone", "b", "--input", "t.txt"]);
    command.args(["--out", "f.safetensors", "--threads", "1", "--quiet"]);
    command
}

fn features(dir: &TempDir) -> Named {
    succeed(&mut encode(dir));
    let path = dir.path().join("f.safetensors");
    let (found, _) = weights::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    found
}

/// The message of an encoding that is refused, in which a part must stand. No output is left.
fn refused(dir: &TempDir, part: &str) {
    let message = fail(&mut encode(dir));
    assert!(message.contains(part), "{message} lacks {part}");
    assert!(message.starts_with("error: b/"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    assert!(!dir.path().join("f.safetensors").exists());
    assert!(!dir.path().join(".f.safetensors.partial").exists());
}

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

#[test]
fn numbers_of_a_config_that_no_backbone_has_are_refused_by_name() {
    let dir = whole();
    let vast = 1i64 << 62;
    for (key, value, message) in [
        (
            "num_attention_heads",
            json!(0),
            "num_attention_heads is 0, expected 1 to 65,536",
        ),
        (
            "num_attention_heads",
            json!(-1),
            "num_attention_heads is -1, expected 1 to 65,536",
        ),
        (
            "num_attention_heads",
            json!(3),
            "num_attention_heads is 3, which does not divide hidden_size, 8",
        ),
        (
            "num_attention_heads",
            json!(1i64 << 40),
            "num_attention_heads is 1099511627776, expected",
        ),
        (
            "num_hidden_layers",
            json!(1i64 << 40),
            "num_hidden_layers is 1099511627776, expected 1 to 1,000",
        ),
        (
            "hidden_size",
            json!(vast),
            "hidden_size is 4611686018427387904, expected 1 to 65,536",
        ),
        (
            "intermediate_size",
            json!(vast),
            "intermediate_size is 4611686018427387904, expected",
        ),
        (
            "vocab_size",
            json!(vast),
            "vocab_size is 4611686018427387904, expected 1 to 16,777,216",
        ),
        (
            "max_position_embeddings",
            json!(vast),
            "max_position_embeddings is 4611686018427387904",
        ),
        (
            "max_position_embeddings",
            json!(2),
            "expected at least 3: positions count from 0",
        ),
        (
            "type_vocab_size",
            json!(0),
            "type_vocab_size is 0, expected 1 to 65,536",
        ),
        (
            "pad_token_id",
            json!(-5),
            "pad_token_id is -5, expected one of the 13 tokens",
        ),
        (
            "pad_token_id",
            json!(vast),
            "pad_token_id is 4611686018427387904, expected one of the 13",
        ),
        (
            "layer_norm_eps",
            json!(-1.0),
            "layer_norm_eps is -1, expected more than 0",
        ),
        (
            "hidden_dropout_prob",
            json!(5.0),
            "hidden_dropout_prob is 5, expected 0 or more",
        ),
        (
            "attention_probs_dropout_prob",
            json!(-0.5),
            "attention_probs_dropout_prob is -0.5",
        ),
    ] {
        let mut config = config();
        config[key] = value;
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
fn weights_that_are_none_are_refused_with_the_tensor_s_name() {
    let word = "embeddings.word_embeddings.weight";
    let layer = "encoder.layer.0.output.dense.bias";
    let dir = whole();
    for (name, number) in [
        (word, f64::NAN),
        (layer, f64::NAN),
        (layer, f64::NEG_INFINITY),
    ] {
        let mut damaged = tensors();
        let _ = damaged.get_mut(name).unwrap().get(0).fill_(number);
        put_weights(&dir, &damaged);
        let count = if name == word { 8 } else { 1 };
        let message = format!("not finite  {name}: {count} of its values are NaN or infinite");
        refused(&dir, &message);
    }
    for (kind, found) in [
        (Kind::Int64, "I64"),
        (Kind::Int8, "I8"),
        (Kind::Uint8, "U8"),
        (Kind::Bool, "BOOL"),
    ] {
        let mut whole_numbers = tensors();
        whole_numbers.insert(word.into(), Tensor::ones([13, 8], (kind, tch::Device::Cpu)));
        put_weights(&dir, &whole_numbers);
        refused(
            &dir,
            &format!("wrong type  {word}: expected F32, F16, BF16 or F64, found {found}"),
        );
    }
}

#[test]
fn what_a_download_left_in_the_place_of_a_file_is_named() {
    let pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 1340\n";
    let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    for name in ["model.safetensors", "tokenizer.json", "config.json"] {
        for (text, message) in [
            (
                pointer,
                "this is a Git LFS pointer and not the file itself: fetch that with `git lfs pull`",
            ),
            (page, "this is a web page and not the file itself"),
            ("", "the file is empty: download it again"),
        ] {
            let dir = whole();
            fs::write(dir.path().join("b").join(name), text).unwrap();
            refused(&dir, &format!("{name}: {message}"));
        }
    }
    let dir = whole();
    fs::rename(dir.path().join("b/model.safetensors"), dir.path().join("x")).unwrap();
    fs::write(dir.path().join("b/pytorch_model.bin"), pointer).unwrap();
    refused(&dir, "pytorch_model.bin: this is a Git LFS pointer");
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
fn prefixes_and_heads_of_common_checkpoints_change_nothing() {
    let dir = whole();
    let expected = features(&dir);
    for prefix in ["module.", "module.bert.", "encoder.bert.", "model.bert."] {
        let prefixed = tensors().into_iter();
        let mut prefixed: Named = prefixed
            .map(|(name, tensor)| (format!("{prefix}{name}"), tensor))
            .collect();
        prefixed.insert("module.classifier.dense.weight".into(), tensor(&[8, 8]));
        prefixed.insert("classifier.bias".into(), tensor(&[2]));
        put_weights(&dir, &prefixed);
        assert!(features(&dir) == expected, "{prefix}");
    }
    let mut two = tensors();
    two.insert("module.bert.embeddings.LayerNorm.bias".into(), tensor(&[8]));
    put_weights(&dir, &two);
    refused(
        &dir,
        "embeddings.LayerNorm.bias and module.bert.embeddings.LayerNorm.bias are the same parameter",
    );
}

/// A training program's file: `{"epoch": 3, "state_dict": {...}}`, as torch.save writes it.
fn nested_torch_file(path: &Path, tensors: &Named) {
    let text = |pickle: &mut Vec<u8>, text: &str| {
        pickle.push(b'X');
        pickle.extend((text.len() as u32).to_le_bytes());
        pickle.extend(text.as_bytes());
    };
    let number = |pickle: &mut Vec<u8>, number: i64| {
        pickle.push(b'J');
        pickle.extend((number as i32).to_le_bytes());
    };
    let mut pickle = b"\x80\x02}(".to_vec();
    text(&mut pickle, "epoch");
    number(&mut pickle, 3);
    text(&mut pickle, "state_dict");
    pickle.extend(b"}(");
    let mut archive = ZipWriter::new(fs::File::create(path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (i, (name, tensor)) in tensors.iter().enumerate() {
        text(&mut pickle, name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(b"ctorch\nFloatStorage\n");
        text(&mut pickle, &i.to_string());
        text(&mut pickle, "cpu");
        number(&mut pickle, tensor.numel() as i64);
        pickle.extend(b"tQ");
        number(&mut pickle, 0);
        for numbers in [tensor.size(), tensor.stride()] {
            pickle.push(b'(');
            numbers.iter().for_each(|&n| number(&mut pickle, n));
            pickle.push(b't');
        }
        pickle.extend(b"\x89}tR");
        archive
            .start_file(format!("archive/data/{i}"), stored)
            .unwrap();
        archive.write_all(&weights::bytes(tensor).unwrap()).unwrap();
    }
    pickle.extend(b"uu.");
    archive.start_file("archive/data.pkl", stored).unwrap();
    archive.write_all(&pickle).unwrap();
    archive.finish().unwrap();
}

#[test]
fn weights_beside_a_training_s_own_state_are_found() {
    let dir = whole();
    let expected = features(&dir);
    fs::remove_file(dir.path().join("b/model.safetensors")).unwrap();
    let prefixed = tensors()
        .into_iter()
        .map(|(name, tensor)| (format!("module.{name}"), tensor));
    nested_torch_file(&dir.path().join("b/pytorch_model.bin"), &prefixed.collect());
    assert!(features(&dir) == expected);
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
    let long = "a".repeat((1 << 20) - 1);
    fs::write(dir.path().join("t.txt"), format!("paris\n{long}\n")).unwrap();
    let message = fail(encode(&dir).args(["--max-length", "8"]));
    assert_eq!(
        message,
        "error: t.txt: line 2: longer than 1,048,576 bytes, expected a line end before\n"
    );
    assert!(!dir.path().join("f.safetensors").exists());
    // With its end, this one is just short enough.
    fs::write(dir.path().join("t.txt"), &long).unwrap();
    succeed(encode(&dir).args(["--max-length", "8"]));
}
