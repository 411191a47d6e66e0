//! Datasets from elsewhere: shards, the table of relations, and manifests.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Dataset, Entity, HeadExample, JsonLines, MANIFEST,
    Manifest, Names, Page, PageTitles, Property, QuestionExample, Record, Redirect,
    RelationExample, ShardReader, Split, Statement, Triple, TypingExample, View, sha256_file,
    validate,
};
use serde_json::{Value, json};

use super::samples::{Sample, samples};
use crate::target::{Target, ending, with_folder};

pub(super) const TARGETS: [Target; 2] = [
    Target {
        name: "shards",
        read: shard,
        seeds: shards,
    },
    Target {
        name: "manifests",
        read: manifest,
        seeds: || {
            sampled()
                .iter()
                .map(|sample| sample.manifest.clone())
                .collect()
        },
    },
];

fn sampled() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(samples)
}

/// The rows of each record type as JSON Lines.
pub(super) fn json_lines() -> impl Iterator<Item = &'static [u8]> {
    sampled().iter().map(|sample| sample.lines.as_slice())
}

fn shards() -> Vec<Vec<u8>> {
    let shards = (0..).zip(sampled());
    shards
        .map(|(i, sample)| [&[i], sample.shard.as_slice()].concat())
        .collect()
}

/// A shard whose checksum is right, so that everything behind the checksum is asked. The first byte of
/// the input chooses the record type.
fn shard(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else {
        return;
    };
    let sample = &sampled()[usize::from(choice) % sampled().len()];
    dataset(sample, bytes, |dir| {
        let _ = validate(dir);
        let path = dir.join(&sample.path);
        ending(JsonLines::open(&path).into_iter().flatten()).for_each(drop);
        match sample.record {
            RelationExample::NAME => rows::<RelationExample>(&path),
            HeadExample::NAME => rows::<HeadExample>(&path),
            AlignedPage::NAME => rows::<AlignedPage>(&path),
            Page::NAME => rows_and_views::<Page, PageTitles>(dir, &path),
            Entity::NAME => rows_and_views::<Entity, Names>(dir, &path),
            Triple::NAME => rows_and_views::<Triple, Statement>(dir, &path),
            Property::NAME => rows::<Property>(&path),
            Redirect::NAME => rows::<Redirect>(&path),
            TypingExample::NAME => rows::<TypingExample>(&path),
            ChoiceExample::NAME => rows::<ChoiceExample>(&path),
            QuestionExample::NAME => rows::<QuestionExample>(&path),
            _ => rows::<ClozeExample>(&path),
        }
    });
}

/// A reader ends at its first error.
fn rows<R: Record>(path: &Path) {
    let reader = ShardReader::<R>::open(path).into_iter().flatten();
    let mut behind = ending(reader).skip_while(Result::is_ok).skip(1);
    assert!(behind.next().is_none(), "the reader goes on after an error");
}

fn rows_and_views<R: Record, V: View>(dir: &Path, path: &Path) {
    rows::<R>(path);
    if let Ok(views) = Dataset::open(dir).and_then(|dataset| dataset.views::<V>(Split::Train)) {
        ending(views).for_each(drop);
    }
}

/// The sample's dataset with another shard.
fn dataset(sample: &Sample, shard: &[u8], read: impl FnOnce(&Path)) {
    with_folder(&[], |dir| {
        let path = dir.join(&sample.path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).expect("a folder");
        }
        fs::write(&path, shard).expect("a file");
        let mut manifest: Value = serde_json::from_slice(&sample.manifest).expect("JSON");
        manifest["files"] = json!([]);
        manifest["shards"][0]["bytes"] = json!(shard.len());
        manifest["shards"][0]["sha256"] = json!(sha256_file(&path).expect("a file"));
        fs::write(dir.join(MANIFEST), manifest.to_string()).expect("a file");
        read(dir);
    });
}

/// A manifest beside the shard that it lists.
fn manifest(input: &[u8]) {
    let mut samples = sampled().iter();
    let sample = samples.find(|sample| sample.record == Entity::NAME);
    let sample = sample.expect("a sample of each record type");
    dataset(sample, &sample.shard, |dir| {
        fs::write(dir.join(MANIFEST), input).expect("a file");
        let Ok(read) = Manifest::read(dir) else {
            return;
        };
        let _ = (read.splits().count(), read.rules().allow_non_tree);
        let _ = validate(dir);
        if let Ok(dataset) = Dataset::open(dir) {
            for split in Split::ALL {
                if let Ok(rows) = dataset.rows::<Entity>(split) {
                    ending(rows).for_each(drop);
                }
                let _ = dataset.row_groups(split);
            }
        }
        let _ = Dataset::find(dir);
    });
}
