//! `ktrain finetune`: a backbone and frozen adapters on a downstream task.

mod gradients;
mod resume;
mod rows;

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::sha256_file;
use ktrain::files::weights;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::datasets::{backbone, easy_relation, easy_relations, relation, write};
use crate::util::{fail, json, ktrain, lines, misused, succeed};

/// `ktrain finetune --data rc --out runs/NAME` in `dir`, with settings small enough for a test.
pub(crate) fn finetune(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("finetune");
    command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    command.args(["--data", "shards/rc", "--threads", "1"]);
    command.args(["--precision", "fp32", "--batch-size", "32", "--lr", "2e-3"]);
    command.args(["--warmup-steps", "0", "--max-length", "40", "--epochs", "2"]);
    command.args(args);
    command
}

/// A folder with relations in `shards/rc` and adapters F and L of one step each.
pub(crate) fn prepared() -> TempDir {
    let dir = tempdir().unwrap();
    easy_relations(&dir.path().join("shards/rc"));
    crate::datasets::easy_heads(&dir.path().join("shards/deps"));
    succeed(ktrain(dir.path()).args(["--max-steps", "1"]));
    dir
}

pub(crate) fn score(scores: &Value, name: &str) -> f64 {
    scores[name].as_f64().unwrap()
}

#[test]
fn a_model_learns_on_frozen_adapters_which_stay_as_they_are() {
    let dir = prepared();
    let adapter = dir.path().join("runs/rc/adapter.safetensors");
    let before = sha256_file(&adapter).unwrap();
    let args = ["--adapter", "F=runs/rc", "--adapter", "L=runs/deps"];
    let output =
        succeed(finetune(dir.path(), &args).args(["--epochs", "5", "--out", "runs/fl", "--json"]));
    assert_eq!(sha256_file(&adapter).unwrap(), before);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["task"], "relation");
    let run = &summary["runs"][0];
    let test = &run["test"];
    assert!(
        score(test, "accuracy") > score(test, "baseline") + 0.3,
        "{run}"
    );
    assert_eq!(run["rows"]["train"]["kept"], 600);

    let out = dir.path().join("runs/fl");
    let config = json(&out.join("config.json"));
    assert_eq!(config["config"]["variant"], "finetune");
    assert_eq!(config["adapters"][0]["sha256"], before);
    assert_eq!(config["adapters"][1]["dataset"], "deps");
    let (heads, _) = weights::read(&out.join("heads.safetensors")).unwrap();
    // Two entities, of each [s ; o] of two adapters.
    assert_eq!(heads["relation.head.weight"].size(), [4, 2 * 4 * 32]);
    // The adapter lies beside the model as it was; the backbone is another one.
    let (given, _) = weights::read(&adapter).unwrap();
    let (kept, _) = weights::read(&out.join("adapters/0/adapter.safetensors")).unwrap();
    assert!(kept.len() > 10 && kept.iter().all(|(name, tensor)| *tensor == given[name]));
    let name = "encoder.layer.0.output.dense.weight";
    let (tuned, _) = weights::read(&out.join("backbone/model.safetensors")).unwrap();
    let (old, _) = weights::read(&backbone("bert-tiny/model.safetensors")).unwrap();
    let old = old.get(name).or_else(|| old.get(&format!("bert.{name}")));
    assert_ne!(&tuned[name], old.unwrap());
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains("| frozen adapter, SHA-256 | deps, `"),
        "{card}"
    );
}

#[test]
fn the_released_fusion_projects_each_adapter() {
    let dir = prepared();
    let args = [
        "--adapter",
        "runs/rc",
        "--adapter",
        "runs/deps",
        "--out",
        "runs/p",
    ];
    succeed(finetune(dir.path(), &args).args(["--set", "fusion=project", "--max-steps", "2"]));
    let (heads, _) = weights::read(&dir.path().join("runs/p/heads.safetensors")).unwrap();
    assert_eq!(heads["relation.fusion.0.weight"].size(), [32, 64]);
    assert_eq!(heads["relation.fusion.all.weight"].size(), [32, 64]);
    assert_eq!(heads["relation.head.weight"].size(), [4, 64]);
}

