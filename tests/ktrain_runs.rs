//! `--runs`: several runs on one pass through the backbone.

use std::fs;
use std::path::Path;

use ktrain::train::checkpoint_files;
use serde_json::Value;

use crate::{assert_same, cut_off, fail, json, ktrain, lines, shards, succeed};

/// Short runs with dropout.
const SHORT: [&str; 8] = [
    "--only",
    "rc",
    "--max-steps",
    "9",
    "--save-every",
    "4",
    "--set",
    "log_every=2",
];

#[test]
fn each_of_several_runs_is_what_it_would_be_alone() {
    let dir = shards();
    let run = |args: &[&str]| succeed(ktrain(dir.path()).args(SHORT).args(args));
    let path = |name: &str| dir.path().join(name);
    for parts in [
        "gradient_accumulation_steps=1",
        "gradient_accumulation_steps=2",
    ] {
        let fresh = ["--set", parts, "--overwrite"];
        let run = |args: &[&str]| run(&[args, &fresh].concat());
        run(&["--runs", "learning_rate=1e-3,2e-3"]);
        for rate in ["1e-3", "2e-3"] {
            run(&["--lr", rate, "--out", rate]);
            let together = path(&format!("runs/rc-learning_rate/learning_rate-{rate}"));
            assert_same(&path(rate).join("rc"), &together);
        }
    }
    // Other models: they read other hidden states, or have dropout elsewhere.
    let sets = ["--set", "order_seed=7"];
    run(&["--runs", "adapter_layers=1,3"]);
    for layers in ["1", "3"] {
        let set = format!("adapter_layers={layers}");
        run(&["--set", &set, "--out", layers]);
        let together = path(&format!("runs/rc-adapter_layers/adapter_layers-{layers}"));
        assert_same(&path(layers).join("rc"), &together);
    }
    run(&[&["--runs", "seed=1,2"][..], &sets].concat());
    for seed in ["1", "2"] {
        run(&[
            &["--seed", seed, "--out", "seeds"][..],
            &["--overwrite"],
            &sets,
        ]
        .concat());
        let together = path(&format!("runs/rc-seeds/seed-{seed}"));
        assert_same(&path("seeds/rc"), &together);
    }
}

#[test]
fn what_runs_come_to_stands_side_by_side() {
    let dir = shards();
    let runs = ["--runs", "seed=1,2", "--json", "--max-steps", "6"];
    let output = succeed(ktrain(dir.path()).args(["--only", "rc"]).args(runs));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = dir.path().join("runs/rc-seeds");
    assert_eq!(summary["comparisons"][0], json(&all.join("seeds.json")));
    assert!(summary["comparisons"][0]["mean"].is_object());
    let orders = [1, 2].map(|seed| {
        let run = json(&all.join(format!("seed-{seed}/adapter_config.json")));
        run["config"]["order_seed"].clone()
    });
    assert_eq!(orders, [42, 42]);

    let runs = ["--runs", "variant=adapter,backbone", "--max-steps", "6"];
    succeed(ktrain(dir.path()).args(["--only", "rc"]).args(runs));
    let all = dir.path().join("runs/rc-variant");
    let comparison = json(&all.join("variant.json"));
    assert_eq!(comparison["runs"][1]["variant"], "backbone");
    assert_eq!(comparison["mean"], Value::Null);
    assert_eq!(lines(&all.join("metrics.jsonl")).len(), 4);
    let card = fs::read_to_string(all.join("README.md")).unwrap();
    assert!(card.contains(": 2 values of variant\n"), "{card}");
    assert!(card.contains("| variant | validation accuracy |"), "{card}");
}

#[test]
fn runs_that_were_stopped_at_different_steps_wait_for_each_other() {
    let dir = shards();
    let command = |out: &str| {
        let mut command = ktrain(dir.path());
        command.args(SHORT).args(["--out", out]);
        command.args(["--runs", "learning_rate=1e-3,2e-3,3e-3"]);
        command
    };
    for out in ["whole", "cut"] {
        succeed(&mut command(out));
    }
    let run = |out: &str, rate: &str| {
        let name = format!("{out}/rc-learning_rate/learning_rate-{rate}");
        dir.path().join(name)
    };
    // One at step 8, one at the start, and one is finished.
    cut_off(&run("cut", "1e-3"));
    cut_off(&run("cut", "2e-3"));
    let last = |run: &Path| checkpoint_files::last(&run.join("training")).unwrap();
    fs::remove_file(last(&run("cut", "2e-3")).unwrap()).unwrap();
    assert_eq!(last(&run("cut", "2e-3")), None);
    let output = succeed(command("cut").arg("--resume"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    for said in [
        "rc learning_rate=1e-3  ",
        "going on from step 8",
        "rc learning_rate=3e-3  finished already",
    ] {
        assert!(stderr.contains(said), "{stderr}");
    }
    for rate in ["1e-3", "2e-3", "3e-3"] {
        assert_same(&run("whole", rate), &run("cut", rate));
    }
}

#[test]
fn runs_that_cannot_share_a_pass_are_refused() {
    let dir = shards();
    let message = |args: &[&str]| fail(ktrain(dir.path()).args(args));
    assert_eq!(
        message(&["--runs", "max_length=32,40"]),
        "error: --runs max_length: runs on one pass through the backbone cannot differ in this setting, with which \
         their batches, or what is read of them, would differ, too\n"
    );
    for args in [
        &["--runs", "variant=adapter,multitask"][..],
        &[
            "--runs",
            "variant=adapter,backbone",
            "--variant",
            "multitask",
        ],
    ] {
        let message = message(args);
        assert!(
            message.contains("cannot share batches with other variants: train it apart"),
            "{message}"
        );
    }
    assert_eq!(
        message(&["--runs", "seed=1,1"]),
        "error: --runs names 1 twice\n"
    );
    assert_eq!(
        message(&["--runs", "seed"]),
        "error: --runs seed: expected KEY=VALUE,...\n"
    );
    assert!(
        message(&["--preset", "released", "--runs", "variant=adapter,backbone"]).starts_with(
            "error: --runs variant=adapter,backbone: these runs pad their inputs differently"
        )
    );
}

/// The others can go on; the one that diverged says what it read.
#[test]
fn a_run_that_diverges_leaves_the_others_resumable() {
    let dir = shards();
    let command = |runs: &str, out: &str| {
        let mut command = ktrain(dir.path());
        command.args(SHORT).args(["--runs", runs, "--out", out]);
        command
    };
    let message = fail(&mut command("learning_rate=1e-3,1e30", "runs"));
    assert!(
        message.contains("the ids of the records in its batch are in"),
        "{message}"
    );
    let all = dir.path().join("runs/rc-learning_rate");
    let report = json(&all.join("learning_rate-1e30/training/diverged.json"));
    assert!(!report["records"].as_array().unwrap().is_empty());
    assert!(
        !all.join("learning_rate-1e-3/training/diverged.json")
            .exists()
    );
    succeed(command("learning_rate=1e-3", "runs").arg("--resume"));
    succeed(&mut command("learning_rate=1e-3", "alone"));
    let name = "rc-learning_rate/learning_rate-1e-3";
    assert_same(
        &dir.path().join("alone").join(name),
        &dir.path().join("runs").join(name),
    );
}
