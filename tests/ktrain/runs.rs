//! `--sweep`: several runs, on one pass through the backbone where they read the same batches.

use std::fs;
use std::path::Path;

use ktrain::train::checkpoint_files;
use serde_json::Value;

use crate::{assert_same, cut_off, fail, json, ktrain, lines, misused, shards, succeed};

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
        run(&["--sweep", "learning_rate=1e-3,2e-3"]);
        for rate in ["1e-3", "2e-3"] {
            run(&["--lr", rate, "--out", rate]);
            let together = path(&format!("runs/rc-learning_rate/learning_rate-{rate}"));
            assert_same(&path(rate).join("rc"), &together);
        }
    }
    // Other models: they read other hidden states, or have dropout elsewhere.
    let sets = ["--set", "order_seed=7"];
    run(&["--sweep", "adapter_layers=1,3"]);
    for layers in ["1", "3"] {
        let set = format!("adapter_layers={layers}");
        run(&["--set", &set, "--out", layers]);
        let together = path(&format!("runs/rc-adapter_layers/adapter_layers-{layers}"));
        assert_same(&path(layers).join("rc"), &together);
    }
    run(&[&["--sweep", "seed=1,2"][..], &sets].concat());
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
    // Every combination, each with its seeds; seeds are trained on one pass, values of max_length are not.
    let grid = ["--sweep", "max_length=32,40", "--sweep", "warmup_steps=0,2"];
    run(&[&grid[..], &["--seeds", "1,2"], &sets].concat());
    let all = path("runs/rc-max_length-warmup_steps");
    for (length, warm_up, seed) in [("32", "2", "1"), ("40", "0", "2"), ("40", "2", "2")] {
        let alone = [
            "--max-length",
            length,
            "--warmup-steps",
            warm_up,
            "--seed",
            seed,
        ];
        run(&[&alone[..], &["--out", "grid", "--overwrite"], &sets].concat());
        let together = format!("max_length-{length},warmup_steps-{warm_up}/seed-{seed}");
        assert_same(&path("grid/rc"), &all.join(together));
    }
    let table = json(&all.join("rows.json"));
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1]["name"], "max_length=32 warmup_steps=2");
    assert_eq!(rows[1]["seeds"], serde_json::json!([1, 2]));
}

#[test]
fn the_results_of_a_sweep_are_one_table() {
    let dir = shards();
    let fixed = ["--set", "order_seed=42"];
    let runs = ["--sweep", "seed=1,2", "--json", "--max-steps", "6"];
    let output = succeed(
        ktrain(dir.path())
            .args(["--only", "rc"])
            .args(runs)
            .args(fixed),
    );
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = dir.path().join("runs/rc-seeds");
    let table = &summary["tables"][0];
    assert_eq!(*table, json(&all.join("rows.json")));
    assert!(table["rows"][0]["test"]["accuracy"]["standard_deviation"].is_number());
    let orders = [1, 2].map(|seed| {
        let run = json(&all.join(format!("seed-{seed}/config.json")));
        run["config"]["order_seed"].clone()
    });
    assert_eq!(orders, [42, 42]);

    let runs = ["--sweep", "variant=adapter,backbone", "--max-steps", "6"];
    succeed(ktrain(dir.path()).args(["--only", "rc"]).args(runs));
    let all = dir.path().join("runs/rc-variant");
    let table = json(&all.join("rows.json"));
    assert_eq!(table["rows"][1]["settings"]["variant"], "backbone");
    assert_eq!(
        table["rows"][1]["test"]["accuracy"]["standard_deviation"],
        Value::Null
    );
    assert!(table["best"].as_str().unwrap().starts_with("variant="));
    assert_eq!(lines(&all.join("metrics.jsonl")).len(), 4);
    let card = fs::read_to_string(all.join("README.md")).unwrap();
    assert!(
        card.contains("# rc: 2 runs that differ in variant\n"),
        "{card}"
    );
    assert!(card.contains("| variant | test accuracy |"), "{card}");
    assert!(card.contains("\n(majority) has "), "{card}");
    let svg = fs::read_to_string(all.join("rows.svg")).unwrap();
    assert!(svg.contains("variant=backbone"), "{svg}");
}

#[test]
fn runs_that_were_stopped_at_different_steps_wait_for_each_other() {
    let dir = shards();
    let command = |out: &str| {
        let mut command = ktrain(dir.path());
        command.args(SHORT).args(["--out", out]);
        command.args(["--sweep", "learning_rate=1e-3,2e-3,3e-3"]);
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
fn sweeps_that_cannot_be_are_refused() {
    let dir = shards();
    let message = |args: &[&str]| misused(ktrain(dir.path()).args(args));
    for args in [
        &["--sweep", "variant=adapter,multitask"][..],
        &[
            "--sweep",
            "variant=adapter,backbone",
            "--variant",
            "multitask",
        ],
    ] {
        let message = message(args);
        assert!(
            message.contains("which other variants do not read: train it apart"),
            "{message}"
        );
    }
    assert_eq!(
        message(&["--sweep", "seed=1,1"]),
        "error: --sweep names 1 twice\n"
    );
    assert_eq!(
        message(&["--sweep", "seed"]),
        "error: --sweep seed: expected KEY=VALUE,...\n"
    );
    assert_eq!(
        message(&["--sweep", "seed=1,2", "--seeds", "3"]),
        "error: --sweep names seed twice\n"
    );
    assert_eq!(
        message(&["--sweep", "precision=fp32,bf16"]),
        "error: --sweep precision: name it with --precision\n"
    );
    assert!(
        message(&["--sweep", "width=1,2"]).starts_with("error: --sweep width: no such setting; ")
    );
    let message = message(&["--sweep", "variant=adapter,finetune"]);
    assert!(
        message.contains("is what ktrain finetune does"),
        "{message}"
    );
}

/// They pad their inputs to other lengths, or do not pad them.
#[test]
fn runs_that_cannot_share_a_pass_are_trained_one_after_the_other() {
    let dir = shards();
    let released = [&SHORT[..], &["--preset", "released"]].concat();
    let run = |args: &[&str]| succeed(ktrain(dir.path()).args(&released).args(args));
    run(&["--sweep", "variant=adapter,backbone"]);
    run(&["--out", "alone"]);
    run(&["--out", "alone", "--variant", "backbone"]);
    for (variant, name) in [("adapter", "rc"), ("backbone", "rc-backbone")] {
        let swept = format!("runs/rc-variant/variant-{variant}");
        assert_same(
            &dir.path().join("alone").join(name),
            &dir.path().join(swept),
        );
    }
}

/// The others can go on; the one that diverged says what it read.
#[test]
fn a_run_that_diverges_leaves_the_others_resumable() {
    let dir = shards();
    let command = |runs: &str, out: &str| {
        let mut command = ktrain(dir.path());
        command.args(SHORT).args(["--sweep", runs, "--out", out]);
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
