//! Where datasets go: what is replaced, what is left alone, and who may write.

#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests may

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process;

use kprep_schemas::{
    Card, DatasetWriter, Error, Funnel, GroupBy, Manifest, OutputDir, Provenance, Redirect, Result,
    Split, validate,
};

/// Writes a dataset of so many rows.
fn build(out: &Path, rows: u64, overwrite: bool) -> Result<Manifest> {
    write(OutputDir::claim(out, overwrite)?, rows)
}

fn write(out: OutputDir, rows: u64) -> Result<Manifest> {
    let mut writer = DatasetWriter::create(out, Vec::new())?;
    for i in 0..rows {
        let redirect = Redirect {
            title: i.to_string(),
            target: "there".into(),
        };
        writer.push(Split::Train, redirect)?;
    }
    let provenance = Provenance {
        objective: None,
        command: "test",
        arguments: serde_json::Map::new(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel: Funnel::new("rows", rows),
    };
    writer.finish(provenance, &Card::default())
}

fn rows(out: &Path) -> u64 {
    assert_eq!(validate(out).unwrap().problems, [""; 0]);
    Manifest::read(out).unwrap().rows("train")
}

/// The names in a folder, hidden ones too.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn not_ours(refused: Result<Manifest>) -> String {
    match refused.unwrap_err() {
        error @ Error::NotOurs { .. } => error.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn overwriting_replaces_a_dataset_and_leaves_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    build(&out, 3, false).unwrap();
    build(&out, 5, true).unwrap();
    assert_eq!((rows(&out), names(dir.path())), (5, vec!["set".into()]));
}

#[test]
fn overwriting_destroys_nothing_that_the_manifest_does_not_list() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    build(&out, 3, false).unwrap();
    fs::write(out.join("data/notes.txt"), "mine").unwrap();
    fs::create_dir(out.join("plots")).unwrap();
    let message = not_ours(build(&out, 5, true));
    let expected = "its manifest does not list data/notes.txt, plots";
    assert!(message.contains(expected), "{message}");
    assert_eq!(rows(&out), 3);

    fs::remove_file(out.join("data/notes.txt")).unwrap();
    fs::remove_dir(out.join("plots")).unwrap();
    // A shard that is a link now: what it leads to is not in the dataset.
    let shard = out.join("data/train-00000-of-00001.parquet");
    fs::rename(&shard, dir.path().join("elsewhere")).unwrap();
    symlink("../../elsewhere", &shard).unwrap();
    not_ours(build(&out, 5, true));
    assert!(dir.path().join("elsewhere").exists());
}

#[test]
fn a_folder_with_a_manifest_of_someone_else_is_no_dataset() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("app");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "mine").unwrap();
    for manifest in ["{}", "{", r#"{"name": "app", "generator": "kprep 0.1.0"}"#] {
        fs::write(out.join("manifest.json"), manifest).unwrap();
        not_ours(build(&out, 5, true));
        assert_eq!(names(&out), ["manifest.json", "thesis.tex"]);
    }
    let file = dir.path().join("file");
    fs::write(&file, "mine").unwrap();
    not_ours(build(&file, 5, true));
    assert_eq!(names(dir.path()), ["app", "file"]);
}

#[test]
fn hidden_folders_of_others_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    for name in [".set.partial", ".set.old"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("mine"), "mine").unwrap();
    }
    let message = not_ours(build(&out, 5, false));
    assert!(message.contains(".set.partial is neither"), "{message}");
    fs::rename(dir.path().join(".set.partial"), dir.path().join("moved")).unwrap();
    build(&out, 5, false).unwrap();
    assert_eq!(names(dir.path()), [".set.old", "moved", "set"]);
}

#[test]
fn what_a_killed_run_left_is_removed_but_not_what_others_put_there() {
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (dir.path().join("set"), dir.path().join(".set.partial"));
    // Killed before it had marked its folder, while it marked it, and later.
    fs::create_dir(&work).unwrap();
    build(&out, 1, true).unwrap();
    fs::create_dir(&work).unwrap();
    fs::write(work.join("kprep-partial.txt"), "The unfin").unwrap();
    build(&out, 2, true).unwrap();
    killed(&out);
    assert_eq!(names(&work), ["kprep-partial.txt", "new"]);
    fs::write(work.join("mine"), "mine").unwrap();
    let message = not_ours(build(&out, 3, true));
    assert!(message.contains("it has mine, which"), "{message}");
    fs::remove_file(work.join("mine")).unwrap();
    build(&out, 4, true).unwrap();
    assert_eq!((rows(&out), names(dir.path())), (4, vec!["set".into()]));
}

/// Leaves what a run leaves that is killed while it writes.
fn killed(out: &Path) {
    let writer = OutputDir::claim(out, true).unwrap();
    let mut writer = DatasetWriter::<Redirect>::create(writer, Vec::new()).unwrap();
    let redirect = Redirect {
        title: "a".into(),
        target: "b".into(),
    };
    writer.push(Split::Train, redirect).unwrap();
    let lock = out.with_file_name(format!(".{}.lock", out.file_name().unwrap().display()));
    std::mem::forget(writer);
    // The system releases the lock of a process that ends; this one goes on.
    fs::remove_file(lock).unwrap();
}

