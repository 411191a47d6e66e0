//! Damaged datasets and datasets that say what they should not: every reader notices.

#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests may

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use kprep_schemas::{
    Card, DataFile, Dataset, DatasetWriter, Error, Funnel, GroupBy, Manifest, OutputDir,
    Provenance, RelationCount, RelationExample, Result, Shard, ShardReader, Split, validate,
};

const RELATIONS: &str = "relations.parquet";

/// A sentence of its own with two mentions.
fn row(i: usize) -> RelationExample {
    let text = format!("City{i} is the capital of Land{i} .");
    let end = |word: &str| (text.find(word).unwrap() + word.len()) as i32;
    let land = format!("Land{i}");
    RelationExample {
        id: format!("{i:05}"),
        doc_id: format!("doc{i}"),
        title: String::new(),
        token: text.split(' ').collect(),
        subj_start: 0,
        subj_end: 0,
        obj_start: 5,
        obj_end: 5,
        subj_char_start: 0,
        subj_char_end: end(&format!("City{i}")),
        obj_char_start: end(&land) - land.len() as i32,
        obj_char_end: end(&land),
        subj_id: format!("Q{i}"),
        obj_id: format!("Q{}", i + 1),
        obj_type: "item".into(),
        relation: "P36".into(),
        label: Some(0),
        aligners: ["test"].into(),
        text,
    }
}

/// A relation dataset of 300 rows, all in train.
fn build(out: &Path) -> Manifest {
    let names = vec!["P36".to_owned()];
    let mut writer = DatasetWriter::create(OutputDir::claim(out, true).unwrap(), names).unwrap();
    for i in 0..300 {
        writer.push(Split::Train, row(i)).unwrap();
    }
    let count = RelationCount {
        label: 0,
        relation: "P36".into(),
        name: Some("capital".into()),
        pairs: 300,
        train: 300,
        validation: 0,
        test: 0,
    };
    writer.write_table(RELATIONS, &[count]).unwrap();
    let provenance = Provenance {
        objective: None,
        command: "test",
        arguments: serde_json::Map::new(),
        seed: 1,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel: Funnel::new("rows", 300),
    };
    writer.finish(provenance, &Card::default()).unwrap()
}

/// Flips one bit of a file, asks, and flips it back.
fn with_flip<T>(path: &Path, byte: usize, ask: impl FnOnce() -> T) -> T {
    let whole = fs::read(path).unwrap();
    let mut damaged = whole.clone();
    damaged[byte] ^= 1 << (byte % 8);
    fs::write(path, damaged).unwrap();
    let answer = ask();
    fs::write(path, whole).unwrap();
    answer
}

fn all<T>(items: impl Iterator<Item = Result<T>>) -> Result<usize> {
    let items: Vec<T> = items.collect::<Result<_>>()?;
    Ok(items.len())
}

/// What every way to read the whole of a dataset says.
fn readers(dir: &Path) -> Vec<(&'static str, Result<usize>)> {
    let dataset = Dataset::open(dir).unwrap();
    let shard = &dataset.manifest.shards[0];
    let path = dir.join(&shard.path);
    let row_groups = || {
        let groups = dataset.row_groups(Split::Train)?;
        let read = |&(shard, group): &(&Shard, usize)| {
            all(dataset.row_group::<RelationExample>(shard, group)?)
        };
        groups.iter().map(read).sum::<Result<usize>>()
    };
    let rows = dataset.rows::<RelationExample>(Split::Train);
    vec![
        ("rows", rows.and_then(all)),
        ("JSON Lines", all(dataset.json_lines(Split::Train))),
        ("row groups", row_groups()),
        (
            "a shard by its path",
            ShardReader::<RelationExample>::open(&path).and_then(all),
        ),
    ]
}

#[test]
fn every_reader_notices_every_flipped_bit_of_a_shard() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let shard = out.join(&build(&out).shards[0].path);
    for (reader, read) in readers(&out) {
        assert!(read.is_ok(), "{reader}: {read:?}");
    }
    let bytes = fs::metadata(&shard).unwrap().len() as usize;
    for byte in (0..bytes).step_by(bytes / 200).chain(bytes - 8..bytes) {
        let read = with_flip(&shard, byte, || readers(&out));
        for (reader, read) in read {
            assert!(read.is_err(), "{reader}: a flip in byte {byte} of {bytes}");
        }
    }
    // Nor does it end before its time, or go on behind it.
    let whole = fs::read(&shard).unwrap();
    fs::write(&shard, [&whole[..], b"x"].concat()).unwrap();
    assert!(readers(&out).iter().all(|(_, read)| read.is_err()));
}

#[test]
fn a_flipped_bit_of_a_table_or_of_the_manifest_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    build(&out);
    let dataset = Dataset::open(&out).unwrap();
    let table = || dataset.table::<RelationCount>(RELATIONS);
    assert_eq!(table().unwrap().len(), 1);
    let path = out.join(RELATIONS);
    for byte in 0..fs::metadata(&path).unwrap().len() as usize {
        let read = with_flip(&path, byte, table);
        assert!(matches!(read, Err(Error::Damaged { .. })), "byte {byte}");
    }
    let path = out.join("manifest.json");
    for byte in 0..fs::metadata(&path).unwrap().len() as usize {
        let read = with_flip(&path, byte, || Manifest::read(&out));
        assert!(read.is_err(), "byte {byte}");
    }
}

