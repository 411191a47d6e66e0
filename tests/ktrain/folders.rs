//! Output folders: what may be replaced, who writes, and what a stopped command leaves.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::FolderLock;

use crate::datasets::{backbone, easy_relations};
use crate::encode::encode;
use crate::finetune::{finetune, prepared};
use crate::probe::{self, facts};
use crate::util::interrupt;
use crate::{assert_same, fail, ktrain, shards, succeed};

/// One run of a few steps in `runs/rc`.
fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = ktrain(dir);
    command
        .args(["--only", "rc", "--max-steps", "4"])
        .args(args);
    command
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_dataset_s_name_leads_nowhere_else() {
    let dir = shards();
    let manifest = dir.path().join("shards/rc/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let victim = dir.path().join("victim");
    fs::create_dir_all(victim.join("training")).unwrap();
    fs::write(victim.join("y"), "x").unwrap();
    let named = text.replace("\"name\": \"rc\"", "\"name\": \"../victim\"");
    assert_ne!(named, text);
    fs::write(&manifest, named).unwrap();
    let mut evil = ktrain(dir.path());
    fail(evil.args(["--max-steps", "1", "--overwrite", "--cache", "cache"]));
    assert_eq!(names(&victim), ["training", "y"]);
    assert_eq!(names(dir.path()), ["shards", "victim"]);
}

#[test]
fn two_datasets_of_one_name_are_refused_before_any_work() {
    let dir = shards();
    easy_relations(&dir.path().join("shards/more/rc"));
    let message = fail(&mut command(dir.path(), &[]));
    let expected = "error: two datasets are named rc, and both adapters would go to runs/rc: name the folder of one";
    assert!(message.starts_with(expected), "{message}");
    assert!(!dir.path().join("runs").exists());
}

#[test]
fn only_runs_of_ktrain_are_replaced_and_others_files_stop_the_command() {
    let dir = shards();
    let run = dir.path().join("runs/rc");
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("config.json"), "{\"peft_type\": \"LORA\"}").unwrap();
    fs::write(run.join("w"), "x").unwrap();
    let message = fail(&mut command(dir.path(), &["--overwrite"]));
    assert_eq!(
        message,
        "error: runs/rc holds files that are no run of ktrain: choose another --out\n"
    );
    assert_eq!(names(&run), ["config.json", "w"]);
    fs::remove_dir_all(&run).unwrap();

    succeed(&mut command(dir.path(), &[]));
    fs::write(run.join("training/notes.txt"), "mine").unwrap();
    let message = fail(&mut command(dir.path(), &["--overwrite"]));
    assert_eq!(
        message,
        "error: runs/rc holds files that --overwrite must not remove (training/notes.txt): move them away, or choose \
         another --out\n"
    );
    assert!(run.join("config.json").is_file());
    fs::remove_file(run.join("training/notes.txt")).unwrap();
    succeed(&mut command(dir.path(), &["--overwrite"]));
    assert_eq!(names(&dir.path().join("runs")), ["rc"]);
}

#[test]
fn a_run_of_an_earlier_version_is_refused_with_what_to_do() {
    let dir = shards();
    succeed(&mut command(dir.path(), &[]));
    let run = dir.path().join("runs/rc");
    fs::rename(run.join("config.json"), run.join("adapter_config.json")).unwrap();
    for flag in ["--resume", "--overwrite"] {
        assert_eq!(
            fail(&mut command(dir.path(), &[flag])),
            "error: runs/rc holds a run of an earlier version of ktrain: choose another --out, or move it away\n"
        );
    }
    fs::write(dir.path().join("t.txt"), "gold\n").unwrap();
    let args = ["--input", "t.txt", "--adapter", "runs/rc"];
    assert_eq!(
        fail(&mut encode(dir.path(), &args)),
        "error: runs/rc is a run of an earlier version of ktrain (adapter_config.json): train it again, into another \
         folder\n"
    );
}

#[test]
fn the_run_that_is_replaced_is_whole_until_the_new_one_is() {
    let dir = shards();
    succeed(&mut command(dir.path(), &[]));
    succeed(&mut command(dir.path(), &["--out", "again"]));
    let (run, old) = (dir.path().join("runs/rc"), dir.path().join("runs/.rc.old"));
    let bytes = fs::read(run.join("adapter.safetensors")).unwrap();
    // It diverges: the new run ends in the middle.
    let bad = ["--overwrite", "--lr", "1e30"];
    let message = fail(&mut command(dir.path(), &bad));
    assert!(message.contains("the last good state is kept"), "{message}");
    assert!(bytes == fs::read(old.join("adapter.safetensors")).unwrap());
    assert!(!run.join("config.json").exists());
    fs::write(dir.path().join("t.txt"), "gold\n").unwrap();
    succeed(&mut encode(
        dir.path(),
        &["--input", "t.txt", "--adapter", "runs/.rc.old"],
    ));
    fail(&mut command(dir.path(), &bad));
    assert!(old.join("config.json").is_file());
    succeed(&mut command(dir.path(), &["--overwrite"]));
    assert_eq!(names(&dir.path().join("runs")), ["rc"]);
    assert_same(&run, &dir.path().join("again/rc"));
    // What a kill in the last step leaves is taken away.
    fs::write(run.join("training/replaces.txt"), "").unwrap();
    fs::create_dir(&old).unwrap();
    for file in ["config.json", "adapter.safetensors"] {
        fs::copy(run.join(file), old.join(file)).unwrap();
    }
    succeed(&mut command(dir.path(), &["--resume"]));
    assert_eq!(names(&dir.path().join("runs")), ["rc"]);
    assert_same(&run, &dir.path().join("again/rc"));
}

