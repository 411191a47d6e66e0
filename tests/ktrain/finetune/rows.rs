//! Several runs: `--rows`, `--seeds` and `--sweep`, and their table.

use std::fs;
use std::process::Command;

use ktrain::files::weights;
use serde_json::Value;

use super::{finetune, prepared};
use crate::datasets::backbone;
use crate::util::{fail, json, ktrain, succeed, table_on_stdout};

#[test]
fn rows_over_seeds_are_one_table() {
    let dir = prepared();
    succeed(ktrain(dir.path()).args(["--variant", "multitask", "--max-steps", "2"]));
    let adapters = ["--adapter", "F=runs/rc", "--adapter", "L=runs/deps"];
    let mut command = finetune(dir.path(), &adapters);
    command.args([
        "--rows",
        "backbone,multitask,random,F,F+L",
        "--seeds",
        "1,2",
    ]);
    command.args(["--multitask", "runs/rc+deps-multitask", "--max-steps", "2"]);
    command.args(["--out", "runs/all", "--json"]);
    let output = succeed(&mut command);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let out = dir.path().join("runs/all");
    let table = json(&out.join("rows.json"));
    assert_eq!(summary["tables"][0], table);
    let rows = table["rows"].as_array().unwrap();
    let names: Vec<&Value> = rows.iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["backbone", "multitask", "random", "F", "F+L"]);
    let trained_from = |row: &str| {
        let run = out.join(row).join("seed-1/config.json");
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
        .map(|run| json(&out.join(run).join("config.json"))["adapters"].clone());
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
    let output = succeed(command.args(["--sweep", "warmup_steps=0,1"]));
    let page = fs::read_to_string(dir.path().join("runs/grid/README.md")).unwrap();
    assert!(page.contains(&table_on_stdout(&output)), "{page}");
    let table = json(&dir.path().join("runs/grid/rows.json"));
    let rows = table["rows"].as_array().unwrap();
    let names: Vec<&Value> = rows.iter().map(|row| &row["name"]).collect();
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
    let run = "learning_rate-1e-4,warmup_steps-0/config.json";
    let run = json(&dir.path().join("runs/grid").join(run));
    assert_eq!(run["config"]["learning_rate"], 1e-4);
}

/// Without --adapter, nothing else says what shape a randomly initialised one has.
#[test]
fn settings_shape_a_random_adapter_where_no_other_is_named() {
    let dir = prepared();
    let mut command = finetune(dir.path(), &["--rows", "random", "--max-steps", "1"]);
    command.args(["--set", "adapter_hidden_size=24", "--out", "runs/r"]);
    succeed(&mut command);
    let adapter = "runs/r/random/adapters/0/adapter.safetensors";
    let (tensors, _) = weights::read(&dir.path().join(adapter)).unwrap();
    let first = &tensors["adapter.0.down_project.bias"];
    assert_eq!(first.size(), [24]);
}
