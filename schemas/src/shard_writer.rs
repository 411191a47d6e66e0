//! Rows to the Parquet shards of one split.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::{Error, Record, Result, Split};

/// Rows of a row group. Readers skip and parallelise by row group; Arrow's default of a million
/// defeats both.
const ROW_GROUP_ROWS: usize = 32_768;

/// A shard ends with the row group that takes it past this size.
const SHARD_BYTES: u64 = 256 << 20;

/// Writes the shards of one split into a folder.
///
/// Memory: the rows of one row group, once as structs and once as encoded columns. The columns of
/// a row group are encoded in parallel (rayon's pool); the bytes do not depend on it.
pub(crate) struct ShardWriter<R> {
    dir: PathBuf,
    split: Split,
    schema: SchemaRef,
    rows: Vec<R>,
    shard: Option<OpenShard>,
    /// Rows of each finished shard.
    finished: Vec<u64>,
}

struct OpenShard {
    path: PathBuf,
    file: SerializedFileWriter<BufWriter<File>>,
    columns: ArrowRowGroupWriterFactory,
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
            shard: None,
            finished: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: R) -> Result<()> {
        self.rows.push(row);
        if self.rows.len() == ROW_GROUP_ROWS {
            self.write_row_group()
        } else {
            Ok(())
        }
    }

    fn write_row_group(&mut self) -> Result<()> {
        let batch = R::to_batch(&self.rows, &self.schema)?;
        self.rows.clear();
        let mut shard = match self.shard.take() {
            Some(shard) => shard,
            None => OpenShard::create(self.unnumbered_path(), &self.schema)?,
        };
        shard.append(&batch)?;
        if shard.file.bytes_written() as u64 >= SHARD_BYTES {
            self.finished.push(shard.close()?);
        } else {
            self.shard = Some(shard);
        }
        Ok(())
    }

    /// The open shard's name before it is known of how many it is one.
    fn unnumbered_path(&self) -> PathBuf {
        self.dir.join(unnumbered(self.split, self.finished.len()))
    }

    /// Writes what is left and gives the shards the names that Hugging Face expects. Returns the
    /// path and rows of each.
    pub(crate) fn finish(mut self) -> Result<Vec<(PathBuf, u64)>> {
        if !self.rows.is_empty() {
            self.write_row_group()?;
        }
        if let Some(shard) = self.shard.take() {
            self.finished.push(shard.close()?);
        }
        let (split, total) = (self.split.name(), self.finished.len());
        let name = |(i, &rows): (usize, &u64)| {
            let from = self.dir.join(unnumbered(self.split, i));
            let to = self
                .dir
                .join(format!("{split}-{i:05}-of-{total:05}.parquet"));
            fs::rename(&from, &to).map_err(Error::io(&from))?;
            Ok((to, rows))
        };
        self.finished.iter().enumerate().map(name).collect()
    }
}

/// Writes a whole small table as one file of one row group.
pub(crate) fn write_table<R: Record>(path: &Path, rows: &[R]) -> Result<()> {
    let schema = R::arrow_schema(&[]);
    let mut shard = OpenShard::create(path.to_owned(), &schema)?;
    shard.append(&R::to_batch(rows, &schema)?)?;
    shard.close()?;
    Ok(())
}

fn unnumbered(split: Split, shard: usize) -> String {
    format!("{}-{shard:05}.parquet", split.name())
}

impl OpenShard {
    fn create(path: PathBuf, schema: &SchemaRef) -> Result<Self> {
        let file = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
        let (file, columns) = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties()))
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(Error::parquet(&path))?;
        Ok(Self {
            path,
            file,
            columns,
            row_groups: 0,
            rows: 0,
        })
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        let path = self.path.clone();
        self.append_columns(batch).map_err(Error::parquet(&path))
    }

    fn append_columns(&mut self, batch: &RecordBatch) -> std::result::Result<(), ParquetError> {
        let schema = batch.schema();
        let writers = self.columns.create_column_writers(self.row_groups)?;
        // Every column of our schemas, list or not, has one leaf, so writers and columns pair up.
        let chunks = writers
            .into_par_iter()
            .zip(schema.fields().par_iter().zip(batch.columns()))
            .map(|(mut writer, (field, column))| {
                for leaf in compute_leaves(field, column)? {
                    writer.write(&leaf)?;
                }
                writer.close()
            })
            .collect::<std::result::Result<Vec<ArrowColumnChunk>, ParquetError>>()?;
        let mut row_group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        self.row_groups += 1;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn close(self) -> Result<u64> {
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

/// One setting for every dataset; nothing here may depend on the machine or the clock.
fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_created_by(concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned())
        // Ids never repeat: a dictionary of them is built only to be thrown away.
        .set_column_dictionary_enabled(ColumnPath::from("id"), false)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build()
}
