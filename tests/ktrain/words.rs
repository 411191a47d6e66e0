//! `--help`: the field's words, lines that fit, and an example for each command.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use tempfile::tempdir;

use crate::glossary::replaced_words;
use crate::succeed;

/// Ordinary words that the glossary replaces as names, which are none here.
const NAMES: [&str; 6] = ["talk", "job", "jobs", "asked", "cell", "come to"];

/// Standard output of `ktrain` with these arguments.
fn printed(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    // Set, so that ktrain does not restart itself to set them.
    command.envs([
        ("OMP_WAIT_POLICY", "passive"),
        ("MALLOC_CONF", "thp:always"),
    ]);
    String::from_utf8(succeed(command.args(args)).stdout).unwrap()
}

/// The commands that `ktrain --help` lists.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split_whitespace().next()?;
        line.starts_with("  ")
            .then(|| name.to_owned())
            .filter(|name| name != "help" && !line.starts_with("   "))
    });
    names.collect()
}

/// Whether a text has these words, as whole words.
fn says(text: &str, words: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + words.len()..].chars().next();
        !is_word(before) && !is_word(behind)
    })
}

/// `-o` is `--out` and `-q` is `--quiet`, wherever these are.
fn check_letters(page: &str) {
    for (long, short) in [("--out", "-o"), ("--quiet", "-q")] {
        let expected = format!("{short}, {long}");
        for line in page.lines().map(str::trim) {
            let flag = line.split(' ').next();
            assert_ne!(flag, Some(long), "{line}");
            assert!(
                flag != Some(&format!("{short},")) || line.starts_with(&expected),
                "{line}"
            );
        }
    }
}

#[test]
fn every_help_uses_the_words_of_the_glossary_and_fits_a_terminal() {
    let commands = commands();
    for expected in [
        "train", "finetune", "predict", "encode", "probe", "score", "info",
    ] {
        assert!(commands.iter().any(|name| name == expected), "{commands:?}");
    }
    let mut pages = vec![("ktrain".to_owned(), printed(&["--help"]))];
    for command in &commands {
        let long = printed(&[command, "--help"]);
        let example = format!("\n  ktrain {command} ");
        assert!(long.contains(&example), "{command}: no example\n{long}");
        check_letters(&long);
        pages.push((command.clone(), long));
    }
    for (name, page) in &pages {
        let text = page
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        assert_eq!(replaced_words(page), [""; 0], "{name}");
        let banned: Vec<&str> = NAMES
            .into_iter()
            .filter(|words| says(&text, words))
            .collect();
        assert_eq!(banned, [""; 0], "{name}");
        for line in page.lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
    }
}

#[test]
fn help_of_the_program_lists_commands_and_no_flags_of_training() {
    let help = printed(&["--help"]);
    assert!(
        !help.contains("--lr") && !help.contains("Training:"),
        "{help}"
    );
    let mut alone = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    let output = alone.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("Commands:\n"), "{shown}");
    let train = printed(&["train", "--help"]);
    for heading in [
        "Input:",
        "Output:",
        "Training:",
        "Several runs:",
        "Hardware:",
        "Advanced:",
        "Defaults:",
    ] {
        assert!(
            train.contains(&format!("\n{heading}\n")),
            "{heading}: {train}"
        );
    }
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let completions = printed(&["completions", "bash"]);
    let dir = tempdir().unwrap();
    let man = dir.path().join("man1");
    succeed(
        Command::new(env!("CARGO_BIN_EXE_ktrain"))
            .arg("man")
            .arg(&man),
    );
    let pages: BTreeSet<String> = fs::read_dir(&man)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(pages.contains("ktrain.1"), "{pages:?}");
    for command in commands() {
        assert!(completions.contains(&command), "{command}");
        assert!(pages.contains(&format!("ktrain-{command}.1")), "{pages:?}");
    }
}
