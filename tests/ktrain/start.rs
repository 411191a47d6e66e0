//! Runs that start from weights that are there.

use std::fs;
use std::path::Path;

use ktrain::files::checkpoint_folder;

use crate::{fail, ktrain, shards, succeed};

fn deps(dir: &Path, out: &str, sets: &[&str]) -> std::process::Command {
    let mut command = ktrain(dir);
    command.args([
        "--only",
        "deps",
        "--max-steps",
        "1",
        "--out",
        out,
        "--quiet",
    ]);
    command.args(sets.iter().flat_map(|set| ["--set", set]));
    command
}

#[test]
fn an_adapter_of_any_head_is_a_start() {
    let dir = shards();
    for head in ["linear", "biaffine", "released"] {
        let set = format!("parser={head}");
        succeed(&mut deps(dir.path(), head, &[&set]));
        let file = format!("{head}/deps/adapter.safetensors");
        let out = format!("from-{head}");
        // A rate so low that nothing but a zero shows the change.
        let mut command = deps(dir.path(), &out, &[]);
        succeed(command.args(["--lr", "1e-30", "--adapter-weights", &file]));
        let read = |path: &str| checkpoint_folder::read_file(&dir.path().join(path)).unwrap();
        let (before, after) = (
            read(&file),
            read(&format!("{out}/deps/adapter.safetensors")),
        );
        let adapter = before
            .iter()
            .filter(|(name, _)| name.starts_with("adapter."));
        assert!(adapter.clone().count() > 100);
        for (name, tensor) in adapter {
            let difference = (&after[name] - tensor).abs().max().double_value(&[]);
            assert!(difference < 1e-20, "{name}: {difference}");
        }
    }
}

#[test]
fn a_run_can_start_from_the_one_it_replaces_and_a_wrong_start_replaces_nothing() {
    let dir = shards();
    succeed(&mut deps(dir.path(), "runs", &[]));
    let file = dir.path().join("runs/deps/adapter.safetensors");
    let again = |sets: &[&str]| {
        let mut command = deps(dir.path(), "runs", sets);
        command
            .arg("--overwrite")
            .arg("--adapter-weights")
            .arg(&file);
        command
    };
    let before = fs::read(&file).unwrap();
    let message = fail(&mut again(&["adapter_fuse=add"]));
    assert!(
        message.contains("misshapen   adapter.0.down_project.weight"),
        "{message}"
    );
    assert!(before == fs::read(&file).unwrap());
    succeed(&mut again(&[]));
    assert!(before != fs::read(&file).unwrap());
    let mut missing = deps(dir.path(), "runs", &[]);
    missing.args(["--overwrite", "--adapter-weights", "none.bin"]);
    assert_eq!(
        fail(&mut missing),
        "error: none.bin: No such file or directory (os error 2)\n"
    );
}
