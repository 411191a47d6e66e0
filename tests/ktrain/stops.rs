//! Runs that end early: by a signal, by a loss that is no number, over a damaged checkpoint.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, RelationExample, Split};
use ktrain::config::{Config, Task};
use ktrain::console::Console;
use ktrain::data::sampler;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::identity::BackboneIdentity;
use ktrain::files::paths::Paths;
use ktrain::model::backbone::Backbone;
use ktrain::stop::Stop;
use ktrain::train::run::{self, RunSpec};
use ktrain::train::shared::Shared;
use serde_json::{Value, json};
use tch::{Device, Kind};
use tempfile::tempdir;

use crate::datasets::{EASY_RELATIONS, backbone, easy_relation, relation, write};
use crate::util::interrupt;
use crate::{accumulate, assert_same, fail, json, ktrain, lines, shards, succeed};

/// A run of 95 steps with a checkpoint every third.
fn command(dir: &Path, out: &str) -> Command {
    let mut command = ktrain(dir);
    command.args([
        "--out",
        out,
        "--only",
        "rc",
        "--epochs",
        "5",
        "--save-every",
        "3",
    ]);
    command
}

fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(run.join("training")).unwrap();
    let mut found: Vec<PathBuf> = files
        .map(|file| file.unwrap().path())
        .filter(|path| is_checkpoint(path))
        .collect();
    found.sort();
    found
}

fn is_checkpoint(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with("checkpoint-") && name.ends_with(".safetensors")
}

#[test]
fn runs_that_signals_stopped_and_whose_checkpoint_was_damaged_end_with_the_same_bytes() {
    let dir = shards();
    succeed(&mut command(dir.path(), "whole"));
    let (whole, run) = (dir.path().join("whole/rc"), dir.path().join("stopped/rc"));

    let (code, stderr) = interrupt(
        command(dir.path(), "stopped"),
        "/checkpoint-0000000021",
        "TERM",
    );
    assert_eq!(code, Some(143), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(
        last.contains("error: training on ") && last.contains("SIGTERM came: stopped after step "),
        "{stderr}"
    );
    assert!(last.ends_with(" of 95; the same command with --resume goes on from there"));

    let mut resumed = command(dir.path(), "stopped");
    resumed.arg("--resume");
    let (code, stderr) = interrupt(resumed, "/checkpoint-0000000060", "INT");
    assert_eq!(code, Some(130), "{stderr}");

    let found = checkpoints(&run);
    assert_eq!(found.len(), 2, "{found:?}");
    let mut bytes = fs::read(&found[1]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&found[1], bytes).unwrap();
    let message = fail(command(dir.path(), "stopped").arg("--resume"));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        message.contains(&format!("{}: damaged: its SHA-256 is ", name(&found[1])))
            && message.contains(&format!(
                "{}, is whole: --resume --skip-damaged goes on from it",
                name(&found[0])
            )),
        "{message}"
    );
    let output = succeed(command(dir.path(), "stopped").args(["--resume", "--skip-damaged"]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(&format!("{}.damaged", name(&found[1]))),
        "{stderr}"
    );
    assert_same(&whole, &run);

    // A run that was killed after its final test is tested again, and its log is the same.
    fs::remove_file(run.join("config.json")).unwrap();
    succeed(command(dir.path(), "stopped").arg("--resume"));
    assert_same(&whole, &run);
}

/// Most steps fall between two lines of the log. Tests share libtorch's random numbers, so dropout
/// is off, and both runs go on from the same first step.
#[test]
fn a_run_that_is_stopped_after_each_step_is_the_one_that_never_stops() {
    tch::set_num_threads(1); // many tests at once: threads would wait for one another
    let dir = shards();
    let dataset = Dataset::open(&dir.path().join("shards/rc")).unwrap();
    let config = Config {
        learning_rate: 3e-3,
        max_steps: 24,
        log_every: 7,
        eval_every: 10,
        ..accumulate::config(Task::Relation)
    };
    let [stopped, whole] = ["stopped", "whole"].map(|out| {
        let paths = Paths::new(&dir.path().join(out), "rc", config.variant).unwrap();
        paths.prepare(false).unwrap();
        paths
    });
    let [stopped_run, whole_run] = [&stopped, &whole].map(|paths| RunSpec {
        configs: vec![config.clone()],
        paths: paths.clone(),
        name: "rc".to_owned(),
        knowledge: Vec::new(),
    });
    let always = shared(Stop::after(15));
    for step in 1..24 {
        let error = run::run(&[&dataset], slice::from_ref(&stopped_run), &always).unwrap_err();
        let expected = format!(
            "SIGTERM came: stopped after step {step} of 24; the same command with --resume goes on from there"
        );
        assert_eq!(error.to_string(), expected);
        if step == 1 {
            for file in fs::read_dir(stopped.checkpoints()).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), whole.checkpoints().join(file.file_name())).unwrap();
            }
        }
    }
    run::run(&[&dataset], slice::from_ref(&stopped_run), &always).unwrap();
    run::run(&[&dataset], &[whole_run], &shared(Stop::default())).unwrap();
    assert_same(&whole.dir, &stopped.dir);
    let metrics = lines(&whole.training("metrics.jsonl"));
    let logged = metrics.iter().filter(|line| line["kind"] == "train");
    let steps: Vec<&Value> = logged.map(|line| &line["step"]).collect();
    assert_eq!(steps, [7, 14, 24]); // no line at a validation, and none of the last three steps alone
}

