//! What most tests use: the command with small settings, its outcome, and what two runs have left.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ktrain::train::checkpoint_files;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::datasets::{backbone, easy_heads, easy_relations};
use crate::shim;

/// `ktrain --shards shards --out runs` in `dir`, with settings small enough for a test.
pub(crate) fn ktrain(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir)
        .env_remove("KTRAIN_BACKBONE")
        .env("HOME", dir)
        .env_remove("XDG_CACHE_HOME");
    command
        .args(["--shards", "shards", "--out", "runs", "--backbone"])
        .arg(backbone("bert-tiny"));
    let small = [
        "adapter_hidden_size=32",
        "adapter_attention_heads=4",
        "adapter_ffn_size=64",
        "adapter_init_std=0.02",
    ];
    command.args(["--preset", "paper"]);
    command.args(small.iter().flat_map(|set| ["--set", set]));
    command.args([
        "--batch-size",
        "32",
        "--lr",
        "3e-3",
        "--max-length",
        "40",
        "--precision",
        "fp32",
        "--threads",
        "1",
    ]);
    command
}

pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Standard error of a command that must fail with exit code 1.
pub(crate) fn fail(command: &mut Command) -> String {
    fail_with(1, command)
}

/// Standard error of a command that is used wrongly, which must fail with exit code 2.
pub(crate) fn misused(command: &mut Command) -> String {
    fail_with(2, command)
}

fn fail_with(code: i32, command: &mut Command) -> String {
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

/// The table of several runs, which is all that a command has on standard output; messages are not there.
pub(crate) fn table_on_stdout(output: &Output) -> String {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let table = stdout.trim_end().to_owned();
    assert!(stdout.contains("|---|"), "{stdout}");
    assert!(!stderr.contains("|---|"), "{stderr}");
    table
}

pub(crate) fn shards() -> TempDir {
    let dir = tempdir().unwrap();
    easy_relations(&dir.path().join("shards/rc"));
    easy_heads(&dir.path().join("shards/more/deps"));
    dir
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// With what ktrain would start itself again to set: then its calls are those of one process.
pub(crate) fn once(mut command: Command) -> Command {
    command.env("OMP_WAIT_POLICY", "passive");
    command.env("MALLOC_CONF", "thp:never");
    command
}

/// Runs a command until it stands before a call that has this text, sends it a signal and lets it go on. Gives exit
/// code and standard error.
pub(crate) fn interrupt(command: Command, call: &str, signal: &str) -> (Option<i32>, String) {
    let stopped = shim::stopped_at(&mut once(command), call);
    stopped.signal(signal);
    let output = stopped.go_on();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), stderr)
}

/// Leaves of a finished run what one has left that was killed after its last checkpoint but one.
pub(crate) fn cut_off(run: &Path) {
    fs::remove_file(run.join("config.json")).unwrap();
    for file in ["adapter.safetensors", "README.md"] {
        let _ = fs::remove_file(run.join(file)); // not every run has both
    }
    let last = checkpoint_files::last(&run.join("training")).unwrap();
    fs::remove_file(last.unwrap()).unwrap();
}

/// Two runs have left the same: every file for good, the last checkpoint, and all that was logged
/// but speeds, which differ each time.
pub(crate) fn assert_same(a: &Path, b: &Path) {
    assert_same_but("", a, b);
}

/// The same but for a file that they do not have.
pub(crate) fn assert_same_but(without: &str, a: &Path, b: &Path) {
    let [last, other] = [a, b].map(|run| {
        let last = checkpoint_files::last(&run.join("training")).unwrap();
        last.unwrap().strip_prefix(run).unwrap().to_owned()
    });
    assert_eq!(last, other);
    for file in [
        Path::new("adapter.safetensors"),
        Path::new("config.json"),
        Path::new("README.md"),
        Path::new("training/best.safetensors"),
        Path::new("training/curve.svg"),
        Path::new("training/events.out.tfevents.ktrain"),
        &last,
    ] {
        if file == Path::new(without) {
            continue;
        }
        let [a, b] = [a, b].map(|run| fs::read(run.join(file)).unwrap());
        assert!(a == b, "{}", file.display());
    }
    let [a, b] = [a, b].map(|run| {
        let mut lines = lines(&run.join("training/metrics.jsonl"));
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            line.retain(|key, _| !key.ends_with("_per_second") && key != "waited_for_data");
        }
        lines
    });
    assert_eq!(a, b);
}