#[test]
fn a_finished_run_is_resumed_with_its_own_settings_alone() {
    let dir = shards();
    succeed(&mut command(dir.path(), &[]));
    let message = fail(&mut command(dir.path(), &["--resume", "--seed", "7"]));
    let expected =
        "runs/rc holds a finished run with other settings (seed is 7, was 42): give the same ones";
    assert!(message.contains(expected), "{message}");
    let output = succeed(&mut command(dir.path(), &["--resume"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("finished already: runs/rc (") && said.contains("shards were not read"),
        "{said}"
    );
}

#[test]
fn one_process_at_a_time_writes_an_output() {
    let dir = prepared();
    let root = dir.path();
    facts(root);
    fs::write(root.join("t.txt"), "the capital of France\n".repeat(40)).unwrap();
    let text = ["--text", "t.txt", "--vocabulary", "words.txt", "--out", "p"];
    let rows = ["--rows", "backbone", "--max-steps", "1", "--out", "rows"];
    let commands: [(&str, &dyn Fn() -> Command); 5] = [
        ("runs/rc", &|| command(root, &["--overwrite"])),
        ("fine", &|| {
            finetune(root, &["--out", "fine", "--max-steps", "1"])
        }),
        ("rows", &|| finetune(root, &rows)),
        ("p", &|| probe::probe(root, &backbone("bert-tiny"), &text)),
        ("f.safetensors", &|| encode(root, &["--input", "t.txt"])),
    ];
    for (out, command) in commands {
        let lock = FolderLock::of(&root.join(out)).unwrap();
        let message = fail(&mut command());
        let holder = format!("{out}: process {} (", std::process::id());
        assert!(message.contains(&holder), "{message}");
        drop(lock);
    }
    assert!(root.join("runs/rc/config.json").is_file());
    assert!(
        ["fine", "rows/backbone", "p", "f.safetensors"]
            .iter()
            .all(|out| !root.join(out).exists())
    );
    for (_, command) in &commands[..4] {
        succeed(&mut command());
    }
}

#[test]
fn a_link_as_output_stays_a_link() {
    let dir = shards();
    fs::create_dir(dir.path().join("disk")).unwrap();
    fs::create_dir(dir.path().join("runs")).unwrap();
    let link = dir.path().join("runs/rc");
    std::os::unix::fs::symlink("../disk/run", &link).unwrap();
    for more in [&[][..], &["--overwrite"]] {
        succeed(&mut command(dir.path(), more));
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(names(&dir.path().join("disk")), ["run"]);
        assert!(dir.path().join("disk/run/config.json").is_file());
    }
}

/// A limit on files' sizes stands for a full disk.
#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t.txt"), "gold and silver\n".repeat(400)).unwrap();
    let mut whole = encode(dir.path(), &["--input", "t.txt"]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(whole.get_program())
        .args(whole.get_args());
    limited
        .current_dir(dir.path())
        .env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    let message = fail(&mut limited);
    assert!(
        message.contains("f.safetensors.partial: File too large"),
        "{message}"
    );
    assert_eq!(names(dir.path()), ["t.txt"]);
    succeed(&mut whole);
    assert_eq!(names(dir.path()), ["f.safetensors", "t.txt"]);
}

/// A signal before the first line, and one where the file is whole and takes its place.
#[test]
fn a_stopped_encode_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t.txt"), "gold and silver\n".repeat(40)).unwrap();
    let encode = || encode(dir.path(), &["--input", "t.txt", "--batch-size", "1"]);
    let (code, said) = interrupt(encode(), "open .f.safetensors.partial", "TERM");
    assert_eq!(code, Some(143), "{said}");
    let stopped = "SIGTERM came: stopped while features";
    assert!(said.contains(stopped), "{said}");
    assert_eq!(names(dir.path()), ["t.txt"]);
    let (code, said) = interrupt(encode(), "rename f.safetensors", "TERM");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(names(dir.path()), ["f.safetensors", "t.txt"]);
}

/// Standard output is a pipe that nobody reads.
#[test]
fn a_reader_that_has_gone_ends_no_work_and_changes_no_verdict() {
    let dir = prepared();
    facts(dir.path());
    fs::write(
        dir.path().join("t.txt"),
        "the capital of France\n".repeat(40),
    )
    .unwrap();
    let text = [
        "--text",
        "t.txt",
        "--vocabulary",
        "words.txt",
        "--out",
        "p",
        "--json",
    ];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut probe = probe::probe(dir.path(), &backbone("bert-tiny"), &text);
    let status = probe.stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
    // All is done that was to be done behind the printing.
    assert_eq!(
        names(&dir.path().join("p")),
        [
            "mlm-backbone.safetensors",
            "probe-training",
            "probe.json",
            "probe.md"
        ]
    );
}
