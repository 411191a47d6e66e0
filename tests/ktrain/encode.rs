//! `ktrain encode`: the features of text, against Python's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::sha256_file;
use ktrain::config::{Config, Preset, Task, Variant};
use ktrain::files::adapter_config::{self, AdapterConfig};
use ktrain::files::identity::{BackboneIdentity, DatasetIdentity, Identity};
use ktrain::files::sealed;
use ktrain::files::weights::{self, Named};
use serde_json::Value;
use tch::Tensor;
use tempfile::tempdir;

use crate::datasets::backbone;
use crate::{fail, ktrain, shards, succeed};

pub(crate) fn encode(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("encode");
    command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    command.args(["--threads", "1", "--out", "f.safetensors"]);
    command.args(args);
    command
}

/// The adapter of `make_adapter_reference.py` as a folder that `ktrain` would have made.
pub(crate) fn adapter(dir: &Path, name: &str, variant: Variant) -> PathBuf {
    let dir = dir.join(name);
    fs::create_dir(&dir).unwrap();
    let weights = backbone("adapter/adapter.safetensors");
    fs::copy(weights, dir.join("adapter.safetensors")).unwrap();
    let identity = Identity {
        second: None,
        config: Config {
            variant,
            adapter_hidden_size: 48,
            adapter_attention_heads: 4,
            adapter_ffn_size: 96,
            ..Config::preset(Preset::Paper, Task::Relation)
        },
        backbone: BackboneIdentity {
            name: "bert-tiny".into(),
            model_type: "bert".into(),
            hidden_size: 32,
            layers: 4,
            sha256: sha256_file(&backbone("bert-tiny/model.safetensors")).unwrap(),
            files: ["config.json", "tokenizer.json"]
                .map(|name| {
                    (
                        name.to_owned(),
                        sha256_file(&backbone("bert-tiny").join(name)).unwrap(),
                    )
                })
                .into(),
        },
        dataset: DatasetIdentity {
            name: name.into(),
            manifest_sha256: String::new(),
        },
        adapter_weights_sha256: None,
        adapters: Vec::new(),
    };
    describe(&dir, &identity);
    dir
}

/// Writes what a finished run says of itself, with the checksum of the weights as they are.
fn describe(dir: &Path, run: &Identity) {
    let files = [adapter_config::WEIGHTS.to_owned()];
    adapter_config::write(dir, run, &files, Value::Null).unwrap();
}

fn features(dir: &Path) -> Named {
    weights::read(&dir.join("f.safetensors")).unwrap().0
}

fn assert_near(ours: &Named, theirs: &Named) {
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        theirs.keys().collect::<Vec<_>>()
    );
    for (name, tensor) in ours {
        assert_eq!(tensor.size(), theirs[name].size(), "{name}");
        let difference = (tensor - &theirs[name]).abs().max().double_value(&[]);
        assert!(difference < 1e-5, "{name}: {difference}");
    }
}

