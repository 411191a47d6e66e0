//! Rows to the Parquet shards of one split.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufWriter;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::parquet_file::ParquetFile;
use crate::{Column, Error, Record, Result, Split};

/// Rows turned into columns at a time, and the bytes at which a batch of long rows is full before.
const BATCH_ROWS: usize = 2048;
const BATCH_BYTES: usize = 4 << 20;

/// Batches of a row group: 32,768 rows, or 64 MiB of long ones. Readers skip and parallelise by row group; Arrow's default
/// of a million rows defeats both.
const ROW_GROUP_BATCHES: usize = 16;

/// A shard ends with the row group that takes it past this size.
const SHARD_BYTES: u64 = 256 << 20;

/// Writes the shards of one split into a folder.
///
/// Memory: three batches of rows, and one row group as compressed pages. A thread of its own
/// encodes one batch while the next one fills, the columns of a batch in parallel (rayon's pool);
/// the bytes do not depend on it.
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
    open: Option<OpenShard>,
    /// Number of the first shard.
    first: usize,
    /// Rows of each finished shard.
    finished: Vec<u64>,
}

struct OpenShard {
    path: PathBuf,
    file: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    /// The columns of the open row group, and the batches in it.
    columns: Vec<ArrowColumnWriter>,
    batches: usize,
    row_groups: usize,
    rows: u64,
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

    /// Closes the open shard, for good on disk; the next row starts another one. Returns the rows of
    /// each shard so far.
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
            None => OpenShard::create(
                self.unnumbered_path(),
                &self.schema,
                self.properties.clone(),
            )?,
        };
        shard.append(batch)?;
        if shard.file.bytes_written() as u64 >= SHARD_BYTES {
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

/// Writes a whole small table as one file of one row group.
pub(crate) fn write_table<R: Record>(path: &Path, rows: &[R]) -> Result<()> {
    let schema = R::arrow_schema(&[]);
    let mut shard = OpenShard::create(path.to_owned(), &schema, properties::<R>())?;
    shard.append(&R::to_batch(rows, &schema)?)?;
    shard.close()?;
    Ok(())
}

fn unnumbered(split: Split, shard: usize) -> String {
    format!("{}-{shard:05}.parquet", split.name())
}

/// The number of a shard by the name that it has while it grows, or in the end.
fn shard_number(split: Split, name: &OsStr) -> Option<usize> {
    let name = name.to_str()?.strip_prefix(split.name())?;
    name.strip_prefix('-')?.get(..5)?.parse().ok()
}

impl OpenShard {
    fn create(path: PathBuf, schema: &SchemaRef, properties: WriterProperties) -> Result<Self> {
        let file = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
        let (file, factory) = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties))
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(Error::parquet(&path))?;
        let columns = Vec::new();
        Ok(Self {
            path,
            file,
            factory,
            columns,
            batches: 0,
            row_groups: 0,
            rows: 0,
        })
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.encode(batch).map_err(Error::parquet(&self.path))?;
        self.rows += batch.num_rows() as u64;
        self.batches += 1;
        if self.batches == ROW_GROUP_BATCHES {
            self.end_row_group()
        } else {
            Ok(())
        }
    }

    fn encode(&mut self, batch: &RecordBatch) -> std::result::Result<(), ParquetError> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.row_groups)?;
        }
        let schema = batch.schema();
        // Every column of our schemas, list or not, has one leaf, so writers and columns pair up.
        let columns = schema.fields().par_iter().zip(batch.columns());
        self.columns
            .par_iter_mut()
            .zip(columns)
            .try_for_each(|(writer, (field, column))| {
                compute_leaves(field, column)?
                    .iter()
                    .try_for_each(|leaf| writer.write(leaf))
            })
    }

    fn end_row_group(&mut self) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        self.batches = 0;
        self.row_groups += 1;
        self.write_columns(columns)
            .map_err(Error::parquet(&self.path))
    }

    fn write_columns(
        &mut self,
        columns: Vec<ArrowColumnWriter>,
    ) -> std::result::Result<(), ParquetError> {
        let chunks: Vec<ArrowColumnChunk> = columns
            .into_par_iter()
            .map(ArrowColumnWriter::close)
            .collect::<std::result::Result<_, _>>()?;
        let mut row_group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        Ok(())
    }

    fn close(mut self) -> Result<u64> {
        if self.batches > 0 {
            self.end_row_group()?;
        }
        let Self {
            path, file, rows, ..
        } = self;
        let buffer = file.into_inner().map_err(Error::parquet(&path))?;
        let file = buffer
            .into_inner()
            .map_err(|e| Error::io(&path)(e.into_error()))?;
        // The manifest is the commit mark: what it names must be on disk before it.
        file.sync_all().map_err(Error::io(&path))?;
        Ok(rows)
    }
}

/// One setting for every dataset, and what the table of columns says; nothing here may depend on the
/// machine or the clock.
fn properties<R: Record>() -> WriterProperties {
    let all = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_created_by(concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(Some(BATCH_ROWS * ROW_GROUP_BATCHES));
    R::COLUMNS.iter().fold(all, of_column).build()
}

fn of_column<R>(all: WriterPropertiesBuilder, column: &Column<R>) -> WriterPropertiesBuilder {
    let mut path = vec![column.name.to_owned()];
    if column.is_list() {
        path.extend(["list", "element"].map(str::to_owned));
    }
    let path = ColumnPath::from(path);
    let statistics = if column.has_statistics() {
        EnabledStatistics::Page
    } else {
        EnabledStatistics::None
    };
    all.set_column_dictionary_enabled(path.clone(), column.has_dictionary())
        .set_column_statistics_enabled(path, statistics)
}
