//! Shards of any record type as JSON Lines.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use crate::shard_reader::{batch_rows, open};
use crate::{Error, Record, Result};

/// One shard as JSON Lines: an object a row whose keys are the Parquet columns, in their order,
/// nulls written as `null`.
///
/// Gives the lines a batch at a time, with their number. Memory: one batch, as of
/// [`ShardReader`](crate::ShardReader), and its text. After an error the iterator ends.
pub struct JsonLines {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
}

impl JsonLines {
    /// Opens a shard.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] if the file cannot be read as Parquet.
    pub fn open(path: &Path) -> Result<Self> {
        let builder = open(path)?;
        let rows = batch_rows(&builder);
        Ok(Self {
            path: path.to_owned(),
            batches: builder
                .with_batch_size(rows)
                .build()
                .map_err(Error::parquet(path))?,
        })
    }

    /// The lines of rows that stand in no shard.
    ///
    /// # Errors
    /// [`Error::Arrow`] if a row does not fit its schema.
    pub fn of<R: Record>(rows: &[R]) -> Result<Vec<u8>> {
        write(&R::to_batch(rows, &R::arrow_schema(&[]))?)
    }
}

impl Iterator for JsonLines {
    type Item = Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(e) => return Some(Err(Error::parquet(&self.path)(e.into()))),
        };
        let lines = write(&batch);
        Some(lines.map(|lines| (batch.num_rows() as u64, lines)))
    }
}

fn write(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, LineDelimited>(Vec::new());
    writer.write(batch).and_then(|()| writer.finish())?;
    Ok(writer.into_inner())
}