#[test]
fn features_are_those_of_the_example_in_python() {
    let dir = tempdir().unwrap();
    adapter(dir.path(), "a", Variant::Adapter);
    let text = backbone("features.txt");
    let args = ["--adapter", "a", "--input", text.to_str().unwrap()];
    succeed(&mut encode(dir.path(), &args));
    let (python, _) = weights::read(&backbone("adapter/features.safetensors")).unwrap();
    let padded = features(dir.path());
    assert_near(&padded, &python);
    assert_eq!(padded["1"].size(), [2, 64]); // the empty line

    let path = dir.path().join("f.safetensors");
    let bytes = fs::read(&path).unwrap();
    succeed(&mut encode(dir.path(), &args));
    assert!(bytes == fs::read(&path).unwrap(), "the same bytes again");
    let (_, metadata) = weights::read(&path).unwrap();
    assert_eq!(metadata["format"], "pt");
    assert!(metadata["backbone"].contains("\"name\":\"bert-tiny\""));
    assert!(metadata["adapters"].starts_with("[{\"dataset\":\"a\","));

    succeed(encode(dir.path(), &args).args(["--batch-size", "1"]));
    assert_near(&padded, &features(dir.path()));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn the_last_state_stands_once_before_the_outputs_of_all_adapters() {
    let dir = tempdir().unwrap();
    adapter(dir.path(), "a", Variant::Adapter);
    let b = adapter(dir.path(), "b", Variant::Adapter);
    let run = AdapterConfig::read(&b).unwrap().run;
    let other = b.join("adapter.safetensors");
    let (mut tensors, _) = weights::read(&other).unwrap();
    let bias = tensors.get_mut("adapter.2.up_project.bias").unwrap();
    *bias += 1.0;
    weights::write(&other, &tensors, &[]).unwrap();
    describe(&b, &run);
    fs::write(dir.path().join("t.txt"), "gold\r\nthe river danube\n").unwrap();
    let with = |adapters: &[&str]| {
        let args = adapters.iter().flat_map(|name| ["--adapter", name]);
        succeed(encode(dir.path(), &["--input", "t.txt"]).args(args));
        features(dir.path())
    };
    let (none, a, both) = (with(&[]), with(&["a"]), with(&["a", "b"]));
    for name in ["0", "1"] {
        let part = |from: &Tensor, i: i64| from.narrow(1, 32 * i, 32);
        assert_eq!(both[name].size()[1], 96);
        assert_eq!(none[name], part(&both[name], 0));
        assert_eq!(part(&a[name], 1), part(&both[name], 1));
        let shift = part(&both[name], 2) - part(&both[name], 1) - 1.0;
        assert!(shift.abs().max().double_value(&[]) < 1e-5);
    }
}

#[test]
fn pads_change_nothing_where_positions_count_from_the_pad_token() {
    let dir = tempdir().unwrap();
    let text = backbone("features.txt");
    let with = |size: &str| {
        let mut command = encode(dir.path(), &["--batch-size", size, "--input"]);
        succeed(
            command
                .arg(&text)
                .env("KTRAIN_BACKBONE", backbone("roberta-tiny")),
        );
        features(dir.path())
    };
    let (together, alone) = (with("4"), with("1"));
    assert_eq!(alone.len(), 4);
    assert_near(&together, &alone);
}

/// The released code's adapters attend to pads: their features depend on the length that inputs are
/// padded to, which must be the one of the training and not that of the lines beside them.
#[test]
fn adapters_that_attend_to_pads_always_get_the_same_pads() {
    let dir = shards();
    let roberta = backbone("roberta-tiny");
    let train = |out: &str, more: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args(["--only", "rc", "--max-steps", "1", "--quiet", "--out", out]);
        command
            .args(["--set", "adapter_attention_heads=2"])
            .args(more);
        succeed(command.arg("--backbone").arg(&roberta));
    };
    train("released", &["--preset", "released"]);
    train("shorter", &["--preset", "released", "--max-length", "39"]);
    let text = backbone("features.txt");
    let with = |more: &[&str]| {
        let mut command = encode(dir.path(), &["--adapter", "released/rc"]);
        command.arg("--input").arg(&text).args(more);
        command.env("KTRAIN_BACKBONE", &roberta);
        command
    };
    let get = |size: &str| {
        succeed(&mut with(&["--batch-size", size]));
        features(dir.path())
    };
    let (together, alone) = (get("4"), get("1"));
    assert_eq!(alone.len(), 4);
    assert_near(&together, &alone);
    // The pads do count.
    succeed(
        encode(dir.path(), &["--adapter", "shorter/rc", "--input"])
            .arg(&text)
            .env("KTRAIN_BACKBONE", &roberta),
    );
    let outputs = |features: &Named| features["0"].narrow(1, 32, 32);
    let difference = (outputs(&features(dir.path())) - outputs(&alone))
        .abs()
        .max();
    assert!(difference.double_value(&[]) > 1e-4);

    let message = fail(&mut with(&["--adapter", "shorter/rc"]));
    let expected = "error: shorter/rc reads inputs padded to another length than the adapter before it: \
                    encode with one of them at a time\n";
    assert_eq!(message, expected);
    fs::write(dir.path().join("long"), "gold ".repeat(50)).unwrap();
    let mut long = encode(dir.path(), &["--adapter", "released/rc", "--input", "long"]);
    let message = fail(long.env("KTRAIN_BACKBONE", &roberta));
    assert!(
        message.contains("backbone and adapters read at most 40"),
        "{message}"
    );
}

