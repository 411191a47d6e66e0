//! `--cache`: hidden states from disk instead of from the backbone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::FolderLock;
use ktrain::files::weights;

use crate::{assert_same, cut_off, fail, ktrain, lines, shards, succeed};

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = ktrain(dir);
    let short = ["--only", "rc", "--max-steps", "9", "--save-every", "4"];
    command
        .args(short)
        .args(["--set", "log_every=1"])
        .args(args);
    command
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(dir).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn cached_states_are_those_of_the_backbone() {
    let dir = shards();
    let losses = |args: &[&str]| -> Vec<f64> {
        succeed(
            command(dir.path(), args)
                .args(["--set", "adapter_dropout=0"])
                .arg("--overwrite"),
        );
        let metrics = lines(&dir.path().join("runs/rc/training/metrics.jsonl"));
        let train = metrics.iter().filter(|line| line["kind"] == "train");
        train.map(|line| line["loss"].as_f64().unwrap()).collect()
    };
    // With pads that nothing reads, and with pads that are tokens like any other.
    for pads in ["adapter_pads=masked", "adapter_pads=attended"] {
        for parts in [
            "gradient_accumulation_steps=1",
            "gradient_accumulation_steps=3",
        ] {
            let sets = ["--set", pads, "--set", parts];
            let computed = losses(&sets);
            let read = losses(&[&sets[..], &["--cache", "cache"]].concat());
            assert_eq!(computed.len(), 9);
            for (a, b) in computed.iter().zip(&read) {
                assert!((a - b).abs() < 1e-5, "{pads}: {computed:?} {read:?}");
            }
        }
    }
    // One for each way to pad.
    assert_eq!(files(&dir.path().join("cache")).len(), 2);
}

#[test]
fn a_cache_says_its_size_first_and_serves_later_runs() {
    let dir = shards();
    let dir = dir.path();
    let said = cached(dir, &["--out", "whole"]);
    let [file] = files(&dir.join("cache")).try_into().unwrap();
    let (states, _) = weights::read(&file).unwrap();
    // bert-tiny has four layers: the adapter reads 1, 2 and 4, the head 4.
    assert_eq!(states.keys().collect::<Vec<_>>(), ["1", "2", "4", "crc32c"]);
    let [tokens, width] = states["1"].size().try_into().unwrap();
    let expected = format!("rc  3 hidden states of {tokens} positions x {width} in Float take ");
    assert!(said.contains(&expected), "{said}");
    assert_eq!(width, 32);
    let written = file.metadata().unwrap().modified().unwrap();

    // A run that was killed goes on to the same bytes, and several read what one does.
    let said = cached(dir, &["--out", "cut"]);
    assert!(said.contains("are in cache/rc-"), "{said}");
    cut_off(&dir.join("cut/rc"));
    cached(dir, &["--out", "cut", "--resume"]);
    assert_same(&dir.join("whole/rc"), &dir.join("cut/rc"));
    cached(dir, &["--sweep", "learning_rate=3e-3,1e-3"]);
    let together = dir.join("runs/rc-learning_rate/learning_rate-3e-3");
    assert_same(&dir.join("whole/rc"), &together);
    assert_eq!(written, file.metadata().unwrap().modified().unwrap());
    assert_eq!(files(&dir.join("cache")).len(), 1);

    // A run does not change between the two, whose last bits differ.
    cut_off(&dir.join("cut/rc"));
    let message = fail(&mut command(dir, &["--out", "cut", "--resume"]));
    let expected = "(cached_states is false, was true)";
    assert!(message.contains(expected), "{message}");

    is_written_by_one_process(dir, &file);
    is_damaged_where_a_bit_differs(dir, &file);
}

/// Standard error of a run that reads the cache.
fn cached(dir: &Path, args: &[&str]) -> String {
    let output = succeed(&mut with_cache(dir, args));
    String::from_utf8(output.stderr).unwrap()
}

fn with_cache(dir: &Path, args: &[&str]) -> Command {
    command(dir, &[&["--cache", "cache"], args].concat())
}

/// One process at a time writes it, over what a killed one left.
fn is_written_by_one_process(dir: &Path, file: &Path) {
    let bytes = fs::read(file).unwrap();
    fs::remove_file(file).unwrap();
    let name = file.file_name().unwrap().to_string_lossy();
    let partial = file.with_file_name(format!(".{name}.partial"));
    fs::write(&partial, "what a killed run left").unwrap();
    let other = FolderLock::of(file).unwrap();
    let message = fail(&mut with_cache(dir, &["--out", "new"]));
    let holder = format!(": process {} (", std::process::id());
    assert!(
        message.contains(&holder) && message.contains(" is writing it: wait until"),
        "{message}"
    );
    drop(other);
    cached(dir, &["--out", "new", "--overwrite"]);
    assert!(bytes == fs::read(file).unwrap() && !partial.exists());
}

/// A bit of a state, of a checksum, and of the header; and a file of another length.
fn is_damaged_where_a_bit_differs(dir: &Path, file: &Path) {
    let bytes = fs::read(file).unwrap();
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    for (place, why) in [
        (bytes.len() - 100, "damaged: hidden state 4 of example "),
        (8 + length, "damaged: hidden state 1 of example 0, "),
        (
            8 + length / 2,
            "has another header than it should have: delete it",
        ),
    ] {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1;
        fs::write(file, flipped).unwrap();
        let args = ["--out", "flipped", "--overwrite", "--max-steps", "40"];
        let message = fail(&mut with_cache(dir, &args));
        assert!(message.contains(why), "{message}");
    }

    fs::write(file, &bytes[1..]).unwrap();
    let message = fail(&mut with_cache(dir, &["--out", "newer"]));
    let (found, expected) = (bytes.len() - 1, bytes.len());
    let expected = format!("holds {found} bytes and should have {expected}: delete it\n");
    assert!(message.ends_with(&expected), "{message}");
}
