//! The rows beside the adapter: a randomly initialised one, and one that is trained after another.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ktrain::config::{Config, Preset, Task, Variant};
use ktrain::files::backbone_config::BackboneConfig;
use ktrain::files::weights;
use ktrain::tasks::model;

use tch::Device;

use crate::datasets::{backbone, copy_backbone};
use crate::{assert_same, cut_off, fail, json, ktrain, shards, succeed};

/// Every file below a folder.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            all.insert(path, bytes);
        }
    }
    all
}

#[test]
fn a_randomly_initialised_adapter_keeps_its_initial_bytes() {
    let dir = shards();
    let args = ["--only", "rc", "--epochs", "4", "--variant", "random"];
    succeed(ktrain(dir.path()).args(args));
    let run = dir.path().join("runs/rc-random");
    let config: Config =
        serde_json::from_value(json(&run.join("config.json"))["config"].clone()).unwrap();
    assert_eq!(config.variant, Variant::Random);
    // It is the adapter that a trained one starts from: the first step of a warm-up changes nothing.
    let start = ["--only", "rc", "--max-steps", "1", "--warmup-steps", "1"];
    succeed(ktrain(dir.path()).args(start));
    let (initial, _) = weights::read(&dir.path().join("runs/rc/adapter.safetensors")).unwrap();
    let (saved, _) = weights::read(&run.join("adapter.safetensors")).unwrap();
    assert_eq!(
        saved.keys().collect::<Vec<_>>(),
        initial.keys().collect::<Vec<_>>()
    );
    for (name, tensor) in &saved {
        let same = weights::bytes(tensor).unwrap() == weights::bytes(&initial[name]).unwrap();
        assert_eq!(same, name.starts_with("adapter."), "{name}");
    }
    let description = json(&run.join("config.json"));
    assert_eq!(description["parameters"], 4 * 128 + 4);
    assert_eq!(description["plug_points"], serde_json::json!([1, 2, 4]));
    let card = fs::read_to_string(run.join("README.md")).unwrap();
    assert!(
        card.starts_with("---\nlibrary_name: kprep\nbase_model: \"bert-tiny\"\n")
            && card.contains("# Randomly initialised adapter, with a relation head, on bert-tiny")
            && card.contains("only the\nprediction head was trained."),
        "{card}"
    );

    // Downstream it is an adapter like any other.
    fs::write(dir.path().join("text"), "paris is the capital of france\n").unwrap();
    let mut encode = std::process::Command::new(env!("CARGO_BIN_EXE_ktrain"));
    encode.current_dir(dir.path()).arg("encode");
    encode.args(["--adapter", "runs/rc-random", "--input", "text"]);
    encode.args(["--out", "features.safetensors", "--backbone"]);
    succeed(encode.arg(backbone("bert-tiny")));

    let weights = run.join("adapter.safetensors");
    let mut started = ktrain(dir.path());
    started.args(["--out", "more", "--variant", "random", "--adapter-weights"]);
    assert_eq!(
        fail(started.arg(weights)),
        "error: --adapter-weights is of no use with --variant random, whose adapter keeps its initial values\n"
    );
}

#[test]
fn a_randomly_initialised_adapter_has_no_gradient_and_goes_on_where_it_was_cut_off() {
    let config = Config {
        variant: Variant::Random,
        ..Config::preset(Preset::Paper, Task::Dependency)
    };
    let shape = BackboneConfig::read(&backbone("bert-tiny")).unwrap();
    let params = model::params(&[config], &shape, 0, Device::Cpu);
    assert_eq!(params.leaves().len(), 2);
    assert_eq!(params.numel(), 64 * 128 + 128);

    let dir = shards();
    let command = |out: &str| {
        let mut command = ktrain(dir.path());
        command.args(["--only", "deps", "--epochs", "2", "--variant", "random"]);
        command.args(["--save-every", "5", "--out", out]);
        command
    };
    succeed(&mut command("whole"));
    succeed(&mut command("cut"));
    let cut = dir.path().join("cut/deps-random");
    cut_off(&cut);
    let output = succeed(command("cut").arg("--resume"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("going on from step 25"), "{stderr}");
    assert_same(&dir.path().join("whole/deps-random"), &cut);
}

#[test]
fn a_second_adapter_leaves_the_first_and_the_backbone_as_they_were() {
    let dir = shards();
    let copy = dir.path().join("bert");
    copy_backbone(
        &copy,
        &["config.json", "model.safetensors", "tokenizer.json"],
    );
    let train = |dataset: &str| {
        let args = ["--only", dataset, "--epochs", "1", "--backbone", "bert"];
        succeed(ktrain(dir.path()).args(args));
    };
    train("rc");
    let first = dir.path().join("runs/rc");
    let before = (files(&first), files(&copy));
    assert!(before.0.contains_key(&first.join("adapter.safetensors")));
    train("deps");
    assert!(dir.path().join("runs/deps/adapter.safetensors").is_file());
    assert!(before == (files(&first), files(&copy)));
}
