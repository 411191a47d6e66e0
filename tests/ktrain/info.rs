//! `ktrain info`: what a path holds.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::datasets::{backbone, easy_relations};
use crate::util::{fail, ktrain, misused, succeed};

fn info(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    let output = succeed(command.arg("info").args(args));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn info_json(path: &Path) -> Value {
    serde_json::from_str(&info(&[path.to_str().unwrap(), "--json"])).unwrap()
}

#[test]
fn info_counts_the_paper_s_and_the_released_adapter() {
    assert_eq!(
        info(&[]),
        "what                 adapter settings\n\
         preset                        paper\n\
         backbone width                1,024\n\
         backbone layers                  24\n\
         reads hidden states       1, 12, 24\n\
         transformer layers       42,527,232\n\
         adapter                  49,610,496\n\
         relations                       430\n\
         relation head             1,761,710\n\
         parser head                 262,272\n"
    );
    let released: Value = serde_json::from_str(&info(&["--preset", "released", "--json"])).unwrap();
    assert_eq!(released["reads_hidden_states"], json!([0, 11, 22]));
    assert_eq!(released["transformer_layers"], 42_527_232);
    assert_eq!(released["adapter"], 47_251_200);
    assert_eq!(released["parser_head"], 7_413_824);
    let shorter = info(&["--set", "max_length=40", "--json"]);
    let shorter: Value = serde_json::from_str(&shorter).unwrap();
    assert_eq!(shorter["parser_head"], 2048 * 40 + 40);
}

#[test]
fn info_tells_a_backbone_from_an_adapter() {
    let bert = info_json(&backbone("bert-tiny"));
    assert_eq!(bert["what"], "backbone");
    assert_eq!(bert["longest_input"], 80);
    // As `sum(p.numel() for p in BertModel(config).parameters())`, less the pooler's 32 * 32 + 32.
    assert_eq!(bert["parameters"], 41_984);
    assert_eq!(bert["with_adapter"]["backbone_layers"], 4);
    let adapter = info_json(&backbone("adapter/adapter.safetensors"));
    assert_eq!(adapter["what"], "weights");
    assert_eq!(adapter["adapter"], adapter["parameters"]);
}

#[test]
fn info_describes_a_dataset_and_a_table_of_runs() {
    let dir = tempfile::tempdir().unwrap();
    let rc = dir.path().join("shards/rc");
    easy_relations(&rc);
    assert_eq!(
        info(&[rc.to_str().unwrap()]),
        "what                        dataset\n\
         name                             rc\n\
         record               RelationExample\n\
         task                       relation\n\
         classes                           4\n\
         \n\
         train                           600\n\
         validation                      100\n\
         test                            100\n"
    );
    succeed(ktrain(dir.path()).args(["--max-steps", "1", "--sweep", "learning_rate=1e-3,2e-3"]));
    let runs = dir.path().join("runs/rc-learning_rate");
    let facts = info_json(&runs);
    let rows = ["learning_rate=1e-3", "learning_rate=2e-3"];
    assert_eq!(facts["what"], "table of runs");
    assert_eq!(facts["rows"], json!(rows));
    assert_eq!(
        (&facts["dataset"], &facts["runs"]),
        (&json!("rc"), &json!(2))
    );
    assert!(rows.iter().any(|row| facts["best"] == *row), "{facts}");
    assert_eq!(facts["table"], json!(runs.join("README.md")));
    // Each run has its scores.
    let run = info_json(&runs.join("learning_rate-1e-3"));
    let share = |name: &str| run[name].as_f64().unwrap();
    assert_eq!(run["what"], "trained adapter");
    assert!((0.0..=1.0).contains(&share("test_accuracy")), "{run}");
    assert!(share("validation_baseline") > 0.0, "{run}");
    // The folders of several are no adapter, but name those that are.
    let said = message(dir.path(), "runs");
    assert!(
        said.ends_with("; in it there are rc-learning_rate\n"),
        "{said}"
    );
}

#[test]
fn info_says_what_a_path_lacks() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        message(dir.path(), "runs/rc"),
        "error: runs/rc: no such file or folder\n"
    );
    fs::create_dir(dir.path().join("empty")).unwrap();
    assert_eq!(
        message(dir.path(), "empty"),
        "error: empty holds no adapter and no backbone (config.json and weights), no dataset (manifest.json) and no \
         table of runs (rows.json)\n"
    );
    fs::create_dir_all(dir.path().join("cut/training")).unwrap();
    assert_eq!(
        message(dir.path(), "cut"),
        "error: cut: an unfinished run: the command that started it continues it with --resume\n"
    );
    let mut wrong = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    assert_eq!(
        misused(wrong.args(["info", "--set", "x"])),
        "error: --set x: expected KEY=VALUE\n"
    );
}

/// Why a path in a folder is not described.
fn message(dir: &Path, path: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    fail(command.current_dir(dir).args(["info", path]))
}
