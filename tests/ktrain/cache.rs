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
    let cached = ["--cache", "cache"];
    let stderr = |args: &[&str]| {
        let output = succeed(&mut command(dir.path(), &[&cached[..], args].concat()));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = stderr(&["--out", "whole"]);
    let [file] = files(&dir.path().join("cache")).try_into().unwrap();
    let (states, _) = weights::read(&file).unwrap();
    // bert-tiny has four layers: the adapter reads 1, 2 and 4, the head 4.
    assert_eq!(states.keys().collect::<Vec<_>>(), ["1", "2", "4", "crc32c"]);
    let [tokens, width] = states["1"].size().try_into().unwrap();
    let expected = format!("rc  3 hidden states of {tokens} positions x {width} in Float take ");
    assert!(said.contains(&expected), "{said}");
    assert_eq!(width, 32);
    let written = file.metadata().unwrap().modified().unwrap();

    // A run that was killed goes on to the same bytes, and several read what one does.
    let said = stderr(&["--out", "cut"]);
    assert!(said.contains("are in cache/rc-"), "{said}");
    cut_off(&dir.path().join("cut/rc"));
    stderr(&["--out", "cut", "--resume"]);
    assert_same(&dir.path().join("whole/rc"), &dir.path().join("cut/rc"));
    stderr(&["--sweep", "learning_rate=3e-3,1e-3"]);
    let together = dir.path().join("runs/rc-learning_rate/learning_rate-3e-3");
    assert_same(&dir.path().join("whole/rc"), &together);
    assert_eq!(written, file.metadata().unwrap().modified().unwrap());
    assert_eq!(files(&dir.path().join("cache")).len(), 1);

    // A run does not change between the two, whose last bits differ.
    cut_off(&dir.path().join("cut/rc"));
    let message = fail(&mut command(dir.path(), &["--out", "cut", "--resume"]));
    assert!(
        message.contains("(cached_states is false, was true)"),
        "{message}"
    );

    // One process at a time writes it, over what a killed one left.
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let name = file.file_name().unwrap().to_string_lossy();
    let partial = file.with_file_name(format!(".{name}.partial"));
    fs::write(&partial, "what a killed run left").unwrap();
    let other = FolderLock::of(&file).unwrap();
    let args = [&cached[..], &["--out", "new"]].concat();
    let message = fail(&mut command(dir.path(), &args));
    let holder = format!(": process {} (", std::process::id());
    assert!(
        message.contains(&holder) && message.contains(" is writing it: wait until"),
        "{message}"
    );
    drop(other);
    stderr(&["--out", "new", "--overwrite"]);
    assert!(bytes == fs::read(&file).unwrap() && !partial.exists());

    // A bit of a state, of a checksum, and of the header.
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
        fs::write(&file, flipped).unwrap();
        let args = [
            &cached[..],
            &["--out", "flipped", "--overwrite", "--max-steps", "40"],
        ]
        .concat();
        let message = fail(&mut command(dir.path(), &args));
        assert!(message.contains(why), "{message}");
    }

    fs::write(&file, &bytes[1..]).unwrap();
    let message = fail(&mut command(
        dir.path(),
        &[&cached[..], &["--out", "newer"]].concat(),
    ));
    let expected = format!(
        "holds {} bytes and should have {}: delete it\n",
        bytes.len() - 1,
        bytes.len()
    );
    assert!(message.ends_with(&expected), "{message}");
}
