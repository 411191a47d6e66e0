//! The batches of a Parquet file, for every reader of rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::vec::IntoIter;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::parquet_file::ParquetFile;
use crate::{Error, Result, UntilError};

/// Rows decoded at a time, and about how many bytes where rows are long.
const BATCH_ROWS: usize = 4096;
const BATCH_BYTES: i64 = 4 << 20;

/// The batches of a file, or of some of its row groups.
///
/// Memory: the columns that are read of one row group as they are stored, and one batch. Each row
/// group is compared with its checksums before a row of it is decoded.
pub(crate) type Batches = UntilError<RowGroups>;

/// Which parts of a file to read.
#[derive(Default)]
pub(crate) struct Part<'a> {
    /// One row group; all if none.
    pub(crate) row_group: Option<usize>,
    /// Names of columns; all if none.
    pub(crate) columns: Option<&'a [&'a str]>,
}

pub(crate) struct RowGroups {
    file: Arc<ParquetFile>,
    columns: ProjectionMask,
    rows: usize,
    left: IntoIter<usize>,
    open: Option<ParquetRecordBatchReader>,
}

/// The batches of a part of a file.
pub(crate) fn batches(file: ParquetFile, part: &Part<'_>) -> Batches {
    let metadata = file.metadata();
    let columns = match part.columns {
        Some(names) => ProjectionMask::columns(metadata.parquet_schema(), names.iter().copied()),
        None => ProjectionMask::all(),
    };
    let all = 0..metadata.metadata().num_row_groups();
    let left = match part.row_group {
        Some(row_group) => all.skip(row_group).take(1).collect(),
        None => all.collect::<Vec<_>>(),
    };
    UntilError::new(RowGroups {
        rows: batch_rows(metadata.metadata()),
        file: Arc::new(file),
        columns,
        left: left.into_iter(),
        open: None,
    })
}

impl RowGroups {
    fn read(&self, row_group: usize) -> Result<ParquetRecordBatchReader> {
        let loaded = self.file.load(row_group, &self.columns)?;
        let metadata = self.file.metadata().clone();
        ParquetRecordBatchReaderBuilder::new_with_metadata(loaded, metadata)
            .with_row_groups(vec![row_group])
            .with_projection(self.columns.clone())
            .with_batch_size(self.rows)
            .build()
            .map_err(Error::parquet(self.file.path()))
    }

    fn next_batch(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            if let Some(batch) = self.open.as_mut().and_then(Iterator::next) {
                return Some(batch.map_err(|e| Error::parquet(self.file.path())(e.into())));
            }
            self.open = None; // its row group is let go before the next one is read
            let row_group = self.left.next()?;
            match self.read(row_group) {
                Ok(open) => self.open = Some(open),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Iterator for RowGroups {
    type Item = Result<RecordBatch>;

    /// The library panics at some pages that nobody writes, such as one of no values: an error here.
    fn next(&mut self) -> Option<Self::Item> {
        let next = catch_unwind(AssertUnwindSafe(|| self.next_batch()));
        next.unwrap_or_else(|_| {
            self.open = None;
            let reason = ParquetError::General("a page that cannot be decoded".to_owned());
            Some(Err(Error::parquet(self.file.path())(reason)))
        })
    }
}

/// How many rows to decode at a time.
fn batch_rows(metadata: &ParquetMetaData) -> usize {
    let groups = metadata.row_groups();
    // A footer may state any number.
    let sum = |of: fn(&RowGroupMetaData) -> i64| groups.iter().map(of).fold(0, i64::saturating_add);
    let bytes = sum(RowGroupMetaData::total_byte_size);
    let rows = sum(RowGroupMetaData::num_rows);
    let fit = BATCH_BYTES / (bytes / rows.max(1)).max(1);
    (fit.max(1) as usize).min(BATCH_ROWS)
}
