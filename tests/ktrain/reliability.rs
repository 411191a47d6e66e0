//! ktrain's outputs under kills, flipped bits and a second writer. `make test-kill` takes every call.

mod flips;
mod races;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scenario::{Scenario, kills};

use crate::datasets::{backbone, easy_heads, easy_relation, write};
use crate::finetune::finetune;
use crate::{ktrain, once, probe, succeed};

/// How many calls of each command are drawn: few, for each costs two starts of libtorch.
const KILLS: usize = 3;

/// Relations and dependencies, few: a run of some steps reads them all.
fn shards(dir: &Path) {
    let rows = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    let splits = [rows(0..96), rows(600..632), rows(700..732)];
    write(
        &dir.join("shards/rc"),
        &crate::datasets::EASY_RELATIONS,
        splits,
    );
    easy_heads(&dir.join("shards/deps"));
}

/// A run with a checkpoint every second step.
fn run(dir: &Path, args: &[&str]) -> Command {
    let mut command = ktrain(dir);
    command.args(["--max-steps", "5", "--save-every", "2", "--quiet"]);
    command.args(["--set", "log_every=1"]).args(args);
    once(command)
}

fn run_relations(dir: &Path, args: &[&str]) -> Command {
    let mut command = run(dir, &["--only", "rc"]);
    command.args(args);
    command
}

/// Goes on with what was cut off; what counts as whole is replaced.
fn again(dir: &Path, out: &str) -> &'static str {
    if is_finished(&dir.join(out)) {
        "--overwrite"
    } else {
        "--resume"
    }
}

fn is_finished(run: &Path) -> bool {
    run.join("config.json").is_file()
}

/// A command whose `run` and `again` train below `runs`.
fn scenario(
    name: &'static str,
    out: &'static str,
    run: fn(&Path) -> Command,
    again: fn(&Path) -> Command,
) -> Scenario {
    Scenario {
        name,
        before: shards,
        run,
        again,
        out,
        counts_as_whole: is_finished,
        // Its speeds.
        differs: |path| path.ends_with("metrics.jsonl"),
        keeps_old: false,
        on_the_way: |path| path.components().any(|part| part.as_os_str() == "training"),
    }
}

#[test]
fn pretrain() {
    scenario(
        "pretrain",
        "runs/rc",
        |dir| run_relations(dir, &[]),
        |dir| run_relations(dir, &[again(dir, "runs/rc")]),
    )
    .check(kills(KILLS));
}

#[test]
fn pretrain_overwrite() {
    let replacing = scenario(
        "pretrain --overwrite",
        "runs/rc",
        |dir| run_relations(dir, &["--overwrite"]),
        |dir| run_relations(dir, &[again(dir, "runs/rc")]),
    );
    Scenario {
        before: |dir| {
            shards(dir);
            succeed(&mut run_relations(dir, &["--seed", "9"]));
        },
        ..replacing
    }
    .check(kills(KILLS));
}

#[test]
fn pretrain_from_a_cache() {
    scenario(
        "train --cache",
        "runs/rc",
        |dir| run_relations(dir, &["--cache", "cache"]),
        |dir| run_relations(dir, &["--cache", "cache", again(dir, "runs/rc")]),
    )
    .check(kills(KILLS));
}

#[test]
fn several_runs() {
    fn run(dir: &Path, more: &[&str]) -> Command {
        run_relations(
            dir,
            &[&["--sweep", "seed=1,2", "--set", "order_seed=7"], more].concat(),
        )
    }
    let runs = scenario(
        "train --sweep",
        "runs/rc-seeds",
        |dir| run(dir, &[]),
        |dir| {
            let all = are_finished(&dir.join("runs/rc-seeds"));
            run(dir, &[if all { "--overwrite" } else { "--resume" }])
        },
    );
    Scenario {
        counts_as_whole: are_finished,
        ..runs
    }
    .check(kills(KILLS));
}

fn are_finished(runs: &Path) -> bool {
    ["seed-1", "seed-2"]
        .iter()
        .all(|seed| is_finished(&runs.join(seed)))
}

#[test]
fn multitask() {
    const OUT: &str = "runs/rc+deps-multitask";
    fn multitask(dir: &Path, more: &[&str]) -> Command {
        let mut command = run(dir, &["--variant", "multitask", "--lr", "1e-3"]);
        command
            .args(["--set", "parser_loss=cross_entropy"])
            .args(more);
        command
    }
    scenario(
        "multitask",
        OUT,
        |dir| multitask(dir, &[]),
        |dir| multitask(dir, &[again(dir, OUT)]),
    )
    .check(kills(KILLS));
}

#[test]
fn finetune_rows() {
    fn rows(dir: &Path, more: &[&str]) -> Command {
        let mut command = finetune(dir, &["--adapter", "F=runs/rc", "--rows", "backbone,F"]);
        command.args(["--seeds", "1", "--max-steps", "3", "--save-every", "2"]);
        command.args(["--out", "out", "--quiet"]).args(more);
        once(command)
    }
    let comparison = scenario(
        "finetune --rows",
        "out",
        |dir| rows(dir, &[]),
        |dir| rows(dir, &["--resume"]),
    );
    Scenario {
        before: |dir| {
            shards(dir);
            succeed(&mut run_relations(dir, &[]));
        },
        // Its picture comes last.
        counts_as_whole: |out| out.join("rows.json").is_file(),
        ..comparison
    }
    .check(kills(KILLS));
}

#[test]
fn probe() {
    fn asked(dir: &Path, more: &[&str]) -> Command {
        let args = [
            "--vocabulary",
            "words.txt",
            "--text",
            "text.txt",
            "--out",
            "out",
        ];
        let steps = ["--epochs", "2", "--batch-size", "16", "--save-every", "2"];
        let bert = backbone("bert-tiny");
        let args = [&args[..], &steps, more].concat();
        once(probe::probe(dir, &bert, &args))
    }
    let probe = scenario(
        "probe",
        "out",
        |dir| asked(dir, &[]),
        |dir| {
            let whole = dir.join("out/probe.json").is_file();
            asked(dir, &[if whole { "--overwrite" } else { "--resume" }])
        },
    );
    Scenario {
        before: |dir| {
            probe::facts(dir);
            let line = "the capital of france is paris and the river is long\n";
            fs::write(dir.join("text.txt"), line.repeat(60)).unwrap();
        },
        counts_as_whole: |out| out.join("probe.json").is_file(),
        on_the_way: |path| path.starts_with("probe-training"),
        ..probe
    }
    .check(kills(KILLS));
}

/// `ktrain encode` into `f.safetensors`, by the adapter `runs/rc` where there is one.
fn encode(dir: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir)
        .arg("encode")
        .args(["--threads", "1"]);
    command.args(["--out", "f.safetensors", "--input"]);
    command.arg(backbone("features.txt")).args(more);
    if !more.contains(&"--backbone") {
        command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    }
    once(command)
}

#[test]
fn encoded() {
    let features = scenario(
        "encode",
        "f.safetensors",
        |dir| encode(dir, &[]),
        |dir| encode(dir, &[]),
    );
    Scenario {
        before: |_| {},
        counts_as_whole: Path::is_file,
        keeps_old: true,
        ..features
    }
    .check(kills(KILLS));
}
