//! A backbone of a few numbers in a folder of its own, to be damaged in any way.

use std::fs;
use std::process::Command;

use ktrain::files::weights::{self, Named};
use serde_json::{Value, json};
use tch::{Kind, Tensor};
use tempfile::{TempDir, tempdir};

use crate::{fail, succeed};

/// The tokens of the folders below, by their ids.
pub(crate) const TOKENS: [&str; 13] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "@", "#", ".", "the", "cat", "sat", "paris",
    "oslo",
];

/// A sound `config.json`.
pub(crate) fn config() -> Value {
    json!({
        "model_type": "bert", "vocab_size": 13, "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 16,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
    })
}

/// Numbers of these shapes: whatever they are, the same each time.
pub(crate) fn tensor(shape: &[i64]) -> Tensor {
    let numbers = Tensor::arange(
        shape.iter().product::<i64>(),
        (Kind::Float, tch::Device::Cpu),
    );
    (numbers * 0.37).sin().reshape(shape) * 0.5
}

/// The weights that go with [`config`].
pub(crate) fn tensors() -> Named {
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
pub(crate) fn tokenizer(tokens: &[&str]) -> Value {
    let vocab = tokens.iter().enumerate();
    let vocab = vocab.map(|(id, token)| ((*token).to_owned(), Value::from(id)));
    json!({
        "version": "1.0", "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab.collect::<serde_json::Map<_, _>>()},
    })
}

/// A folder with a sound backbone `b`, and a text to encode.
pub(crate) fn whole() -> TempDir {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    put(&dir, "config.json", &config());
    put(&dir, "tokenizer.json", &tokenizer(&TOKENS));
    put_weights(&dir, &tensors());
    fs::write(dir.path().join("t.txt"), "The cat sat .\nparis\n").unwrap();
    dir
}

pub(crate) fn put(dir: &TempDir, name: &str, json: &Value) {
    fs::write(dir.path().join("b").join(name), json.to_string()).unwrap();
}

pub(crate) fn put_weights(dir: &TempDir, tensors: &Named) {
    weights::write(&dir.path().join("b/model.safetensors"), tensors, &[]).unwrap();
}

pub(crate) fn encode(dir: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir.path())
        .args(["encode", "--backbone", "b", "--input", "t.txt"]);
    command.args(["--out", "f.safetensors", "--threads", "1", "--quiet"]);
    command
}

pub(crate) fn features(dir: &TempDir) -> Named {
    succeed(&mut encode(dir));
    let path = dir.path().join("f.safetensors");
    let (found, _) = weights::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    found
}

/// The message of an encoding that is refused, in which a part must stand. No output is left.
pub(crate) fn refused(dir: &TempDir, part: &str) {
    let message = fail(&mut encode(dir));
    assert!(message.contains(part), "{message} lacks {part}");
    assert!(message.starts_with("error: b/"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    assert!(!dir.path().join("f.safetensors").exists());
    assert!(!dir.path().join(".f.safetensors.partial").exists());
}
