//! Flipped bits in datasets: every reader notices, or gives what it gave before.

use std::fs;
use std::path::Path;
use std::process::Output;

use kprep_schemas::stable_hash;
use tempfile::TempDir;

use super::{TREX, done, file, folder, kprep, tables, trex_input};

/// How many bits are flipped over all files of a dataset.
const FLIPS: u64 = 60;

/// Who reads a dataset. `validate` must notice: it exists for that.
const READERS: [&[&str]; 5] = [
    &["validate", "out"],
    &["stats", "out", "--json"],
    &["head", "out"],
    &["export", "out", "--format", "jsonl"],
    &["sample", "out", "--rows", "1000", "--out", "merged"],
];

/// A command's exit code, and all that it gave.
#[derive(PartialEq)]
struct Given {
    code: Option<i32>,
    stdout: Vec<u8>,
    merged: Vec<Vec<u8>>,
}

fn ask(dir: &Path, reader: &[&str]) -> Given {
    let Output { status, stdout, .. } = kprep_plain(dir, reader);
    let out = dir.join("merged");
    let merged = if out.exists() {
        let files = folder::files(&out);
        fs::remove_dir_all(&out).unwrap();
        let data = files
            .into_iter()
            .filter(|(path, _)| path.starts_with("data"));
        data.map(|(_, bytes)| bytes).collect()
    } else {
        Vec::new()
    };
    Given {
        code: status.code(),
        stdout,
        merged,
    }
}

/// Not every reader has `-q`.
fn kprep_plain(dir: &Path, args: &[&str]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kprep"));
    command.current_dir(dir).args(args).output().unwrap()
}

/// Flips bits of the dataset `out`, one at a time, in each of its files in turn.
fn flip(name: &str, make: impl Fn(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let good = READERS.map(|reader| ask(dir.path(), reader));
    let mut asked: Vec<_> = READERS.into_iter().zip(good).collect();
    // `stats` does not know every record type.
    asked.retain(|(_, given)| given.code == Some(0));
    assert!(asked.len() + 1 >= READERS.len(), "{name}");
    let files = folder::files(&dir.path().join("out"));
    let files: Vec<_> = files
        .iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect();
    for number in 0..FLIPS {
        let (path, bytes) = files[number as usize % files.len()];
        let hash = stable_hash([name.as_bytes(), &number.to_le_bytes()]);
        let (at, bit) = ((hash / 8) as usize % bytes.len(), hash % 8);
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << bit;
        let full = dir.path().join("out").join(path);
        fs::write(&full, damaged).unwrap();
        for (reader, good) in &asked {
            let given = ask(dir.path(), reader);
            let noticed = given.code == Some(1);
            let what = format!(
                "{name}: bit {bit} of byte {at} of {} flipped, {}",
                path.display(),
                reader[0]
            );
            if reader[0] == "validate" {
                assert!(noticed, "{what}: not noticed, exit code {:?}", given.code);
            } else {
                assert!(noticed || given == *good, "{what}: another result");
            }
        }
        fs::write(&full, bytes).unwrap();
    }
}

#[test]
fn in_a_relation_set() {
    flip("relations", |dir| {
        trex_input(dir);
        done(dir, &TREX);
    });
}

#[test]
fn in_a_dependency_set() {
    flip("heads", |dir| {
        let input = file("tests/data/deps/mixed.conllu");
        done(dir, &["deps", &input, "--out", "out", "--max-errors=9"]);
    });
}

#[test]
fn in_aligned_pages() {
    flip("pages", |dir| {
        tables::write_sources(dir);
        done(dir, &super::ALIGN);
    });
}

/// What reads two datasets and the tables that are kept beside them.
#[test]
fn in_what_align_reads() {
    let dir = TempDir::new().unwrap();
    tables::write_sources(dir.path());
    done(dir.path(), &super::ALIGN);
    let good = folder::files(&dir.path().join("out/data"));
    for folder in ["wikidata", "wikipedia", "wikidata-facts"] {
        let files = folder::files(&dir.path().join(folder));
        for (number, (path, bytes)) in (0..).zip(files.iter().filter(|(_, b)| !b.is_empty())) {
            let hash = stable_hash([folder.as_bytes(), &u64::to_le_bytes(number)]);
            let at = (hash / 8) as usize % bytes.len();
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (hash % 8);
            let full = dir.path().join(folder).join(path);
            fs::write(&full, damaged).unwrap();
            let args = [&super::ALIGN[..], &["--overwrite"]].concat();
            let output = kprep(dir.path(), &args).output().unwrap();
            let same = folder::files(&dir.path().join("out/data")) == good;
            assert!(
                output.status.code() == Some(1) || same,
                "byte {at} of {folder}/{} flipped: another result",
                path.display()
            );
            fs::write(&full, bytes).unwrap();
        }
    }
}