#[test]
fn benchmarks_are_told_by_their_classes_and_scored_by_their_rules() {
    let dir = tempdir().unwrap();
    let names = [
        "Other",
        "Cause-Effect(e1,e2)",
        "Cause-Effect(e2,e1)",
        "Member-Collection(e1,e2)",
    ];
    let row = |i: usize| {
        let mut easy = easy_relation(i);
        easy.relation = names[easy.label.unwrap() as usize].to_owned();
        easy
    };
    let rows = |range: std::ops::Range<usize>| range.map(row).collect();
    let data = dir.path().join("shards/rc");
    write(
        &data,
        &names,
        [rows(0..400), rows(400..500), rows(500..600)],
    );
    let out = ["--out", "runs/s", "--max-steps", "20"];
    succeed(&mut finetune(dir.path(), &out));
    let config = json(&dir.path().join("runs/s/config.json"));
    assert_eq!(config["config"]["benchmark"], "semeval");
    assert_eq!(
        config["scores"]["test"]["official"]["name"],
        "official macro-F1"
    );
    let metrics = lines(&dir.path().join("runs/s/training/metrics.jsonl"));
    let test = metrics.iter().find(|line| line["kind"] == "test").unwrap();
    assert_eq!(test["score"], config["scores"]["test"]["official"]["score"]);

    let mut tacred = finetune(dir.path(), &["--out", "runs/t"]);
    let message = fail(tacred.arg("tacred"));
    assert!(
        message.contains("tacred needs a class no_relation"),
        "{message}"
    );
}

#[test]
fn rows_that_cannot_be_learnt_are_counted() {
    let dir = tempdir().unwrap();
    let long = "word ".repeat(60);
    let far = relation(&format!("{long}gold {long}river"), (60, 60), (121, 121), 0);
    let mut other = easy_relation(3);
    (other.label, other.relation) = (None, "P9".into());
    let mut train: Vec<_> = (0..200).map(easy_relation).collect();
    train.extend([far, other]);
    let rest = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    let names = ["P0", "P1", "P2", "P3"];
    write(
        &dir.path().join("shards/rc"),
        &names,
        [train, rest(200..250), rest(250..300)],
    );
    let mut command = finetune(
        dir.path(),
        &["--out", "runs/x", "--max-steps", "1", "--json"],
    );
    let output = succeed(&mut command);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let train = &summary["runs"][0]["rows"]["train"];
    let counts =
        ["read", "kept", "too_long", "no_target"].map(|name| train[name].as_u64().unwrap());
    assert_eq!(counts, [202, 200, 1, 1]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("202 rows: 200 kept (0 truncated at ")
            && said.contains("tokens), 1 too long for these, 1 without a target"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    let dir = prepared();
    let refused = |args: &[&str]| {
        let mut command = finetune(dir.path(), &["--out", "runs/no"]);
        fail(command.args(args))
    };
    for (args, reason) in [
        (&["--rows", "F"][..], "--rows F: no adapter of the name F"),
        (&["--rows", "multitask"], "name it with --multitask"),
        (
            &["--adapter", "random=runs/rc"],
            "\"random\" cannot be a name of an adapter",
        ),
        (
            &["--adapter", "shards/rc"],
            "shards/rc: is no adapter: no config.json",
        ),
        (
            &["--data", "shards/deps"],
            "holds DependencyExample: nothing to fine-tune on",
        ),
        (&["--data", "shards"], "shards"),
    ] {
        let message = refused(args);
        assert!(message.contains(reason), "{args:?}: {message}");
    }
    assert!(!dir.path().join("runs/no").exists());

    // A label that no class has.
    let strange = dir.path().join("shards/strange");
    let rows = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    write(
        &strange,
        &["P0", "P1"],
        [rows(0..50), Vec::new(), Vec::new()],
    );
    let message = refused(&["--data", "shards/strange"]);
    let expected = "a label of the train split is 3, but the manifest names 2 classes";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn settings_that_would_be_recorded_and_not_used_are_refused() {
    let dir = prepared();
    for (args, reason) in [
        (
            ["--set", "adapters=3"],
            "--set adapters: name them with --adapter",
        ),
        (
            ["--set", "adapter_hidden_size=64"],
            "--set adapter_hidden_size: a frozen adapter keeps the setting of its training: set it with ktrain train",
        ),
        (
            ["--sweep", "adapter_plug=before,after"],
            "--sweep adapter_plug: a frozen adapter keeps the setting of its training: set it with ktrain train",
        ),
        (
            ["--set", "parser_loss=cross_entropy"],
            "--set parser_loss: no benchmark uses it: set it with ktrain train",
        ),
    ] {
        let mut command = finetune(dir.path(), &["--out", "runs/no"]);
        assert_eq!(misused(command.args(args)), format!("error: {reason}\n"));
    }
    assert!(!dir.path().join("runs/no").exists());
}
