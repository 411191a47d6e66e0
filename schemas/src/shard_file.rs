//! One Parquet file on its way to disk, and how every one is stored.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

use crate::{Column, Error, Record, Result};

/// Rows turned into columns at a time.
pub(crate) const BATCH_ROWS: usize = 2048;

/// Batches of a row group: 32,768 rows, or 64 MiB of long ones. Readers skip and parallelise by row
/// group; Arrow's default of a million rows defeats both.
const ROW_GROUP_BATCHES: usize = 16;

/// A shard, or a small table, that row after row is written to.
pub(crate) struct ShardFile {
    path: PathBuf,
    file: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    /// The columns of the open row group, and the batches in it.
    columns: Vec<ArrowColumnWriter>,
    batches: usize,
    row_groups: usize,
    rows: u64,
}

impl ShardFile {
    /// Starts a file with the rows of a schema.
    pub(crate) fn create(
        path: PathBuf,
        schema: &SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self> {
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

    /// Adds a batch of rows.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
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

    /// The bytes that its finished row groups take.
    pub(crate) fn bytes_written(&self) -> u64 {
        self.file.bytes_written() as u64
    }

    /// Completes the file, for good on disk. Returns its rows.
    pub(crate) fn close(mut self) -> Result<u64> {
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

/// Writes a whole small table as one file of one row group.
pub(crate) fn write_table<R: Record>(path: &Path, rows: &[R]) -> Result<()> {
    let schema = R::arrow_schema(&[]);
    let mut shard = ShardFile::create(path.to_owned(), &schema, properties::<R>())?;
    shard.append(&R::to_batch(rows, &schema)?)?;
    shard.close()?;
    Ok(())
}

/// One setting for every dataset, and what the table of columns says; nothing here may depend on
/// the machine or the clock.
pub(crate) fn properties<R: Record>() -> WriterProperties {
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
