//! Flipped bits in what ktrain reads again: noticed, or the result is the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::stable_hash;

use super::{encode, run_relations, shards};
use crate::datasets::copy_backbone;
use crate::folder;
use crate::scenario::kills;
use crate::succeed;

/// How many bits are flipped in a file; `RELIABILITY=all` takes more.
const FLIPS: usize = 4;

/// Flips bits of `file`, one at a time, and reads it with a command that writes `out`.
fn flip(dir: &Path, file: &str, read: impl Fn() -> Command, out: &str) {
    let result = || {
        let found = folder::files(dir).into_iter();
        let mine = found.filter(|(path, _)| path.starts_with(out) && !is_talk(path));
        mine.collect::<Vec<(PathBuf, Vec<u8>)>>()
    };
    let path = dir.join(file);
    let bytes = fs::read(&path).unwrap();
    let before = folder::files(dir);
    succeed(&mut read());
    let good = result();
    for number in 0..kills(FLIPS).min(40) as u64 {
        restore(dir, &before, out);
        let hash = stable_hash([file.as_bytes(), &number.to_le_bytes()]);
        let (at, bit) = ((hash / 8) as usize % bytes.len(), hash % 8);
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << bit;
        fs::write(&path, damaged).unwrap();
        let output = read().output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let what = format!("bit {bit} of byte {at} of {file} flipped");
        assert!(
            output.status.success() || output.status.code() == Some(1),
            "{what}: {:?}: {said}",
            output.status
        );
        if output.status.success() {
            assert!(result() == good, "{what}: another result: {said}");
        } else {
            // A refusal for another reason would have noticed nothing.
            let name = path.file_name().unwrap().to_string_lossy();
            let noticed = said.contains(&*name) || said.contains("SHA-256"); // an adapter names the backbone by its sum
            assert!(noticed, "{what}: the file is not named: {said}");
        }
    }
    restore(dir, &before, out);
}

/// Speeds, which differ each time.
fn is_talk(path: &Path) -> bool {
    path.ends_with("metrics.jsonl")
}

/// Makes a folder what it was; `out` in it is gone if it had no file.
fn restore(dir: &Path, files: &std::collections::BTreeMap<PathBuf, Vec<u8>>, out: &str) {
    if !files.keys().any(|path| path.starts_with(out)) {
        let _ = fs::remove_dir_all(dir.join(out));
    }
    for path in folder::files(dir).into_keys() {
        if !files.contains_key(&path) {
            fs::remove_file(dir.join(path)).unwrap();
        }
    }
    for (path, bytes) in files {
        let full = dir.join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }
}

/// An adapter as it is used: its weights, its settings, and the backbone's files that it was trained with.
#[test]
fn in_an_adapter_and_its_backbone() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    shards(dir);
    let files = ["config.json", "model.safetensors", "tokenizer.json"];
    copy_backbone(&dir.join("bb"), &files);
    succeed(run_relations(dir, &[]).args(["--backbone", "bb"]));
    let read = || encode(dir, &["--adapter", "runs/rc", "--backbone", "bb"]);
    for file in [
        "runs/rc/adapter.safetensors",
        "runs/rc/config.json",
        "bb/config.json",
        "bb/model.safetensors",
        "bb/tokenizer.json",
    ] {
        flip(dir, file, read, "f.safetensors");
    }
}

/// A run that was cut off, with all that `--resume` reads.
#[test]
fn in_an_unfinished_run() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    shards(dir);
    succeed(&mut run_relations(dir, &[]));
    crate::cut_off(&dir.join("runs/rc"));
    let training = folder::files(&dir.join("runs/rc/training"));
    let read_again = |path: &&PathBuf| path.extension().is_some_and(|end| end == "safetensors");
    for file in training.keys().filter(read_again) {
        let file = Path::new("runs/rc/training").join(file);
        let read = || run_relations(dir, &["--resume"]);
        flip(dir, file.to_str().unwrap(), read, "runs");
    }
}

/// Hidden states that a later run reads, and the shards.
#[test]
fn in_a_cache_and_in_shards() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    shards(dir);
    succeed(&mut run_relations(
        dir,
        &["--cache", "cache", "--out", "first"],
    ));
    let cache = folder::files(&dir.join("cache"));
    let largest = cache.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let cache = Path::new("cache").join(largest.0);
    let read = || run_relations(dir, &["--cache", "cache"]);
    flip(dir, cache.to_str().unwrap(), read, "runs");
    let shards = folder::files(&dir.join("shards/rc/data"));
    for shard in shards.keys() {
        let shard = Path::new("shards/rc/data").join(shard);
        flip(
            dir,
            shard.to_str().unwrap(),
            || run_relations(dir, &[]),
            "runs",
        );
    }
}
