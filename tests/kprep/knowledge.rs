//! `kprep knowledge` as its user sees it.

mod facts;
mod synonyms;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use kprep_schemas::{Manifest, validate};
use tempfile::TempDir;

/// The program on these arguments.
fn kprep(args: &[&str]) -> Assert {
    Command::cargo_bin("kprep").unwrap().args(args).assert()
}

/// What the program prints.
fn printed(args: &[&str]) -> String {
    let output = kprep(args).code(0);
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder of tables that `kprep COMMAND` makes of `input`.
fn tables(command: &str, input: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join(command);
    kprep(&[command, input, "--out", text(&out), "-q"]).code(0);
    (dir, out)
}

/// What is wrong with a dataset.
fn problems(dataset: &Path) -> Vec<String> {
    validate(dataset).unwrap().problems
}

fn funnel(dataset: &Path) -> String {
    Manifest::read(dataset).unwrap().funnel.to_string()
}
