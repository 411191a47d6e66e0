//! One of several tables that grow part by part.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::reject::RejectWriter;
use crate::seal::{Rows, describe_shards, seal};
use crate::shard_writer::ShardWriter;
use crate::{Card, Error, Manifest, Provenance, REJECTS, Record, Reject, Result, Split};

/// How far a table has come: what of its folder is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePart {
    /// The table.
    pub name: String,
    /// Rows of each shard.
    pub rows: Vec<u64>,
    /// Length of the file of rejects.
    pub rejects_bytes: u64,
}

/// A dataset folder that grows in parts, its rows in the split `train` unless [`Table::push_to`] puts
/// them into another. Made by [`crate::Parts::table`].
///
/// A part has shards of its own; where it is large, several. Memory: as a split of a
/// [`crate::DatasetWriter`].
pub struct Table<R: Record> {
    name: String,
    dir: PathBuf,
    shards: ShardWriter<R>,
    /// The other splits, where they have rows.
    others: BTreeMap<Split, ShardWriter<R>>,
    /// The rejects of this part, if there are any yet: each part has a Zstandard frame of its own.
    rejects: Option<RejectWriter>,
    /// Length of the rejects of the parts before.
    rejects_bytes: u64,
}

impl<R: Record> Table<R> {
    /// Starts a table in `dir`, or goes on behind what it had.
    pub(crate) fn open(dir: &Path, name: &str, part: Option<&TablePart>) -> Result<Self> {
        let data = dir.join("data");
        fs::create_dir_all(&data).map_err(Error::io(&data))?;
        let rejects = dir.join(REJECTS);
        if part.is_none() {
            File::create(&rejects).map_err(Error::io(&rejects))?;
        }
        if let Some(part) = part {
            check_rejects(&rejects, part.rejects_bytes)?;
        }
        // A run may be cut off when this table was a complete dataset, but another one was not.
        for entry in fs::read_dir(dir).map_err(Error::io(dir))? {
            let path = entry.map_err(Error::io(dir))?.path();
            if path.is_file() && path != rejects {
                fs::remove_file(&path).map_err(Error::io(&path))?;
            }
        }
        let schema = R::arrow_schema(&[]);
        let rows = part.map(|part| part.rows.clone()).unwrap_or_default();
        Ok(Self {
            name: name.to_owned(),
            dir: dir.to_owned(),
            shards: ShardWriter::resume(&data, Split::Train, &schema, rows)?,
            others: BTreeMap::new(),
            rejects: None,
            rejects_bytes: part.map_or(0, |part| part.rejects_bytes),
        })
    }

    /// Adds a row. Rows keep the order in which they are added.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when a row group cannot be written.
    pub fn push(&mut self, row: R) -> Result<()> {
        self.shards.push(row)
    }

    /// Adds a row to a split, for runs of a single part: rows of other splits than `train` are not
    /// known to parts, and a run cannot go on behind them.
    ///
    /// # Errors
    /// As [`Table::push`].
    pub fn push_to(&mut self, split: Split, row: R) -> Result<()> {
        if split == Split::Train {
            return self.push(row);
        }
        let writer = self.others.entry(split).or_insert_with(|| {
            let schema = R::arrow_schema(&[]);
            ShardWriter::new(&self.dir.join("data"), split, &schema)
        });
        writer.push(row)
    }

    /// Notes a dropped record.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn reject(&mut self, reject: &Reject) -> Result<()> {
        let writer = match self.rejects.take() {
            Some(writer) => writer,
            None => RejectWriter::append(&self.dir.join(REJECTS), self.rejects_bytes)?,
        };
        self.rejects.insert(writer).write(reject)
    }

    /// Ends a part: what was added so far is complete, and on disk for good. For
    /// [`crate::Parts::end_part`].
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when it cannot be written.
    pub fn end_part(&mut self) -> Result<TablePart> {
        if let Some(rejects) = self.rejects.take() {
            self.rejects_bytes = rejects.finish()?;
        }
        Ok(TablePart {
            name: self.name.clone(),
            rows: self.shards.end_shard()?.to_vec(),
            rejects_bytes: self.rejects_bytes,
        })
    }

    /// The paths of the shards that are complete, in order; those of a part once it has ended.
    pub fn shards(&self) -> Vec<PathBuf> {
        self.shards.paths()
    }

    /// Makes the folder a dataset.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when something cannot be written.
    pub fn finish(mut self, provenance: Provenance, card: &Card) -> Result<Manifest> {
        self.end_part()?;
        if self.rejects_bytes == 0 {
            // A file of Zstandard has at least one frame.
            RejectWriter::append(&self.dir.join(REJECTS), 0)?.finish()?;
        }
        let mut shards = describe_shards(&self.dir, Split::Train, self.shards.finish()?)?;
        for (split, writer) in self.others {
            shards.extend(describe_shards(&self.dir, split, writer.finish()?)?);
        }
        let rows = Rows {
            shards,
            ..Rows::default()
        };
        seal::<R>(&self.dir, &self.name, rows, provenance, card)
    }
}

/// Whether the rejects of the finished parts are there.
fn check_rejects(path: &Path, bytes: u64) -> Result<()> {
    let found = fs::metadata(path).map_err(Error::io(path))?.len();
    if found >= bytes {
        return Ok(());
    }
    Err(Error::Damaged {
        path: path.to_owned(),
        found: format!("{found} bytes, its finished parts have {bytes}"),
    })
}
