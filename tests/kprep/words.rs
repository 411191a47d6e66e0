//! `--help` uses the glossary's words.

use std::fs;
use std::process::Command;

use crate::glossary::replaced_words;

/// The help of a command.
fn help(command: &[&str]) -> String {
    let mut kprep = Command::new(env!("CARGO_BIN_EXE_kprep"));
    let output = kprep.args(command).arg("--help").output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names in the list of commands of a help text.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect()
}

/// The help of all commands, by their names.
fn all_help() -> Vec<(String, String)> {
    let mut all = vec![(String::new(), help(&[]))];
    for command in commands(&all[0].1) {
        let text = help(&[&command]);
        for task in commands(&text) {
            all.push((format!("{command} {task}"), help(&[&command, &task])));
        }
        all.push((command, text));
    }
    all
}

#[test]
fn help_uses_the_words_of_the_glossary() {
    let all = all_help();
    assert!(all.len() >= 25, "{}", all.len());
    for (command, text) in all {
        let faults = replaced_words(&text);
        assert!(faults.is_empty(), "kprep {command} --help: {faults:#?}");
    }
}

#[test]
fn help_has_an_example_and_groups() {
    for (command, text) in all_help() {
        if command.is_empty() || ["task", "knowledge"].contains(&command.as_str()) {
            continue;
        }
        let name = format!("kprep {command} ");
        let examples = text.lines().filter(|line| line.contains(&name));
        assert!(
            examples.clone().any(|line| !line.starts_with("Usage:")),
            "{command}: no example"
        );
        assert!(
            text.contains("\nInput:\n") || text.contains("\nOutput:\n"),
            "{command}: no groups"
        );
    }
}

#[test]
fn completions_and_manual_pages() {
    let kprep = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kprep"))
            .args(args)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for shell in ["bash", "zsh", "fish"] {
        assert!(kprep(&["completions", shell]).contains("--min-pairs"));
    }
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("man1");
    assert_eq!(kprep(&["man", pages.to_str().unwrap()]), "");
    let page = fs::read_to_string(pages.join("kprep-trex.1")).unwrap();
    assert!(page.contains("min\\-pairs"), "{page}");
}
