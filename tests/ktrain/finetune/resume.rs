//! Runs that end before their last step, and go on.

use std::fs;

use super::{finetune, prepared};
use crate::util::{assert_same_but, cut_off, fail, interrupt, lines, succeed};

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
    fs::remove_file(run.join("config.json")).unwrap();
    succeed(command.arg("--resume"));
    let again = lines(&run.join("training/metrics.jsonl"));
    assert_eq!(metrics.len(), again.len());
}

#[test]
fn ctrl_c_writes_a_checkpoint_from_which_the_run_goes_on_to_the_same_bytes() {
    let dir = prepared();
    let command = |out: &str| {
        let mut command = finetune(
            dir.path(),
            &["--out", out, "--epochs", "5", "--save-every", "10"],
        );
        command.args(["--adapter", "runs/rc", "--set", "log_every=1"]);
        command
    };
    succeed(&mut command("runs/whole"));
    let [whole, stopped] = ["whole", "stopped"].map(|name| dir.path().join("runs").join(name));
    let (code, said) = interrupt(command("runs/stopped"), "/checkpoint-0000000010", "INT");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("SIGINT came: stopped after step "), "{said}");
    succeed(command("runs/stopped").arg("--resume"));
    assert_same_but("adapter.safetensors", &whole, &stopped);
    let heads = [whole, stopped].map(|run| fs::read(run.join("heads.safetensors")).unwrap());
    assert!(heads[0] == heads[1]);
}
