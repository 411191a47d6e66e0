//! `ktrain finetune`: a backbone and frozen adapters on a downstream task.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, Split, sha256_file};
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, Preset};
use ktrain::data::batch::Batch;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::identity::Identity;
use ktrain::files::weights;
use ktrain::libtorch::device::Precision;
use ktrain::model::backbone::Backbone;
use ktrain::model::frozen_adapter::FrozenAdapter;
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::Relation;
use serde_json::Value;
use tch::{Device, Kind, Tensor};
use tempfile::{TempDir, tempdir};

use crate::datasets::{backbone, easy_relation, easy_relations, relation, write};
use crate::stops::interrupt;
use crate::{alone, assert_same_but, cut_off, fail, json, ktrain, lines, succeed};

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
    let config = json(&out.join("adapter_config.json"));
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
fn a_run_that_was_cut_off_goes_on_to_the_same_bytes() {
    let dir = prepared();
    let command = |out: &str| {
        let mut command = finetune(dir.path(), &["--adapter", "runs/rc", "--out", out]);
        command.args(["--set", "log_every=1", "--eval-every", "7"]);
        command.args(["--set", "gradient_accumulation_steps=2"]);
        command
    };
    succeed(&mut command("runs/whole"));
    succeed(&mut command("runs/cut"));
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join("runs").join(name));
    cut_off(&cut);
    let message = fail(&mut command("runs/cut"));
    assert!(
        message.contains("an unfinished run: go on with --resume"),
        "{message}"
    );
    succeed(command("runs/cut").arg("--resume"));
    assert_same_but("adapter.safetensors", &whole, &cut);
    for file in ["heads.safetensors", "backbone/model.safetensors"] {
        let [a, b] = [&whole, &cut].map(|run| fs::read(run.join(file)).unwrap());
        assert!(a == b, "{file}");
    }
}

#[test]
fn a_run_without_progress_ends_early_and_keeps_the_best_weights() {
    let dir = prepared();
    let mut command = finetune(
        dir.path(),
        &["--out", "runs/early", "--early-stopping-patience", "2"],
    );
    // Steps too small to change any prediction.
    command.args(["--lr", "1e-12", "--epochs", "9", "--eval-every", "5"]);
    succeed(&mut command);
    let run = dir.path().join("runs/early");
    let metrics = lines(&run.join("training/metrics.jsonl"));
    let validations = metrics.iter().filter(|line| line["kind"] == "validation");
    let steps: Vec<_> = validations
        .map(|line| line["step"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [5, 10, 15]);
    let test = metrics.iter().find(|line| line["kind"] == "test").unwrap();
    assert_eq!(test["step"], 15);

    // Cut off behind the validation that ended it, it ends there again.
    fs::remove_file(run.join("adapter_config.json")).unwrap();
    succeed(command.arg("--resume"));
    let again = lines(&run.join("training/metrics.jsonl"));
    assert_eq!(metrics.len(), again.len());
}

#[test]
fn rows_over_seeds_are_one_table() {
    let dir = prepared();
    succeed(ktrain(dir.path()).args(["--variant", "multitask", "--max-steps", "2"]));
    let mut command = finetune(
        dir.path(),
        &["--adapter", "F=runs/rc", "--adapter", "L=runs/deps"],
    );
    command.args([
        "--rows",
        "backbone,multitask,random,F,F+L",
        "--seeds",
        "1,2",
        "--max-steps",
        "2",
    ]);
    command.args([
        "--multitask",
        "runs/rc+deps-multitask",
        "--out",
        "runs/all",
        "--json",
    ]);
    let output = succeed(&mut command);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let out = dir.path().join("runs/all");
    let table = json(&out.join("rows.json"));
    assert_eq!(summary["tables"][0], table);
    let rows = table["rows"].as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["backbone", "multitask", "random", "F", "F+L"]);
    let trained_from = |row: &str| {
        let run = out.join(row).join("seed-1/adapter_config.json");
        json(&run)["backbone"]["sha256"].clone()
    };
    assert_ne!(trained_from("multitask"), trained_from("F"));
    assert!(
        rows.iter()
            .all(|row| row["seeds"] == serde_json::json!([1, 2]))
    );
    let page = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(page.contains("| row | seeds | test accuracy |"), "{page}");
    let svg = fs::read_to_string(out.join("rows.svg")).unwrap();
    assert!(svg.contains("F+L"), "{svg}");
    // A randomly initialised adapter is another one with each seed.
    let adapters = ["random/seed-1", "random/seed-2"]
        .map(|run| json(&out.join(run).join("adapter_config.json"))["adapters"].clone());
    assert_eq!(adapters[0][0]["dataset"], "random");
    assert_ne!(adapters[0], adapters[1]);

    // What is finished is not done again, nor taken for a run with other settings.
    let mut other = finetune(dir.path(), &["--rows", "backbone", "--seeds", "1,2"]);
    other.args(["--max-steps", "3", "--out", "runs/all", "--resume"]);
    let message = fail(&mut other);
    assert!(message.contains("(max_steps is 3, was 2)"), "{message}");
    let stderr = succeed(command.arg("--resume")).stderr;
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(stderr.matches("finished already").count(), 10, "{stderr}");
}

