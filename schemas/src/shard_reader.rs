//! Parquet shards back to rows.

use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;

use crate::columns::Columns;
use crate::{Error, Record, Result};

/// Rows decoded at a time, and about how many bytes where rows are long; with the pages they come
/// from, this bounds a reader's memory.
const BATCH_ROWS: usize = 4096;
const BATCH_BYTES: i64 = 4 << 20;

/// Reads one shard, a batch of rows at a time.
///
/// After an error the iterator ends: a damaged Parquet page leaves nothing to go on from.
pub struct ShardReader<R> {
    path: PathBuf,
    schema: SchemaRef,
    batches: ParquetRecordBatchReader,
    record: PhantomData<R>,
}

impl<R: Record> ShardReader<R> {
    /// Opens a shard.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] if the file cannot be read as Parquet.
    pub fn open(path: &Path) -> Result<Self> {
        Self::build(path, open(path)?)
    }

    /// Opens one row group of a shard, so that several threads can read one file.
    ///
    /// # Errors
    /// As [`ShardReader::open`].
    pub fn open_row_group(path: &Path, row_group: usize) -> Result<Self> {
        Self::build(path, open(path)?.with_row_groups(vec![row_group]))
    }

    fn build(path: &Path, builder: ParquetRecordBatchReaderBuilder<File>) -> Result<Self> {
        let schema = builder.schema().clone();
        let rows = batch_rows(&builder);
        let batches = builder
            .with_batch_size(rows)
            .build()
            .map_err(Error::parquet(path))?;
        Ok(Self {
            path: path.to_owned(),
            schema,
            batches,
            record: PhantomData,
        })
    }

    /// The schema stored in the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// How many rows to decode at a time.
pub(crate) fn batch_rows(builder: &ParquetRecordBatchReaderBuilder<File>) -> usize {
    let groups = builder.metadata().row_groups();
    let bytes: i64 = groups.iter().map(RowGroupMetaData::total_byte_size).sum();
    let rows: i64 = groups.iter().map(RowGroupMetaData::num_rows).sum();
    let fit = BATCH_BYTES / (bytes / rows.max(1)).max(1);
    (fit.max(1) as usize).min(BATCH_ROWS)
}

pub(crate) fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(Error::io(path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::parquet(path))
}

/// How many row groups a shard has.
///
/// # Errors
/// As [`ShardReader::open`].
pub(crate) fn row_groups(path: &Path) -> Result<usize> {
    Ok(open(path)?.metadata().num_row_groups())
}

/// Visits the values of one string column of a shard, nulls left out, without reading the others.
///
/// # Errors
/// As [`ShardReader::open`], and [`Error::Column`] if there is no such column.
pub fn visit_text_column(path: &Path, name: &str, mut visit: impl FnMut(&str)) -> Result<()> {
    let builder = open(path)?;
    let column = ProjectionMask::columns(builder.parquet_schema(), [name]);
    let batches = builder.with_projection(column).with_batch_size(BATCH_ROWS);
    for batch in batches.build().map_err(Error::parquet(path))? {
        let batch = batch.map_err(|e| Error::parquet(path)(e.into()))?;
        Columns::new(&batch)
            .utf8(name)?
            .iter()
            .flatten()
            .for_each(&mut visit);
    }
    Ok(())
}

impl<R: Record> Iterator for ShardReader<R> {
    type Item = Result<Vec<R>>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(e) => return Some(Err(Error::parquet(&self.path)(e.into()))),
        };
        Some(R::from_batch(&batch))
    }
}
