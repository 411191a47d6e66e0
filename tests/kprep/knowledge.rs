//! `kprep knowledge` as its user sees it.

mod facts;
mod links;
mod replaced;
mod supersenses;
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

const WORDNET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sample/wordnet");

/// Inputs that were written for these tests, and scripts that count without kprep.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/knowledge");

/// A folder with the tables of the sample's dumps: `wikidata`, `wikipedia`, `aligned`.
fn aligned() -> TempDir {
    let dumps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample/dumps");
    let dir = TempDir::new().unwrap();
    let [wikidata, wikipedia, aligned] =
        ["wikidata", "wikipedia", "aligned"].map(|name| dir.path().join(name));
    let (json, xml) = (
        dumps.join("wikidata.json.gz"),
        dumps.join("wikipedia.xml.bz2"),
    );
    kprep(&["wikidata", text(&json), "--out", text(&wikidata), "-q"]).code(0);
    kprep(&["wikipedia", text(&xml), "--out", text(&wikipedia), "-q"]).code(0);
    let sources = [
        "--wikipedia",
        text(&wikipedia),
        "--wikidata",
        text(&wikidata),
    ];
    let out = ["--out", text(&aligned), "-q"];
    kprep(&[&["align"][..], &sources, &out].concat()).code(0);
    dir
}

/// The rows of a dataset as JSON Lines, in a file beside it.
fn export(dataset: &Path) -> PathBuf {
    let lines = dataset.with_extension("jsonl");
    let out = ["--out", text(&lines), "--overwrite"];
    kprep(&[&["export", text(dataset), "--format", "jsonl"][..], &out].concat()).code(0);
    lines
}

/// Runs a script beside the data, which must find nothing wrong.
fn recount(script: &str, args: &[&str]) {
    let script = format!("{DATA}/{script}");
    let done = std::process::Command::new("python3")
        .arg(script)
        .args(args)
        .output();
    let done = done.unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// What is wrong with a dataset.
fn problems(dataset: &Path) -> Vec<String> {
    validate(dataset).unwrap().problems
}

fn funnel(dataset: &Path) -> String {
    Manifest::read(dataset).unwrap().funnel.to_string()
}
