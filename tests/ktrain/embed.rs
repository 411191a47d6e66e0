//! `ktrain embed`: vectors of entities, and how well they tell facts.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::Fact;
use ktrain::files::weights;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::datasets::write;
use crate::util::{fail, misused, succeed};

/// Members of six groups in a row. Each knows all of the next group, and has heard of all of the one behind it: who
/// is asked for hangs on who asks, as a translation has it.
fn groups(dir: &Path) {
    let member = |group: usize, i: usize| format!("member-{group}-{i}");
    let mut splits = [Vec::new(), Vec::new(), Vec::new()];
    for (relation, step) in [("knows", 1), ("has heard of", 2)] {
        for (group, i, j) in (0..6 - step).flat_map(|group| {
            let members = (0..8).flat_map(|i| (0..8).map(move |j| (i, j)));
            members.map(move |(i, j)| (group, i, j))
        }) {
            let fact = Fact {
                head: member(group, i),
                relation: relation.into(),
                tail: member(group + step, j),
                source: String::new(),
            };
            let split = if (3 * i + j) % 7 == 0 { 2 } else { 0 };
            splits[split].push(fact);
        }
    }
    write(dir, &[], splits);
}

fn embed(dir: &TempDir, data: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir.path()).env("HOME", dir.path());
    let common = ["embed", "--graph", data, "--out", "vectors.safetensors"];
    command
        .args(common)
        .args(["--dimension", "20", "--threads", "1"]);
    command.args(args);
    command
}

#[test]
fn relations_that_are_translations_are_learnt_and_the_same_seed_gives_the_same_file() {
    let dir = tempdir().unwrap();
    groups(&dir.path().join("graph/facts"));
    let args = ["--epochs", "60", "--batch-size", "32", "--json"];
    let output = succeed(&mut embed(&dir, "graph", &args));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["entities"], &report["relations"]),
        (&48.into(), &2.into())
    );
    let ten = |name: &str| report["test"][name]["ten"].as_f64().unwrap();
    assert!(ten("TransE") > ten("frequency") + 0.3, "{report}");
    assert!(ten("TransE") > 0.8, "{report}");

    let path = dir.path().join("vectors.safetensors");
    let (tensors, _) = weights::read(&path).unwrap();
    assert_eq!(tensors["vectors"].size(), [48, 20]);
    assert_eq!(tensors["relations"].size(), [2, 20]);
    let ids = Vec::<u8>::try_from(&tensors["ids"]).unwrap();
    let ids = String::from_utf8(ids).unwrap();
    assert!(ids.lines().is_sorted() && ids.starts_with("member-0-0\n"));
    let first = fs::read(&path).unwrap();
    succeed(&mut embed(&dir, "graph/facts", &args));
    assert!(first == fs::read(&path).unwrap());
    succeed(embed(&dir, "graph", &args).args(["--seed", "7"]));
    assert!(first != fs::read(&path).unwrap());
}

#[test]
fn what_cannot_be_embedded_is_said_and_nothing_is_written() {
    let dir = tempdir().unwrap();
    groups(&dir.path().join("graph"));
    write(
        &dir.path().join("none"),
        &[],
        [Vec::<Fact>::new(), Vec::new(), Vec::new()],
    );
    let told = misused(&mut embed(&dir, "graph", &["--margin", "0"]));
    assert_eq!(told, "error: --margin must be above 0\n");
    let told = fail(&mut embed(&dir, "none", &[]));
    assert!(told.contains("has no facts to learn from"), "{told}");
    let told = fail(&mut embed(&dir, "nowhere", &[]));
    assert!(told.contains("nowhere"), "{told}");
    let args = ["--lr", "1e39", "--epochs", "3"];
    let told = fail(&mut embed(&dir, "graph", &args));
    assert!(told.contains("try a smaller --lr"), "{told}");
    assert!(!dir.path().join("vectors.safetensors").exists());
}