#[test]
fn lines_and_adapters_that_do_not_fit_are_refused() {
    let dir = tempdir().unwrap();
    let text = format!("gold\n{}\n", "gold ".repeat(79));
    fs::write(dir.path().join("t.txt"), text).unwrap();
    let input = ["--input", "t.txt"];
    assert_eq!(
        fail(&mut encode(dir.path(), &input)),
        "error: t.txt: line 2: 81 tokens, but backbone and adapters read at most 80: --max-length 80 cuts longer lines\n"
    );
    assert!(!dir.path().join("f.safetensors").exists());
    let output = succeed(encode(dir.path(), &input).args(["--max-length", "9"]));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "2 lines, 12 tokens, 1 lines truncated; 32 features a token in f.safetensors\n"
    );
    fs::write(dir.path().join("bad.txt"), b"gold\n\xff\n").unwrap();
    assert!(
        fail(&mut encode(dir.path(), &["--input", "bad.txt"]))
            .starts_with("error: bad.txt: line 2: no UTF-8: ")
    );
    fs::create_dir(dir.path().join("empty")).unwrap();
    assert_eq!(
        fail(&mut encode(
            dir.path(),
            &["--input", "t.txt", "--adapter", "empty"]
        )),
        "error: empty is no adapter: no config.json, which a finished run of ktrain has\n"
    );
    adapter(dir.path(), "a", Variant::Adapter);
    adapter(dir.path(), "head", Variant::Backbone);
    for (named, reason) in [
        ("none", "error: none is not there; beside it are a, head\n"),
        ("a/none", "error: a/none is not there\n"),
        (
            ".",
            "error: . is no adapter; it holds the runs a, head: name one of them\n",
        ),
        (
            "./none",
            "error: ./none is not there; beside it are a, head\n",
        ),
    ] {
        let message = fail(&mut encode(
            dir.path(),
            &["--input", "t.txt", "--adapter", named],
        ));
        assert_eq!(message, reason);
    }
    let message =
        fail(encode(dir.path(), &["--input", "t.txt", "--adapter", "head"]).arg("--quiet"));
    assert_eq!(
        message,
        "error: head is a head without an adapter: it has no features of its own\n"
    );
    let path = adapter(dir.path(), "old", Variant::Adapter).join("config.json");
    let mut json = crate::json(&path);
    let fields = json.as_object_mut().unwrap();
    fields.remove("sha256");
    let config = fields["config"].as_object_mut().unwrap();
    config.remove("batch_tokens");
    let pool = config.remove("length_pool").unwrap();
    config.insert("pool".to_owned(), pool);
    fs::write(&path, sealed::seal(&path, &json).unwrap()).unwrap();
    assert_eq!(
        fail(&mut encode(
            dir.path(),
            &["--input", "t.txt", "--adapter", "old"]
        )),
        "error: old/config.json: another version of ktrain wrote it, with pool, without batch_tokens, without \
         length_pool: use that version, or train again (with --overwrite in the same folder)\n"
    );
    let mut command = encode(dir.path(), &["--input", "t.txt", "--adapter", "a"]);
    let message = fail(command.arg("--backbone").arg(backbone("roberta-tiny")));
    assert!(
        message.starts_with("error: a was trained on the backbone bert-tiny (SHA-256 "),
        "{message}"
    );
}
