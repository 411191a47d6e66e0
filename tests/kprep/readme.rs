//! README.md and the pages of `docs/`: every `kprep` command that they show runs as it is (those of
//! `ktrain` do in `tests/ktrain/readme.rs`), their links lead somewhere, and they use the words of
//! the glossary.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::glossary::replaced_words;
use crate::shown_commands::{KTRAIN_NOT_RUN, NOT_RUN, pages, shown_commands};

#[test]
fn the_kprep_commands_of_readme_and_docs_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = tempfile::tempdir().unwrap();
    // What the pages take for granted: the sample, and files of benchmarks.
    fs::create_dir_all(dir.path().join("data")).unwrap();
    let sample = root.canonicalize().unwrap().join("data/sample");
    std::os::unix::fs::symlink(&sample, dir.path().join("data/sample")).unwrap();
    let sources = root.canonicalize().unwrap().join("tests/data/tasks");
    let vocabulary = dir.path().join("common_vocab_cased.txt");
    std::os::unix::fs::symlink(sources.join("vocabulary.txt"), vocabulary).unwrap();

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

    let commands: Vec<String> = shown_commands()
        .into_iter()
        .filter(|command| command.starts_with("kprep "))
        .collect();
    assert!(commands.len() >= 18, "{commands:?}");
    for command in commands {
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

/// Every goal of the Makefile is shell that can be read, with and without its switches. A comma in
/// the text of a `$(if …)` once left half a command, and only `make test` to its end showed it.
#[test]
fn every_goal_of_the_makefile_is_shell() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap();
    let goals = makefile
        .lines()
        .find_map(|line| line.strip_prefix(".PHONY: "))
        .unwrap();
    let run = |program: &str, args: &[&str], input: &[u8]| {
        let mut command = Command::new(program);
        // What a make around this test says about itself is not for the one in it.
        command.env_remove("MAKEFLAGS").env_remove("MFLAGS");
        let command = command.args(args).current_dir(&root);
        let script = tempfile::tempdir().unwrap();
        let file = script.path().join("input");
        fs::write(&file, input).unwrap();
        command.stdin(fs::File::open(file).unwrap());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?}: {stderr}");
        output.stdout
    };
    for goal in goals.split_whitespace() {
        for switch in ["QUICK=", "QUICK=1", "FUZZ_MINUTES=20"] {
            let commands = run("make", &["--dry-run", goal, switch, "DATA=data"], b"");
            run("sh", &["-n"], &commands);
        }
    }
}

#[test]
fn every_shown_command_is_run_or_listed_with_a_reason() {
    let shown = shown_commands();
    let listed = |command: &str| NOT_RUN.iter().any(|(known, _)| *known == command);
    for command in &shown {
        let is_ours = command.starts_with("kprep ") || command.starts_with("ktrain ");
        assert!(is_ours || listed(command), "no test runs: {command}");
    }
    for (command, _) in NOT_RUN {
        let is_shown = shown.iter().any(|one| one == command);
        assert!(is_shown, "listed, and shown nowhere: {command}");
    }
    for (beginning, _) in KTRAIN_NOT_RUN {
        let is_shown = shown.iter().any(|one| one.starts_with(beginning));
        assert!(is_shown, "listed, and shown nowhere: {beginning}");
    }
}

/// What a code host makes of a heading: lower case, blanks as hyphens, no punctuation.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let more = ["CONTRIBUTING.md", "CHANGELOG.md", "docs/SUMMARY.md"];
    for page in pages().into_iter().chain(more.map(|name| root.join(name))) {
        let text = fs::read_to_string(&page).unwrap();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(')')?.0));
        for target in targets.filter(|target| !target.starts_with("https://")) {
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            assert!(file.exists(), "{}: {target}", page.display());
            if !place.is_empty() {
                let text = fs::read_to_string(&file).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let is_there =
                    headings.any(|line| anchor(line.trim_start_matches('#').trim()) == place);
                assert!(is_there, "{}: {target}", page.display());
            }
        }
    }
}

#[test]
fn pages_use_the_words_of_the_glossary() {
    for page in pages() {
        let found = replaced_words(&fs::read_to_string(&page).unwrap());
        assert_eq!(found, [""; 0], "{}", page.display());
    }
}
