//! A dataset written, published, read back and checked.

use std::fs;
use std::path::Path;

use kprep_schemas::{
    Card, Dataset, DatasetWriter, DependencyExample, Error, Funnel, GroupBy, Manifest, OutputDir,
    Provenance, Reject, Split, validate,
};

fn row(i: usize) -> DependencyExample {
    DependencyExample {
        id: format!("{i:04}"),
        doc_id: format!("doc{}", i / 10),
        sent_id: i.is_multiple_of(2).then(|| format!("s{i}")),
        text: None,
        token: ["Bell", "makes", "telephones", "."].into(),
        head: vec![2, 0, 2, -1],
        deprel: ["nsubj", "root", "obj", ""].into(),
        upos: None,
        xpos: Some(["NNP", "VBZ", "NNS", "."].into()),
    }
}

fn build(out: &Path, rows: usize, overwrite: bool) -> kprep_schemas::Result<Manifest> {
    let mut writer = DatasetWriter::create(OutputDir::claim(out, overwrite)?, Vec::new())?;
    for i in 0..rows {
        let split = if (i / 10).is_multiple_of(5) {
            Split::Validation
        } else {
            Split::Train
        };
        writer.push(split, row(i))?;
    }
    writer.reject(&Reject {
        index: Some(7),
        reason: "no_root",
        ..Reject::default()
    })?;
    let mut funnel = Funnel::new("sentences", rows as u64 + 1);
    funnel.stage("trees", [("no root", 1)]);
    let provenance = Provenance {
        objective: None,
        command: "deps",
        arguments: serde_json::Map::new(),
        seed: 42,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel,
    };
    writer.finish(
        provenance,
        &Card {
            title: "Heads".into(),
            ..Card::default()
        },
    )
}

#[test]
fn what_is_written_is_read_back_and_valid() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("heads");
    let manifest = build(&out, 70_000, false).unwrap();
    assert_eq!(manifest.rows("train"), 56_000);
    let train = &manifest.shards[0];
    assert_eq!(train.path, "data/train-00000-of-00001.parquet");

    let dataset = Dataset::open(&out).unwrap();
    assert_eq!(dataset.manifest, manifest);
    let read: Vec<_> = dataset
        .rows::<DependencyExample>(Split::Validation)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected: Vec<_> = (0..70_000usize)
        .filter(|i| (i / 10).is_multiple_of(5))
        .map(row)
        .collect();
    assert_eq!(read, expected);

    let report = validate(&out).unwrap();
    assert_eq!(
        (report.rows, report.problem_count, report.files),
        (70_000, 0, 6)
    );
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a/heads"), dir.path().join("b/heads"));
    assert_eq!(
        build(&a, 500, false).unwrap(),
        build(&b, 500, false).unwrap()
    );
    let sums = |dir: &Path| fs::read(dir.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&a), sums(&b));
}

#[test]
fn an_existing_output_is_kept_unless_told_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("heads");
    build(&out, 10, false).unwrap();
    assert!(matches!(build(&out, 20, false), Err(Error::Exists(_))));
    assert_eq!(build(&out, 20, true).unwrap().rows("validation"), 10);
    // A folder that is no dataset is never replaced.
    let home = dir.path().join("home");
    fs::create_dir_all(home.join("thesis")).unwrap();
    assert!(matches!(build(&home, 10, true), Err(Error::NotOurs { .. })));
    assert!(home.join("thesis").exists());
}

#[test]
fn an_unfinished_dataset_is_invisible() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("heads");
    let mut writer =
        DatasetWriter::create(OutputDir::claim(&out, false).unwrap(), Vec::new()).unwrap();
    writer.push(Split::Train, row(0)).unwrap();
    assert!(!out.exists());
    assert!(Dataset::find(dir.path()).unwrap().is_empty());
    drop(writer);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn validation_names_damage() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("heads");
    let manifest = build(&out, 100, false).unwrap();
    let shard = out.join(&manifest.shards[0].path);
    let mut bytes = fs::read(&shard).unwrap();
    bytes[100] ^= 1;
    fs::write(&shard, bytes).unwrap();
    fs::remove_file(out.join("README.md")).unwrap();
    let report = validate(&out).unwrap();
    assert!(
        report.problems[0].contains("its SHA-256 is"),
        "{:?}",
        report.problems
    );
    assert!(
        report
            .problems
            .iter()
            .any(|p| p.starts_with("README.md: No such file"))
    );
}
