//! `ktrain import-adapter`: a file in the released format, and what the other commands make of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::sha256_file;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::backbone_config::BackboneConfig;
use ktrain::files::checkpoint_folder;
use ktrain::files::identity::BackboneIdentity;
use ktrain::files::weights;
use ktrain::model::backbone::Backbone;
use ktrain::model::features::FeatureExtractor;

use serde_json::json;
use tch::{Device, Kind, Tensor};
use tempfile::{TempDir, tempdir};

use crate::datasets::{backbone, easy_relations};
use crate::finetune::finetune;
use crate::{fail, ktrain, succeed};

/// What the shapes of `make_released_reference.py` do not say.
const SETS: [&str; 4] = [
    "--set",
    "adapter_attention_heads=2",
    "--set",
    "max_length=13",
];

fn import(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("import-adapter");
    command.arg(backbone("released/pytorch_model.bin"));
    command.env("KTRAIN_BACKBONE", backbone("roberta-tiny"));
    command.args(args);
    command
}

/// A folder with the released adapter imported as `factual`.
fn imported() -> TempDir {
    let dir = tempdir().unwrap();
    fs::write(
        dir.path().join("utils_glue.py"),
        "relations = ['no_relation']\ntrex_relations = ['P178', 'P17', 'P569',\n    'P27', 'P36']\n",
    )
    .unwrap();
    let labels = ["--labels", "utils_glue.py", "--out", "factual"];
    let mut import = import(dir.path(), &labels);
    succeed(import.args(["--preset", "released"]).args(SETS));
    dir
}

/// roberta-tiny with the imported adapter.
fn encoder(dir: &Path, padded_to: Option<usize>) -> FeatureExtractor {
    let roberta = backbone("roberta-tiny");
    let config = BackboneConfig::read(&roberta).unwrap();
    let sha256 = sha256_file(&roberta.join("model.safetensors")).unwrap();
    let mut files: std::collections::BTreeMap<String, String> =
        [("model.safetensors".to_owned(), sha256)].into();
    for name in ["config.json", "tokenizer.json", "vocab.json", "merges.txt"] {
        files.insert(name.to_owned(), sha256_file(&roberta.join(name)).unwrap());
    }
    let identity = BackboneIdentity::new(&roberta, &config, &files).unwrap();
    let net = Backbone::load(&roberta, Device::Cpu, Kind::Float).unwrap();
    let mut encoder = FeatureExtractor::new(net, identity, Kind::Float);
    if let Some(length) = padded_to {
        encoder.pad_to(length).unwrap();
    }
    encoder.add(&dir.join("factual")).unwrap();
    encoder
}

fn difference(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max().double_value(&[])
}

#[test]
fn an_imported_adapter_gives_pytorch_s_numbers_and_is_stored_as_it_was() {
    let dir = imported();
    let (reference, _) = weights::read(&backbone("released/reference.safetensors")).unwrap();
    let mask_bt = reference["attention_mask"].to_kind(Kind::Bool);
    let features = encoder(dir.path(), None).forward(&reference["input_ids"], Some(&mask_bt));
    let outputs = features.narrow(2, 32, 32);
    assert!(difference(&outputs, &reference["adapter_output"]) < 1e-4);

    let run = dir.path().join("factual");
    let config = crate::json(&run.join("config.json"));
    assert_eq!(
        config["class_names"],
        json!(["P178", "P17", "P569", "P27", "P36"])
    );
    assert_eq!(config["plug_points"], json!([0, 1, 2]));
    assert_eq!(config["imported_from"], "pytorch_model.bin");
    let settings = &config["config"];
    for (name, value) in [
        ("preset", json!("released")),
        ("task", json!("relation")),
        ("adapter_hidden_size", json!(16)),
        ("adapter_ffn_size", json!(24)),
        ("adapter_pads", json!("attended")),
        ("relation_head", json!("stacked")),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    let file = backbone("released/pytorch_model.bin");
    assert_eq!(
        config["adapter_weights_sha256"],
        sha256_file(&file).unwrap()
    );
    let (ours, theirs) = (
        checkpoint_folder::read_file(&run.join("adapter.safetensors")).unwrap(),
        checkpoint_folder::read_file(&file).unwrap(),
    );
    assert!(ours.keys().eq(theirs.keys()));
    for (name, tensor) in &ours {
        assert_eq!(*tensor, theirs[name], "{name}");
    }
    // Nothing is left beside it.
    let names = fs::read_dir(dir.path()).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["factual", "utils_glue.py"]);
}

