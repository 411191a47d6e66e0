//! Rows to the Parquet shards of one split.

use std::ffi::OsStr;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::file::properties::WriterProperties;

use crate::parquet_file::ParquetFile;
use crate::shard_file::{BATCH_ROWS, ShardFile, properties};
use crate::{Error, Record, Result, Split};

/// The bytes at which a batch of long rows is full before it has [`BATCH_ROWS`].
const BATCH_BYTES: usize = 4 << 20;

/// A shard ends with the row group that takes it past this size.
const SHARD_BYTES: u64 = 256 << 20;

/// Writes the shards of one split into a folder.
///
/// Memory: three batches of rows, and one row group as compressed pages. A thread of its own
/// encodes one batch while the next one fills, the columns of a batch in parallel (rayon's pool);
/// the bytes do not depend on it. So no task of that pool may push rows: with all threads of the pool
/// waiting for encoders, no encoder gets one.
pub(crate) struct ShardWriter<R> {
    dir: PathBuf,
    split: Split,
    schema: SchemaRef,
    rows: Vec<R>,
    /// What the rows take, where they are long.
    bytes: usize,
    /// Rows of each shard that is complete.
    finished: Vec<u64>,
    encoder: Option<Encoder>,
}

/// The thread that encodes.
struct Encoder {
    batches: SyncSender<RecordBatch>,
    thread: JoinHandle<Result<Vec<u64>>>,
}

/// The shards of a split, one after the other.
struct Shards {
    dir: PathBuf,
    split: Split,
    schema: SchemaRef,
    properties: WriterProperties,
    open: Option<ShardFile>,
    /// Number of the first shard.
    first: usize,
    /// Rows of each finished shard.
    finished: Vec<u64>,
}

impl<R: Record> ShardWriter<R> {
    pub(crate) fn new(dir: &Path, split: Split, schema: &SchemaRef) -> Self {
        Self {
            dir: dir.to_owned(),
            split,
            schema: Arc::clone(schema),
            rows: Vec::new(),
            bytes: 0,
            finished: Vec::new(),
            encoder: None,
        }
    }

    /// Goes on behind the first shards of an earlier writer, which have so many rows each. Whatever
    /// else it left is removed.
    ///
    /// Of the shards, the footers are read and their rows compared; their pages are not.
    pub(crate) fn resume(
        dir: &Path,
        split: Split,
        schema: &SchemaRef,
        finished: Vec<u64>,
    ) -> Result<Self> {
        for entry in fs::read_dir(dir).map_err(Error::io(dir))? {
            let path = entry.map_err(Error::io(dir))?.path();
            let shard = path.file_name().and_then(|name| shard_number(split, name));
            match shard.filter(|&shard| shard < finished.len()) {
                // It may have the name that it gets in the end already.
                Some(shard) => fs::rename(&path, dir.join(unnumbered(split, shard))),
                None => fs::remove_file(&path),
            }
            .map_err(Error::io(&path))?;
        }
        let mut writer = Self::new(dir, split, schema);
        writer.finished = finished;
        for (path, &rows) in writer.paths().iter().zip(&writer.finished) {
            let metadata = ParquetFile::open(path)?.metadata().metadata().clone();
            let found = metadata.file_metadata().num_rows();
            if u64::try_from(found).ok() != Some(rows) {
                return Err(Error::Damaged {
                    path: path.clone(),
                    found: format!("{found} rows, its finished part has {rows}"),
                });
            }
        }
        Ok(writer)
    }

