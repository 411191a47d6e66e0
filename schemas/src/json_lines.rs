//! Shards of any record type as JSON Lines.

use std::iter::FusedIterator;

use arrow_array::RecordBatch;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;

use crate::batches::Batches;
use crate::{Record, Result};

/// One shard as JSON Lines: an object a row whose keys are the Parquet columns, in their order,
/// nulls written as `null`. Opened by [`Dataset::json_lines`](crate::Dataset::json_lines).
///
/// Gives the lines a batch at a time, with their number. Memory: as a
/// [`ShardReader`](crate::ShardReader), and the text of a batch. After an error the iterator ends.
pub struct JsonLines {
    batches: Batches,
}

impl JsonLines {
    pub(crate) fn new(batches: Batches) -> Self {
        Self { batches }
    }

    /// The lines of rows that stand in no shard.
    ///
    /// # Errors
    /// [`crate::Error::Arrow`] if a row does not fit its schema.
    pub fn of<R: Record>(rows: &[R]) -> Result<Vec<u8>> {
        write(&R::to_batch(rows, &R::arrow_schema(&[]))?)
    }
}

impl Iterator for JsonLines {
    type Item = Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.and_then(|batch| Ok((batch.num_rows() as u64, write(&batch)?))))
    }
}

impl FusedIterator for JsonLines {}

fn write(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, LineDelimited>(Vec::new());
    writer.write(batch).and_then(|()| writer.finish())?;
    Ok(writer.into_inner())
}
