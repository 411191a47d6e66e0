//! Runs that end early: by a signal, by a loss that is no number, over a damaged checkpoint.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kprep_schemas::{Dataset, RelationExample, Split};
use serde_json::Value;

use crate::{fail, json, ktrain, lines, shards, succeed};

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

/// Starts a run, and sends it a signal once it has logged `step`. Gives exit code and standard
/// error.
fn interrupt(mut command: Command, run: &Path, step: u64, signal: &str) -> (Option<i32>, String) {
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let metrics = run.join("training/metrics.jsonl");
    let reached = format!("\"step\":{step},");
    while !fs::read_to_string(&metrics).is_ok_and(|text| text.contains(&reached)) {
        std::thread::yield_now();
    }
    let kill = format!("kill -{signal} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
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

/// All that a run leaves but speeds, which differ each time.
fn assert_same(a: &Path, b: &Path) {
    let files = [
        "adapter.safetensors",
        "adapter_config.json",
        "README.md",
        "training/curve.svg",
        "training/events.out.tfevents.ktrain",
    ];
    for file in files {
        let (a, b) = (fs::read(a.join(file)), fs::read(b.join(file)));
        assert!(a.unwrap() == b.unwrap(), "{file}");
    }
}

#[test]
fn runs_that_signals_stopped_and_whose_checkpoint_was_damaged_end_with_the_same_bytes() {
    let dir = shards();
    succeed(&mut command(dir.path(), "whole"));
    let (whole, run) = (dir.path().join("whole/rc"), dir.path().join("stopped/rc"));

    // Between two checkpoints and two lines of the log, as likely as not.
    let (code, stderr) = interrupt(command(dir.path(), "stopped"), &run, 21, "TERM");
    assert_eq!(code, Some(143), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(
        last.contains("error: training on ") && last.contains("SIGTERM came: stopped after step "),
        "{stderr}"
    );
    assert!(last.ends_with(" of 95; the same command with --resume goes on from there"));

    let mut resumed = command(dir.path(), "stopped");
    resumed.arg("--resume");
    let (code, stderr) = interrupt(resumed, &run, 60, "INT");
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
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_and_names_its_records() {
    let dir = shards();
    let message = fail(command(dir.path(), "runs").args(["--lr", "1e30", "--save-every", "0"]));
    let run = dir.path().join("runs/rc");
    assert!(
        message.contains(
            " of step 2 is NaN: the ids of the records in its batch are in runs/rc/training/diverged.json, \
             the state after step 0 is kept as a checkpoint"
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
    let known: Vec<Value> = rows.map(|row| row.unwrap().id.into()).collect();
    let mut records = report["records"].as_array().unwrap().clone();
    assert!(records.iter().all(|id| known.contains(id)));
    records.sort_by_key(ToString::to_string);
    records.dedup();
    assert_eq!(records.len(), 32);

    // Nothing of the bad steps is in the log, and the run can be looked into from its checkpoint.
    let metrics = lines(&run.join("training/metrics.jsonl"));
    assert!(metrics.iter().all(|line| line["kind"] == "data"));
    let again =
        fail(command(dir.path(), "runs").args(["--lr", "1e30", "--save-every", "0", "--resume"]));
    assert!(again.contains(" of step 2 is NaN"), "{again}");
}
