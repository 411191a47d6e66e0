//! A dataset folder, built and published in one step.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::overlap::Overlaps;
use crate::reject::RejectWriter;
use crate::seal::{Rows, describe_shards, seal};
use crate::shard_file::write_table;
use crate::shard_writer::ShardWriter;
use crate::{
    Card, Error, Funnel, GroupBy, InputFile, Manifest, OutputDir, Record, Reject, Result, Split,
};

/// File name of the rejects in a dataset folder.
pub const REJECTS: &str = "rejects.jsonl.zst";

/// What the manifest says of how a dataset was made.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The subcommand, e.g. `trex`.
    pub command: &'static str,
    /// What an adapter learns from the rows, where their record type alone does not say it.
    pub objective: Option<String>,
    /// Every argument that shapes the content, defaults included.
    pub arguments: Map<String, Value>,
    /// Seed of the split.
    pub seed: u64,
    /// The group that is never divided between splits.
    pub split_by: GroupBy,
    /// The inputs, in the order they were read.
    pub inputs: Vec<InputFile>,
    /// The counts.
    pub funnel: Funnel,
}

/// Builds a dataset beside its final place and puts it there in one step (see [`OutputDir`]), so
/// that a folder with a manifest is always complete. Dropped unfinished, it removes what it wrote.
///
/// Memory: a row group a split as packed pages; and for what the splits have in common, 16 bytes at
/// most for each kind of [`Record::SHAREABLE`] and each distinct thing of it in a split.
pub struct DatasetWriter<R: Record> {
    class_names: Vec<String>,
    splits: Vec<ShardWriter<R>>,
    rejects: RejectWriter,
    overlaps: Overlaps,
    /// Where it grows.
    dir: PathBuf,
    /// Last, so that the folder is removed when nothing writes into it any more.
    out: OutputDir,
}

impl<R: Record> DatasetWriter<R> {
    /// Starts a dataset that will appear at `out`.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be made.
    pub fn create(mut out: OutputDir, class_names: Vec<String>) -> Result<Self> {
        let dir = out.start()?;
        let data = dir.join("data");
        fs::create_dir(&data).map_err(Error::io(&data))?;
        let schema = R::arrow_schema(&class_names);
        let splits = Split::ALL
            .map(|split| ShardWriter::new(&data, split, &schema))
            .into();
        let rejects = RejectWriter::create(&dir.join(REJECTS))?;
        Ok(Self {
            class_names,
            splits,
            rejects,
            overlaps: Overlaps::of(R::SHAREABLE),
            out,
            dir,
        })
    }

    /// Adds a row. Rows of a split keep the order in which they are added.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when a row group cannot be written.
    pub fn push(&mut self, split: Split, row: R) -> Result<()> {
        self.overlaps.add(split, &row.shareable());
        self.splits[split as usize].push(row)
    }

    /// Notes a dropped record.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn reject(&mut self, reject: &Reject) -> Result<()> {
        self.rejects.write(reject)
    }

    /// Adds a small table as a Parquet file of its own in the dataset's folder.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when it cannot be written.
    pub fn write_table<T: Record>(&mut self, name: &str, rows: &[T]) -> Result<()> {
        write_table(&self.dir.join(name), rows)
    }

    /// Writes shards, card, checksums and manifest, and puts the dataset in its place.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when something cannot be written; nothing is published
    /// then.
    pub fn finish(self, provenance: Provenance, card: &Card) -> Result<Manifest> {
        let Self {
            out,
            dir,
            class_names,
            splits,
            rejects,
            overlaps,
        } = self;
        let mut shards = Vec::new();
        for (split, writer) in Split::ALL.into_iter().zip(splits) {
            shards.extend(describe_shards(&dir, split, writer.finish()?)?);
        }
        rejects.finish()?;
        let manifest = seal::<R>(
            &dir,
            &out.name(),
            Rows {
                class_names,
                shards,
                overlap: overlaps.finish(),
            },
            provenance,
            card,
        )?;
        out.publish()?;
        Ok(manifest)
    }
}