#[test]
fn removing_the_old_dataset_goes_on_where_a_run_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (dir.path().join("set"), dir.path().join(".set.partial"));
    let old = work.join("old");
    build(&out, 3, false).unwrap();
    killed(&out);
    // The old and the new one have changed places; the old one is half removed.
    fs::remove_dir_all(work.join("new")).unwrap();
    fs::rename(&out, &old).unwrap();
    build(&dir.path().join("other"), 4, false).unwrap();
    fs::rename(dir.path().join("other"), &out).unwrap();
    fs::rename(old.join("manifest.json"), old.join("removed-manifest.json")).unwrap();
    fs::remove_file(old.join("README.md")).unwrap();
    // Someone's file is named and stays.
    fs::write(old.join("mine"), "mine").unwrap();
    let message = not_ours(build(&out, 5, true));
    assert!(message.contains("it has mine, which"), "{message}");
    fs::remove_file(old.join("mine")).unwrap();
    build(&out, 5, true).unwrap();
    assert_eq!((rows(&out), names(dir.path())), (5, vec!["set".into()]));
}

#[test]
fn what_a_run_left_that_was_killed_after_it_had_published_goes_without_overwriting() {
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (dir.path().join("set"), dir.path().join(".set.partial"));
    killed(&out);
    fs::remove_dir_all(work.join("new")).unwrap();
    build(&dir.path().join("other"), 4, false).unwrap();
    fs::rename(dir.path().join("other"), &out).unwrap();
    fs::write(work.join("memory-00003.zst"), "a note").unwrap();
    let refused = build(&out, 5, false);
    assert!(matches!(refused, Err(Error::Exists(_))));
    assert_eq!((rows(&out), names(dir.path())), (4, vec!["set".into()]));
}

#[test]
fn the_old_dataset_comes_back_where_a_run_was_killed_between_two_renames() {
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (dir.path().join("set"), dir.path().join(".set.partial"));
    build(&out, 3, false).unwrap();
    killed(&out);
    // A file system that cannot exchange the two.
    fs::rename(&out, work.join("old")).unwrap();
    let refused = build(&out, 5, false);
    assert!(matches!(refused, Err(Error::Exists(_))));
    assert_eq!(rows(&out), 3);
}

#[test]
fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let first = OutputDir::claim(&out, false).unwrap();
    for overwrite in [false, true] {
        let refused = build(&out, 5, overwrite).unwrap_err();
        let message = refused.to_string();
        assert!(matches!(refused, Error::Locked { .. }), "{message}");
        let holder = format!("process {} (", process::id());
        assert!(message.contains(&holder), "{message}");
    }
    // By way of a link it is the same place.
    symlink("set", dir.path().join("link")).unwrap();
    let refused = OutputDir::claim(&dir.path().join("link"), false);
    assert!(matches!(refused, Err(Error::Locked { .. })));
    write(first, 3).unwrap();
    assert_eq!(
        (rows(&out), names(dir.path())),
        (3, vec!["link".into(), "set".into()])
    );
}

#[test]
fn a_link_stays_a_link_and_its_target_gets_the_dataset() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir(path("disk")).unwrap();
    fs::create_dir(path("disk/target")).unwrap();
    symlink("disk/target", path("link")).unwrap();
    symlink("disk/not-there", path("dangling")).unwrap();
    for (link, target) in [("link", "disk/target"), ("dangling", "disk/not-there")] {
        build(&path(link), 3, false).unwrap();
        build(&path(link), 4, true).unwrap();
        assert!(fs::symlink_metadata(path(link)).unwrap().is_symlink());
        assert!(!fs::symlink_metadata(path(target)).unwrap().is_symlink());
        assert_eq!(rows(&path(target)), 4);
    }
    assert_eq!(names(dir.path()), ["dangling", "disk", "link"]);
    assert_eq!(names(&path("disk")), ["not-there", "target"]);
}

#[test]
fn a_mount_point_is_refused_before_the_work() {
    let refused = OutputDir::claim(Path::new("/proc"), true).unwrap_err();
    assert!(matches!(refused, Error::MountPoint(_)), "{refused}");
    let message = "/proc is a mount point, which cannot be replaced in one step: choose a folder in it, \
                   as in --out /proc/NAME";
    assert_eq!(refused.to_string(), message);
}

#[test]
fn names_that_no_dataset_may_have_are_written_in_another_way() {
    let dir = tempfile::tempdir().unwrap();
    for (folder, name) in [("a\nb", "a_b"), ("a\\b", "a_b"), ("größe 1", "größe 1")] {
        let out = dir.path().join(folder);
        assert_eq!(build(&out, 1, false).unwrap().name, name);
        assert_eq!(rows(&out), 1);
        build(&out.join("."), 2, true).unwrap();
        assert_eq!(rows(&out), 2);
    }
}