#[test]
fn other_commands_take_an_imported_adapter() {
    let dir = imported();
    let roberta = backbone("roberta-tiny");
    easy_relations(&dir.path().join("shards/rc"));
    let args = ["--adapter", "factual", "--max-steps", "1", "--out", "tuned"];
    succeed(
        finetune(dir.path(), &args)
            .args(["--preset", "released", "--backbone"])
            .arg(&roberta),
    );
    let config = crate::json(&dir.path().join("tuned/config.json"));
    assert_eq!(config["config"]["adapter_pads"], "attended");
    fs::write(
        dir.path().join("marked"),
        "<e1>gold</e1> is <e2>paris</e2>\n",
    )
    .unwrap();
    let said = stdout(dir.path(), "predict --model tuned --input marked --json");
    assert!(said.contains("\"label\""), "{said}");
    // With its own head and the names of its relations, too.
    let said = stdout(dir.path(), "predict --model factual --input marked --json");
    let names = ["\"P569\"", "\"P178\"", "\"P17\""];
    assert!(names.iter().any(|name| said.contains(name)), "{said}");
    let said = stdout(dir.path(), "info factual");
    assert!(
        said.contains("trained adapter") && said.contains("0, 1, 2"),
        "{said}"
    );
}

/// Standard output of a command in `dir`.
fn stdout(dir: &Path, args: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).args(args.split(' '));
    command.env("KTRAIN_BACKBONE", backbone("roberta-tiny"));
    String::from_utf8(succeed(&mut command).stdout).unwrap()
}

/// A line of so many words `gold`, padded by hand.
fn padded(words: usize, to: usize) -> (Tensor, Tensor, usize) {
    let vocabulary = Vocabulary::load(&backbone("roberta-tiny")).unwrap();
    let gold = vocabulary.words().tokens("gold").to_vec();
    let line = [
        &[vocabulary.start][..],
        &gold.repeat(words),
        &[vocabulary.end],
    ]
    .concat();
    let pads = vec![vocabulary.pad; to - line.len()];
    let ids: Vec<i64> = line.iter().chain(&pads).map(|&id| id.into()).collect();
    let ids_bt = Tensor::from_slice(&ids).unsqueeze(0);
    let mask_bt = ids_bt.ne(i64::from(vocabulary.pad));
    (ids_bt, mask_bt, line.len())
}

/// `ktrain encode` of `text` in `dir`.
fn encode(dir: &Path, args: &[&str]) -> Command {
    let text = ["encode", "--input", "text", "--out", "f.safetensors"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).args(text).args(["--threads", "1"]);
    command.env("KTRAIN_BACKBONE", backbone("roberta-tiny"));
    command.args(args);
    command
}

