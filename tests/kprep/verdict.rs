//! What `kprep` says and how it ends when nobody listens, when there is no room, and when a name
//! from a file is no name for a terminal.

use std::fs::{self, File};
use std::io::pipe;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A sentence, and one that is broken.
const BROKEN: &str = "1\tDogs\tdog\tNOUN\t_\t_\t2\tnsubj\t_\t_\n\
    2\tbark\tbark\tVERB\t_\t_\t0\troot\t_\t_\n\n1\tbroken\n\n";

fn kprep() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kprep"))
}

/// A pipe whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(command: &mut Command) -> Option<i32> {
    command.status().unwrap().code()
}

fn deps(input: &Path, out: &Path) -> Command {
    let mut command = kprep();
    command.arg("deps").arg(input).arg("--out").arg(out);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file with a broken sentence, and the dataset that is made of the others.
fn broken(dir: &TempDir) -> (PathBuf, PathBuf) {
    let input = dir.path().join("broken.conllu");
    fs::write(&input, BROKEN).unwrap();
    let out = dir.path().join("set");
    let built = deps(&input, &out).output().unwrap();
    assert_eq!(built.status.code(), Some(3), "{}", text(&built.stderr));
    (input, out)
}

#[test]
fn a_build_with_losses_ends_with_3_whoever_listens() {
    let dir = TempDir::new().unwrap();
    let (input, _) = broken(&dir);
    for (number, json) in [false, true].into_iter().enumerate() {
        let out = dir.path().join(format!("out-{number}"));
        let mut command = deps(&input, &out);
        if json {
            command.arg("--json");
        }
        command.stdout(closed()).stderr(closed());
        assert_eq!(code(&mut command), Some(3));
        assert!(out.join("manifest.json").is_file());
    }
}

#[test]
fn a_check_that_finds_something_ends_with_1_whoever_listens() {
    let dir = TempDir::new().unwrap();
    let (input, set) = broken(&dir);
    let other = dir.path().join("other");
    code(deps(&input, &other).args(["--lowercase", "--quiet"]));
    let mut differ = kprep();
    differ.arg("diff").arg(&set).arg(&other);
    assert_eq!(code(differ.stdout(closed()).stderr(closed())), Some(1));
    fs::write(set.join("README.md"), "something else").unwrap();
    for json in [&[][..], &["--json"]] {
        let mut validate = kprep();
        validate.arg("validate").arg(&set).args(json);
        assert_eq!(code(validate.stdout(closed()).stderr(closed())), Some(1));
    }
    let mut nothing = kprep();
    nothing.arg("diff").arg(&set).arg(dir.path());
    assert_eq!(code(nothing.stdout(closed()).stderr(closed())), Some(2));
}

#[test]
fn what_only_shows_something_ends_with_0() {
    let dir = TempDir::new().unwrap();
    let (_, set) = broken(&dir);
    for arguments in [
        &["head"][..],
        &["stats"],
        &["stats", "--json"],
        &["export", "--format", "jsonl"],
    ] {
        let mut show = kprep();
        show.args(arguments).arg(&set);
        assert_eq!(
            code(show.stdout(closed()).stderr(closed())),
            Some(0),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_full_disk_behind_stdout_is_named() {
    let dir = TempDir::new().unwrap();
    let (_, set) = broken(&dir);
    for arguments in [
        &["head"][..],
        &["stats"],
        &["validate"],
        &["export", "--format", "jsonl"],
    ] {
        let mut show = kprep();
        show.args(arguments).arg(&set);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let shown = show.stdout(full).output().unwrap();
        let expected = "kprep: stdout: No space left on device (os error 28)\n";
        let stderr = text(&shown.stderr);
        assert!(stderr.ends_with(expected), "{arguments:?}: {stderr}");
        assert_eq!(shown.status.code(), Some(1));
    }
}

/// A run whose files may have some kilobytes at most.
fn limited(command: &str) -> Output {
    let script = format!(
        "ulimit -f 8; exec {} {command}",
        env!("CARGO_BIN_EXE_kprep")
    );
    Command::new("bash").args(["-c", &script]).output().unwrap()
}

#[test]
fn a_limit_of_the_size_of_files_is_told_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("a.conllu");
    // Words that do not repeat, so that they do not compress.
    let word = |n: u64| {
        format!(
            "{:016x}{:016x}",
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            n * n
        )
    };
    let sentence = |n: u64| format!("1\t{}\t_\tX\t_\t_\t0\troot\t_\t_\n\n", word(n));
    fs::write(&input, (1..3000).map(sentence).collect::<String>()).unwrap();
    let out = dir.path().join("set");
    let run = limited(&format!("deps {} --out {}", input.display(), out.display()));
    let stderr = text(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("File too large"), "{stderr}");
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert!(
        !left
            .iter()
            .any(|path| path.extension().is_some_and(|e| e == "partial")),
        "{left:?}"
    );
    assert!(!out.exists());
}

#[test]
fn names_and_texts_of_files_do_not_reach_the_terminal_as_codes() {
    let dir = TempDir::new().unwrap();
    let code = "\u{1b}]0;title\u{7}\u{9b}2J\u{202e}";
    let input = dir.path().join(format!("a{code}.conllu"));
    fs::write(&input, BROKEN.replace("Dogs", &format!("Do{code}gs"))).unwrap();
    let set = dir.path().join("set");
    let built = deps(&input, &set).output().unwrap();
    let of = |arguments: &[&str]| kprep().args(arguments).arg(&set).output().unwrap();
    let missing = dir.path().join(format!("missing{code}"));
    let failed = kprep().arg("head").arg(missing).output().unwrap();
    let jsonl = of(&["export", "--format", "jsonl"]);
    let outputs = [
        built,
        of(&["head"]),
        of(&["stats"]),
        of(&["stats", "--json"]),
        failed,
    ];
    let is_code = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    for output in outputs {
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains(is_code), "{said:?}");
    }
    let card = fs::read_to_string(set.join("README.md")).unwrap();
    assert!(
        !card.contains(is_code) && card.contains("\\u{1b}]0;title"),
        "{card}"
    );
    let head = text(&of(&["head"]).stdout);
    assert!(
        head.contains("Do\\u{1b}]0;title\\u{7}\\u{9b}2J\\u{202e}gs"),
        "{head}"
    );
    // The data are what they are.
    assert!(text(&jsonl.stdout).contains("\\u001b]0;title\\u0007\u{9b}2J\u{202e}gs"));
}