/// The backbone `bert-tiny` for runs in this process.
fn shared(stop: Stop) -> Shared {
    let dir = backbone("bert-tiny");
    let net = Backbone::load(&dir, Device::Cpu, Kind::Float).unwrap();
    Shared {
        identity: BackboneIdentity::new(&dir, net.config(), &BTreeMap::new()).unwrap(),
        backbone: Rc::new(net),
        vocabulary: Vocabulary::load(&dir).unwrap(),
        device: Device::Cpu,
        dir: dir.clone(),
        start: None,
        cache: None,
        threads: 1,
        console: Console { quiet: true },
        stop,
    }
}

#[test]
fn a_signal_after_the_last_step_of_a_run_begins_no_other() {
    let dir = tempdir().unwrap();
    let rows = |range: Range<usize>| range.map(easy_relation).collect();
    let splits = [rows(0..64), rows(64..96), rows(100..132)];
    write(&dir.path().join("shards/rc"), &EASY_RELATIONS, splits);
    let command = |seeds: &str| {
        let mut command = ktrain(dir.path());
        command.args(["--max-steps", "2", "--seeds", seeds]);
        command
    };
    let seeds = dir.path().join("runs/rc-seeds");
    let (code, stderr) = interrupt(command("1,2"), "seed-1/config.json", "TERM");
    assert!(
        stderr.ends_with(
            "error: SIGTERM came: stopped with 1 of 2 runs finished; the same command with --resume goes on with the \
             next\n"
        ),
        "{stderr}"
    );
    assert_eq!(code, Some(143));
    assert!(seeds.join("seed-1/config.json").is_file());
    assert!(!seeds.join("seed-2").exists());
    succeed(command("1,2").arg("--resume"));
    assert!(seeds.join("rows.json").is_file());

    // Where no other comes, nothing is left to stop.
    let (code, stderr) = interrupt(command("3"), "seed-3/config.json", "INT");
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_and_names_its_records() {
    let dir = tempdir().unwrap();
    let rows = |range: Range<usize>| range.map(easy_relation).collect();
    // With its object out of reach, so that no example has the number of its row.
    let long = relation(&"gold ".repeat(60), (1, 1), (58, 58), 0);
    let train = [vec![long], rows(0..600)].concat();
    let splits = [train, rows(600..700), Vec::new()];
    write(&dir.path().join("shards/rc"), &EASY_RELATIONS, splits);
    let message = fail(command(dir.path(), "runs").args(["--lr", "1e30", "--save-every", "0"]));
    let run = dir.path().join("runs/rc");
    assert!(
        message.contains(
            " of step 2 is NaN: the ids of the records in its batch are in runs/rc/training/diverged.json, \
             the last good state is kept as runs/rc/training/checkpoint-0000000000.safetensors; "
        ),
        "{message}"
    );
    let report = json(&run.join("training/diverged.json"));
    assert_eq!(
        (&report["step"], &report["value"]),
        (&2.into(), &"NaN".into())
    );
    assert_eq!(report["checkpoint"], "checkpoint-0000000000.safetensors");
    assert_eq!(checkpoints(&run).len(), 1);

    let dataset = Dataset::open(&dir.path().join("shards/rc")).unwrap();
    let rows = dataset.rows::<RelationExample>(Split::Train).unwrap();
    let ids: Vec<String> = rows.map(|row| row.unwrap().id).collect();
    let identity = json(&run.join("training/config.json"));
    let config: Config = serde_json::from_value(identity["config"].clone()).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let store = Store::<RelationExample>::read(&dataset, Split::Train, &vocabulary, 40, 1).unwrap();
    assert_eq!((store.len(), store.counts.too_long), (600, 1));
    let read = sampler::of_step(&store, &config, 1);
    let records: Vec<&String> = read.iter().map(|&example| &ids[example + 1]).collect();
    assert_eq!(records.len(), 32);
    assert_eq!(report["records"], json!(records));

    // Nothing of the bad steps is in the log, and the run can be looked into from its checkpoint.
    let metrics = lines(&run.join("training/metrics.jsonl"));
    assert!(metrics.iter().all(|line| line["kind"] == "data"));
    let again =
        fail(command(dir.path(), "runs").args(["--lr", "1e30", "--save-every", "0", "--resume"]));
    assert!(again.contains(" of step 2 is NaN"), "{again}");
}