/// The released code pads to 64 in pre-training, and to 184 or 256 in fine-tuning: its features depend on it.
#[test]
fn lines_longer_than_in_training_are_encoded_with_other_pads() {
    let dir = imported();
    let (long, short) = (format!("{}\n", "gold ".repeat(16)), "gold\n");
    fs::write(dir.path().join("text"), format!("{short}{long}")).unwrap();
    let encode_with =
        |args: &[&str]| encode(dir.path(), &[&["--adapter", "factual"], args].concat());
    let message = fail(&mut encode_with(&[]));
    assert!(message.starts_with("error: text: line 2: "), "{message}");
    let advice = "; --pad-to N pads to N, and then N can be read\n";
    assert!(message.ends_with(advice), "{message}");
    let message = fail(&mut encode_with(&["--max-length", "70"]));
    let advice = "read 2 to 13 tokens; --pad-to N pads to N";
    assert!(message.contains(advice), "{message}");
    assert_eq!(
        fail(&mut encode_with(&["--pad-to", "79"])),
        "error: --pad-to: inputs cannot be padded to 79 tokens: the backbone reads 2 to 78\n"
    );

    succeed(&mut encode_with(&["--pad-to", "70"]));
    let (ours, _) = weights::read(&dir.path().join("f.safetensors")).unwrap();
    let encoder = encoder(dir.path(), Some(70));
    for (name, words) in [("0", 1), ("1", 16)] {
        let (ids_bt, mask_bt, length) = padded(words, 70);
        let theirs = encoder.forward(&ids_bt, Some(&mask_bt));
        let theirs = theirs.squeeze_dim(0).narrow(0, 0, length as i64);
        assert_eq!(ours[name].size(), theirs.size());
        assert!(difference(&ours[name], &theirs) < 1e-5, "{name}");
    }
    succeed(&mut encode_with(&["--max-length", "13"]));
    let (trained, _) = weights::read(&dir.path().join("f.safetensors")).unwrap();
    let outputs = |line: &Tensor| line.narrow(1, 32, 32);
    assert!(difference(&outputs(&trained["0"]), &outputs(&ours["0"])) > 1e-4);
    // Where pads are masked there is nothing to choose.
    let message = fail(&mut encode(dir.path(), &["--pad-to", "70"]));
    let expected = "error: --pad-to is for adapters that attend to pads";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn the_preset_is_told_by_the_shapes() {
    let dir = tempdir().unwrap();
    let said = |args: &[&str]| {
        let output = succeed(import(dir.path(), args).args(SETS));
        String::from_utf8(output.stderr).unwrap()
    };
    let told = said(&["--out", "told", "--set", "adapter_plug=0,2,3"]);
    assert!(
        told.contains(
            "Factual knowledge adapter, preset released by its shapes: 3 adapter layers of 2"
        ),
        "{told}"
    );
    assert!(
        told.contains("hidden states [0, 2, 3] (adapter_plug), 2 attention heads"),
        "{told}"
    );
    assert!(
        told.contains("inputs padded to 13 tokens (max_length)"),
        "{told}"
    );
    assert!(
        told.contains("without names of the relations, which --labels would give"),
        "{told}"
    );
    let config = crate::json(&dir.path().join("told/config.json"));
    assert_eq!(config["plug_points"], json!([0, 2, 3]));
    let message = fail(import(dir.path(), &["--out", "x", "--preset", "paper"]).args(SETS));
    assert!(
        message.ends_with(
            "its adapter layers have the shapes of the other preset: give --preset released\n"
        ),
        "{message}"
    );
    // Where a training starts from it, too.
    easy_relations(&dir.path().join("shards/rc"));
    let file = backbone("released/pytorch_model.bin");
    let mut train = ktrain(dir.path());
    train
        .args(["--backbone"])
        .arg(backbone("roberta-tiny"))
        .arg("--adapter-weights")
        .arg(&file);
    train.args([
        "--set",
        "adapter_hidden_size=16",
        "--set",
        "adapter_ffn_size=24",
    ]);
    let message = fail(&mut train);
    assert!(
        message.ends_with(
            "\nthe file's adapter layers add what they read, as the released code's do: give --preset released\n"
        ),
        "{message}"
    );
}

#[test]
fn what_cannot_be_imported_is_refused_and_replaces_nothing() {
    let dir = imported();
    let before = fs::read(dir.path().join("factual/config.json")).unwrap();
    let message = |args: &[&str]| fail(import(dir.path(), args).args(SETS));
    assert!(message(&["--out", "factual"]).contains("factual holds a finished run"));
    let again = ["--out", "factual", "--overwrite"];
    assert_eq!(
        message(&[&again[..], &["--set", "adapter_plug=0,2,9"]].concat()),
        "error: adapter_plug=0,2,9: the backbone has no hidden state 9: with 4 layers they are 0 (embeddings) to 4\n"
    );
    fs::write(dir.path().join("names"), "P17\nP19\n").unwrap();
    assert_eq!(
        message(&[&again[..], &["--labels", "names"]].concat()),
        "error: names: 2 names, but the adapter's file has 5 classes\n"
    );
    let wide = backbone("roberta-tiny/model.safetensors");
    let mut other = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    other
        .current_dir(dir.path())
        .arg("import-adapter")
        .arg(wide)
        .args(again);
    let told = fail(other.env("KTRAIN_BACKBONE", backbone("roberta-tiny")));
    assert!(
        told.contains("no adapter of K-Adapter: no tensor adapter.0.down_project.weight"),
        "{told}"
    );
    assert_eq!(
        before,
        fs::read(dir.path().join("factual/config.json")).unwrap()
    );
    succeed(import(dir.path(), &again).args(SETS));
    let config = crate::json(&dir.path().join("factual/config.json"));
    assert_eq!(config["class_names"], json!([]));
}