#[test]
fn a_grid_has_a_row_for_each_rate_and_warm_up() {
    let dir = prepared();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir.path()).arg("finetune");
    command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    command.args([
        "--data",
        "shards/rc",
        "--threads",
        "1",
        "--precision",
        "fp32",
    ]);
    command.args([
        "--max-length",
        "40",
        "--max-steps",
        "2",
        "--out",
        "runs/grid",
    ]);
    command.args(["--sweep", "learning_rate=1e-3,1e-4"]);
    succeed(command.args(["--sweep", "warmup_steps=0,1"]));
    let table = json(&dir.path().join("runs/grid/rows.json"));
    let rows = table["rows"].as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names[1..3],
        [
            "learning_rate=1e-3 warmup_steps=1",
            "learning_rate=1e-4 warmup_steps=0"
        ]
    );
    assert!(
        table["best"]
            .as_str()
            .unwrap()
            .starts_with("learning_rate=")
    );
    let run = "learning_rate-1e-4,warmup_steps-0/adapter_config.json";
    let run = json(&dir.path().join("runs/grid").join(run));
    assert_eq!(run["config"]["learning_rate"], 1e-4);
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
    let config = json(&dir.path().join("runs/s/adapter_config.json"));
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
        said.contains("202 rows: 200 kept (0 truncated), 1 too long, 1 without a target"),
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
            "shards/rc/adapter_config.json: no adapter",
        ),
        (
            &["--set", "adapters=3"],
            "--set adapters: name them with --adapter",
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

/// Weights of the head that read the hidden state alone are set to zero: all that the backbone is told then
/// comes through the adapter.
#[test]
fn gradients_flow_through_a_frozen_adapter_to_the_backbone() {
    let own = "finetune::gradients_flow_through_a_frozen_adapter_to_the_backbone";
    if !alone(own) {
        return;
    }
    let dir = prepared();
    let data = Dataset::open(&dir.path().join("shards/rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let store = Store::read(&data, Split::Train, &vocabulary, 40, 1).unwrap();
    let config = Config {
        adapters: Some(1),
        precision: Precision::Fp32,
        max_length: 40,
        ..Benchmark::Relation.config(Preset::Paper, Knowing::Factual)
    };
    let net = Backbone::load(&backbone("bert-tiny"), Device::Cpu, Kind::Float).unwrap();
    let path = dir.path().join("runs/rc/adapter_config.json");
    let identity = Identity::parse(&path, &fs::read(&path).unwrap()).unwrap();
    let folder = dir.path().join("runs/rc");
    let knowledge = FrozenAdapter::load(&folder, &identity.backbone, Device::Cpu).unwrap();
    let before = knowledge.checksum().unwrap();
    let knowledge = [Rc::new(knowledge)];
    let configs = slice::from_ref(&config);
    let params = model::params(configs, net.config(), 4, Device::Cpu);
    ktrain::model::trainable::fill(&params, &backbone("bert-tiny")).unwrap();
    {
        let _guard = tch::no_grad_guard();
        let weight = params.get("relation.head.weight").unwrap();
        assert_eq!(weight.size(), [4, 128]); // s, o of the subject, then of the object
        for start in [0, 64] {
            let _ = weight.narrow(1, start, 32).zero_();
        }
        let _ = weight.set_requires_grad(true);
    }
    let pad = vocabulary.pad;
    let net = Rc::new(net);
    let model = Model::<Relation>::new(configs, net.clone(), &params, &knowledge).unwrap();
    let batch = Batch::new(&store, &config, pad, &[0, 1, 2, 3]);
    let states = model.frozen().states(&batch.input);
    let loss = model.loss(&states, &batch).unwrap();
    let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
    let names = params.expected("");
    // Behind the skip connection and in the first layer, which the adapter reads, too.
    for name in [
        "encoder.layer.3.output.dense.weight",
        "encoder.layer.0.output.dense.weight",
    ] {
        let name = format!("backbone.{name}");
        let i = names
            .iter()
            .position(|expected| expected.name == name)
            .unwrap();
        assert!(grads[i].abs().max().double_value(&[]) > 1e-8, "{name}");
    }
    assert!(
        names
            .iter()
            .all(|expected| !expected.name.contains("adapter"))
    );
    assert_eq!(knowledge[0].checksum().unwrap(), before);

    // The same where layers are computed again for the gradient, dropout included.
    let gradient = |gradient_checkpointing: bool, precision: Precision| {
        let config = Config {
            gradient_checkpointing,
            precision,
            ..config.clone()
        };
        let configs = slice::from_ref(&config);
        let model = Model::<Relation>::new(configs, net.clone(), &params, &knowledge).unwrap();
        tch::manual_seed(7);
        let leaves = params.leaves();
        model.gradient(&states, &batch, 0.5, leaves).unwrap()
    };
    let bf16 = Precision::Bf16;
    let ((loss, kept), (loss_again, again)) = (gradient(false, bf16), gradient(true, bf16));
    assert_eq!(loss, loss_again);
    for (kept, again) in kept.iter().zip(&again) {
        // In another order of sums, single elements may differ by some roundings of bf16.
        let difference = (kept - again).norm().double_value(&[]);
        let length = kept.norm().double_value(&[]);
        assert!(difference <= 0.02 * length + 1e-4, "{difference} {length}");
    }
    let fp32 = Precision::Fp32;
    let ((loss, kept), (loss_again, again)) = (gradient(false, fp32), gradient(true, fp32));
    assert_eq!(loss, loss_again);
    for ((kept, again), expected) in kept.iter().zip(&again).zip(&names) {
        let difference = (kept - again).abs().max().double_value(&[]);
        let most = kept.abs().max().double_value(&[]);
        // The key's bias changes nothing that attention computes: its gradient is rounding alone.
        let is_same = difference <= 1e-6 * most + 1e-8;
        assert!(is_same, "{}: {difference}", expected.name);
    }
    assert_ne!(grads[0], kept[0]); // the dropout is there
}

#[test]
fn ctrl_c_writes_a_checkpoint_from_which_the_run_goes_on_to_the_same_bytes() {
    let dir = prepared();
    let command = |out: &str| {
        let mut command = finetune(dir.path(), &["--out", out, "--epochs", "5"]);
        command.args(["--adapter", "runs/rc", "--set", "log_every=1"]);
        command
    };
    succeed(&mut command("runs/whole"));
    let [whole, stopped] = ["whole", "stopped"].map(|name| dir.path().join("runs").join(name));
    let (code, said) = interrupt(command("runs/stopped"), &stopped, 10, "INT");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("SIGINT came: stopped after step "), "{said}");
    succeed(command("runs/stopped").arg("--resume"));
    assert_same_but("adapter.safetensors", &whole, &stopped);
    let heads = [whole, stopped].map(|run| fs::read(run.join("heads.safetensors")).unwrap());
    assert!(heads[0] == heads[1]);
}