    pub(crate) fn push(&mut self, row: R) -> Result<()> {
        self.bytes += row.long_bytes();
        self.rows.push(row);
        if self.rows.len() == BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.write_batch()
        } else {
            Ok(())
        }
    }

    fn write_batch(&mut self) -> Result<()> {
        let batch = R::to_batch(&self.rows, &self.schema)?;
        self.rows.clear();
        self.bytes = 0;
        let encoder = self.encoder.get_or_insert_with(|| {
            Encoder::start(Shards {
                dir: self.dir.clone(),
                split: self.split,
                schema: Arc::clone(&self.schema),
                properties: properties::<R>(),
                open: None,
                first: self.finished.len(),
                finished: Vec::new(),
            })
        });
        if encoder.batches.send(batch).is_ok() {
            return Ok(());
        }
        // It no longer listens: it has failed, and says why.
        self.join().map(drop)
    }

    /// Waits until all batches are written. Returns the rows of each shard.
    fn join(&mut self) -> Result<Vec<u64>> {
        match self.encoder.take() {
            Some(Encoder { batches, thread }) => {
                drop(batches);
                thread.join().unwrap_or_else(|panic| resume_unwind(panic))
            }
            None => Ok(Vec::new()),
        }
    }

    /// Closes the open shard, for good on disk; the next row starts another one. Returns the rows
    /// of each shard so far.
    pub(crate) fn end_shard(&mut self) -> Result<&[u64]> {
        if !self.rows.is_empty() {
            self.write_batch()?;
        }
        let finished = self.join()?;
        self.finished.extend(finished);
        Ok(&self.finished)
    }

    /// The complete shards' paths until [`ShardWriter::finish`] renames them.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let shards = 0..self.finished.len();
        shards
            .map(|shard| self.dir.join(unnumbered(self.split, shard)))
            .collect()
    }

    /// Writes what is left and gives the shards the names that Hugging Face expects. Returns the
    /// path and rows of each.
    pub(crate) fn finish(mut self) -> Result<Vec<(PathBuf, u64)>> {
        self.end_shard()?;
        let finished = &self.finished;
        let (split, total) = (self.split.name(), finished.len());
        let name = |(i, &rows): (usize, &u64)| {
            let from = self.dir.join(unnumbered(self.split, i));
            let to = self
                .dir
                .join(format!("{split}-{i:05}-of-{total:05}.parquet"));
            fs::rename(&from, &to).map_err(Error::io(&from))?;
            Ok((to, rows))
        };
        finished.iter().enumerate().map(name).collect()
    }
}

impl<R> Drop for ShardWriter<R> {
    /// Nothing may write into a folder that is about to be removed.
    fn drop(&mut self) {
        if let Some(Encoder { batches, thread }) = self.encoder.take() {
            drop(batches);
            // On the way out of another error, which is the one to show.
            let _ = thread.join();
        }
    }
}

impl Encoder {
    fn start(mut shards: Shards) -> Self {
        let (batches, received) = sync_channel::<RecordBatch>(1);
        let thread = thread::spawn(move || {
            received
                .iter()
                .try_for_each(|batch| shards.append(&batch))?;
            shards.finish()
        });
        Self { batches, thread }
    }
}

impl Shards {
    fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut shard = match self.open.take() {
            Some(shard) => shard,
            None => ShardFile::create(
                self.unnumbered_path(),
                &self.schema,
                self.properties.clone(),
            )?,
        };
        shard.append(batch)?;
        if shard.bytes_written() >= SHARD_BYTES {
            self.finished.push(shard.close()?);
        } else {
            self.open = Some(shard);
        }
        Ok(())
    }

    /// The open shard's name before it is known of how many it is one.
    fn unnumbered_path(&self) -> PathBuf {
        let shard = self.first + self.finished.len();
        self.dir.join(unnumbered(self.split, shard))
    }

    fn finish(mut self) -> Result<Vec<u64>> {
        if let Some(shard) = self.open.take() {
            self.finished.push(shard.close()?);
        }
        Ok(self.finished)
    }
}

fn unnumbered(split: Split, shard: usize) -> String {
    format!("{}-{shard:05}.parquet", split.name())
}

/// The number of a shard by the name that it has while it grows, or in the end.
fn shard_number(split: Split, name: &OsStr) -> Option<usize> {
    let name = name.to_str()?.strip_prefix(split.name())?;
    name.strip_prefix('-')?.get(..5)?.parse().ok()
}
