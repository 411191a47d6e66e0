//! `--seeds`: several runs, with mean and standard deviation.

use std::fs;

use serde_json::Value;

use crate::{fail, json, ktrain, lines, misused, shards, succeed, table_on_stdout};

/// A row has mean and standard deviation of two runs.
fn assert_figures(row: &Value, summary: &Value) {
    let share = |value: &Value| value.as_f64().unwrap();
    for split in ["validation", "test"] {
        for score in ["accuracy", "macro_f1"] {
            let [a, b] = [0, 1].map(|i| share(&row["runs"][i][split][score]));
            assert_eq!(a, share(&summary["runs"][0][split][score]));
            let mean = share(&row[split][score]["mean"]);
            let deviation = share(&row[split][score]["standard_deviation"]);
            assert!((mean - f64::midpoint(a, b)).abs() < 1e-12);
            assert!((deviation - (a - b).abs() / 2.0_f64.sqrt()).abs() < 1e-12);
        }
    }
}

#[test]
fn seeds_give_one_run_each_with_mean_and_standard_deviation() {
    let dir = shards();
    let small = ["--only", "rc", "--epochs", "2"];
    let command = |args: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args(small).args(args);
        command
    };
    let output = succeed(&mut command(&["--seeds", "1,2", "--json"]));
    let all = dir.path().join("runs/rc-seeds");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["tables"][0], json(&all.join("rows.json")));
    let seeds = &summary["tables"][0]["rows"][0];
    assert_figures(seeds, &summary);
    assert_eq!(lines(&all.join("metrics.jsonl")).len(), 8);
    let card = fs::read_to_string(all.join("README.md")).unwrap();
    assert!(card.contains("| seeds | 1, 2 |"), "{card}");
    assert!(
        card.contains(
            "| settings | preset paper, `precision=fp32`, `max_length=40`, `batch_size=32`, "
        ),
        "{card}"
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    let table = &card[card.find("| seeds |").unwrap()..card.find("\n\n![bars]").unwrap()];
    assert!(stderr.contains(table), "{stderr}");

    // Each is the run that it would be alone.
    succeed(&mut command(&["--seed", "2"]));
    let alone = fs::read(dir.path().join("runs/rc/adapter.safetensors")).unwrap();
    assert!(alone == fs::read(all.join("seed-2/adapter.safetensors")).unwrap());
    // Finished runs count when a third joins them.
    let output = succeed(&mut command(&["--seeds", "1,2,3", "--resume"]));
    let card = fs::read_to_string(all.join("README.md")).unwrap();
    let table = table_on_stdout(&output);
    assert!(
        card.contains(table.strip_prefix("rc\n\n").unwrap()),
        "{card}"
    );
    let three = json(&all.join("rows.json"));
    assert_eq!(three["rows"][0]["runs"][1], seeds["runs"][1]);
    assert_eq!(three["rows"][0]["runs"].as_array().unwrap().len(), 3);
    assert_eq!(
        misused(&mut command(&["--seeds", "4,4"])),
        "error: --seeds names 4 twice\n"
    );

    // A finished run counts as it is, but never beside others than its like.
    let message = fail(&mut command(&[
        "--seeds", "1,4", "--resume", "--lr", "1e-3",
    ]));
    assert!(
        message.ends_with(
            "error: runs/rc-seeds/seed-1 holds a finished run with other settings (learning_rate is 0.001, was 0.003): \
             give the same ones, choose another --out, or replace it with --overwrite\n"
        ),
        "{message}"
    );
    assert_eq!(json(&all.join("rows.json")), three);
}