#[test]
fn readers_end_after_their_first_error() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let shard = out.join(&build(&out).shards[0].path);
    with_flip(&shard, 100, || {
        let dataset = Dataset::open(&out).unwrap();
        let rows = dataset.rows::<RelationExample>(Split::Train).unwrap();
        assert_eq!(rows.filter(Result::is_err).take(10).count(), 1);
        let lines = dataset.json_lines(Split::Train);
        assert_eq!(lines.filter(Result::is_err).take(10).count(), 1);
        let shard = ShardReader::<RelationExample>::open(&shard).unwrap();
        assert_eq!(shard.filter(Result::is_err).take(10).count(), 1);
    });
}

#[test]
fn validation_of_a_damaged_relation_set_ends_and_says_what_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let manifest = build(&out);
    assert_eq!(validate(&out).unwrap().problems, [""; 0]);
    let shard = &manifest.shards[0];
    let path = out.join(&shard.path);
    for byte in (4..shard.bytes as usize).step_by(97) {
        let report = with_flip(&path, byte, || validate(&out)).unwrap();
        let problems = report.problems.join("\n");
        assert!(problems.contains("its SHA-256 is"), "{byte}: {problems}");
        assert!(problems.contains("their XXH3 is"), "{byte}: {problems}");
        let table = "relations.parquet: not compared with the rows: ";
        assert!(problems.contains(table), "{byte}: {problems}");
    }
}

#[test]
fn a_manifest_names_nothing_outside_of_its_dataset() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let whole = build(&out);
    let secret = dir.path().join("secret");
    fs::copy(out.join(&whole.shards[0].path), &secret).unwrap();
    symlink(&secret, out.join("data/link")).unwrap();
    symlink(dir.path(), out.join("up")).unwrap();
    symlink("/dev/zero", out.join("zero")).unwrap();

    for name in [
        "../victim",
        "../../x",
        "/abs",
        "..",
        "",
        "a/b",
        "a\u{1b}[2J",
    ] {
        let mut manifest = whole.clone();
        manifest.name = name.into();
        assert!(is_refused(&out, &manifest), "{name:?}");
    }
    let absolute = secret.to_str().unwrap();
    let paths = [
        "../secret",
        absolute,
        "data/link",
        "up/secret",
        "/dev/zero",
        "zero",
        "data",
    ];
    for path in paths {
        let mut manifest = whole.clone();
        manifest.shards[0].path = path.into();
        assert!(is_refused(&out, &manifest), "shard {path:?}");
        let mut manifest = whole.clone();
        manifest.files[0].path = path.into();
        assert!(is_refused(&out, &manifest), "file {path:?}");
    }
    whole.write(&out).unwrap();
    assert!(validate(&out).is_ok());
}

fn is_refused(dir: &Path, manifest: &Manifest) -> bool {
    manifest.write(dir).unwrap();
    let read = Manifest::read(dir);
    assert_eq!(read.is_err(), validate(dir).is_err());
    matches!(read, Err(Error::UnsafePath { .. }))
}

#[test]
fn a_folder_that_is_no_dataset_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let message = |dir: &Path| Manifest::read(dir).unwrap_err().to_string();
    let path = dir.path().display();
    assert!(
        message(dir.path()).ends_with(": not a dataset of kprep, or one whose build was cut off")
    );
    for name in ["pages", "redirects"] {
        build(&dir.path().join(name));
    }
    assert_eq!(
        message(dir.path()),
        format!("{path} holds the datasets pages, redirects: name one of them, as in {path}/pages")
    );
    assert_eq!(
        message(&dir.path().join("nowhere")),
        format!("no folder {path}/nowhere")
    );
}

#[test]
fn manifests_of_others_and_of_other_versions_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let mut manifest = build(&out);
    let read = |json: &str| {
        fs::write(out.join("manifest.json"), json).unwrap();
        Manifest::read(&out).unwrap_err()
    };
    for json in ["{}", r#"{"name": "app", "short_name": "app"}"#] {
        assert!(matches!(read(json), Error::NotADataset(_)), "{json}");
        assert!(!kprep_schemas::is_dataset(&out));
    }
    let earlier = r#"{"name": "set", "generator": "kprep 0.1.0", "shards": []}"#;
    let error = read(earlier);
    assert!(matches!(error, Error::OtherFormat(_)));
    assert!(
        error.to_string().ends_with("build the dataset again"),
        "{error}"
    );
    assert!(kprep_schemas::is_dataset(&out));
    manifest.format_version += 1;
    manifest.write(&out).unwrap();
    assert!(matches!(Manifest::read(&out), Err(Error::OtherFormat(_))));
}

#[test]
fn unlisted_tables_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let mut manifest = build(&out);
    manifest
        .files
        .retain(|file: &DataFile| file.path != RELATIONS);
    manifest.write(&out).unwrap();
    let dataset = Dataset::open(&out).unwrap();
    let error = dataset.table::<RelationCount>(RELATIONS).unwrap_err();
    let expected = "relations.parquet: the manifest does not list it";
    assert!(error.to_string().contains(expected), "{error}");
}
