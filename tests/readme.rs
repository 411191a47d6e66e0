//! Every `kprep` command of the README runs as it stands there; so do those of `ktrain`, in `ktrain_readme.rs`. Its
//! `make` commands and `ktrain --shards data/` are those of `.ci/run` and the demo.

#![allow(clippy::unwrap_used)] // a test may panic

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_kprep_commands_of_the_readme_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    // What the README takes for granted: the sample, a parse of one's own, and files of benchmarks.
    fs::create_dir_all(dir.path().join("data")).unwrap();
    let sample = root.canonicalize().unwrap().join("data/sample");
    std::os::unix::fs::symlink(&sample, dir.path().join("data/sample")).unwrap();
    let sources = root.canonicalize().unwrap().join("tests/data/tasks");
    for (file, name) in [
        (sample.join("deps/parses.conll"), "bookcorpus.conll"),
        (sources.join("vocabulary.txt"), "common_vocab_cased.txt"),
    ] {
        std::os::unix::fs::symlink(file, dir.path().join(name)).unwrap();
    }

    for name in ["TRAIN_FILE.TXT", "TEST_FILE_FULL.TXT"] {
        let sentence = "1\t\"The <e1>rain</e1> came from a <e2>cloud</e2>.\"";
        let example = format!("{sentence}\r\nEntity-Origin(e1,e2)\r\nComment:\r\n\r\n");
        fs::write(dir.path().join(name), example).unwrap();
    }

    let (from, lama) = (sources.join("lama"), dir.path().join("lama"));
    fs::create_dir(&lama).unwrap();
    fs::copy(from.join("relations.jsonl"), lama.join("relations.jsonl")).unwrap();
    // Without the malformed line, which would be an exit code of its own.
    let facts = fs::read_to_string(from.join("P19.jsonl")).unwrap();
    let facts = facts.lines().filter(|line| line.contains("predicate_id"));
    fs::write(lama.join("P19.jsonl"), facts.collect::<Vec<_>>().join("\n")).unwrap();

    let blocks = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let commands: Vec<&str> = blocks
        .flat_map(str::lines)
        .filter(|line| line.starts_with("kprep "))
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let command = command.split(" #").next().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_kprep"))
            .args(command.split_whitespace().skip(1))
            .current_dir(dir.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        // As with `diff`, that there are differences is an exit code of its own.
        let expected = i32::from(command.starts_with("kprep diff"));
        assert_eq!(output.status.code(), Some(expected), "{command}: {stderr}");
    }
}
