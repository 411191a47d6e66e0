//! Datasets from elsewhere: shards, the table of relations, and manifests.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use kprep_schemas::{
    AlignedPage, Block, ChoiceExample, ClozeExample, Concept, Dataset, DependencyExample, Entity,
    Fact, LabelExample, LinkExample, MANIFEST, Manifest, Names, Page, PageTitles, PairExample,
    Property, QuestionExample, Record, Redirect, RelationExample, Shard, Split, Statement, Synset,
    Triple, TypingExample, View, sha256_file, validate,
};
use xxhash_rust::xxh3::xxh3_64;

use super::samples::{Sample, samples};
use crate::target::{Target, ending, file, with_folder};

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
        .chain([file("tests/data/found/shard-without-values.bin")])
        .collect()
}

/// A shard whose checksum is right, so that everything behind the checksum is asked. The first byte
/// of the input chooses the record type.
fn shard(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else {
        return;
    };
    let sample = &sampled()[usize::from(choice) % sampled().len()];
    dataset(sample, bytes, |dir| {
        let _ = validate(dir);
        let Ok(dataset) = Dataset::open(dir) else {
            return;
        };
        ending(dataset.json_lines(Split::Train)).for_each(drop);
        match sample.record {
            RelationExample::NAME => rows::<RelationExample>(&dataset),
            DependencyExample::NAME => rows::<DependencyExample>(&dataset),
            AlignedPage::NAME => rows::<AlignedPage>(&dataset),
            Page::NAME => rows_and_views::<Page, PageTitles>(&dataset),
            Entity::NAME => rows_and_views::<Entity, Names>(&dataset),
            Triple::NAME => rows_and_views::<Triple, Statement>(&dataset),
            Property::NAME => rows::<Property>(&dataset),
            Redirect::NAME => rows::<Redirect>(&dataset),
            TypingExample::NAME => rows::<TypingExample>(&dataset),
            ChoiceExample::NAME => rows::<ChoiceExample>(&dataset),
            QuestionExample::NAME => rows::<QuestionExample>(&dataset),
            ClozeExample::NAME => rows::<ClozeExample>(&dataset),
            Synset::NAME => rows::<Synset>(&dataset),
            LabelExample::NAME => rows::<LabelExample>(&dataset),
            LinkExample::NAME => rows::<LinkExample>(&dataset),
            Concept::NAME => rows::<Concept>(&dataset),
            PairExample::NAME => rows::<PairExample>(&dataset),
            _ => rows::<Fact>(&dataset),
        }
    });
}

/// A reader ends at its first error, whether it reads a shard or its row groups.
fn rows<R: Record>(dataset: &Dataset) {
    let shard = &dataset.manifest.shards[0];
    let groups = dataset.row_groups(Split::Train).unwrap_or_default();
    let groups = groups
        .into_iter()
        .filter_map(|(shard, group)| dataset.row_group::<R>(shard, group).ok());
    for reader in dataset.shard::<R>(shard).into_iter().chain(groups) {
        let mut behind = ending(reader).skip_while(Result::is_ok).skip(1);
        assert!(behind.next().is_none(), "the reader goes on after an error");
    }
}

fn rows_and_views<R: Record, V: View>(dataset: &Dataset) {
    rows::<R>(dataset);
    if let Ok(views) = dataset.views::<V>(Split::Train) {
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
        let mut manifest: Manifest = serde_json::from_slice(&sample.manifest).expect("a manifest");
        manifest.files.clear();
        let bytes = shard.len() as u64;
        let block = Block {
            end: bytes,
            xxh3: format!("{:016x}", xxh3_64(shard)),
        };
        manifest.shards[0] = Shard {
            bytes,
            sha256: sha256_file(&path).expect("a file"),
            blocks: vec![block],
            ..manifest.shards[0].clone()
        };
        manifest.write(dir).expect("a manifest");
        read(dir);
    });
}

/// A manifest beside the shard that it lists: as it is, and with the checksum that it should have,
/// so that everything behind the checksum is asked.
fn manifest(input: &[u8]) {
    let mut samples = sampled().iter();
    let sample = samples.find(|sample| sample.record == Entity::NAME);
    let sample = sample.expect("a sample of each record type");
    dataset(sample, &sample.shard, |dir| {
        fs::write(dir.join(MANIFEST), input).expect("a file");
        let _ = Manifest::read(dir);
        let Ok(read) = serde_json::from_slice::<Manifest>(input) else {
            return;
        };
        let _ = (read.splits().count(), read.rules().allow_non_tree);
        read.write(dir).expect("a manifest");
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
