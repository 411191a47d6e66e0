//! Parquet shards back to rows.

use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::path::Path;

use arrow_schema::SchemaRef;

use crate::batches::{Batches, Part, batches};
use crate::column::text_values;
use crate::parquet_file::ParquetFile;
use crate::{Dataset, MANIFEST, Record, Result, UntilError};

/// Reads one shard, a batch of rows at a time.
///
/// After an error the iterator ends: a damaged Parquet page leaves nothing to go on from. Memory:
/// the row group that is read, as it is stored, and a batch.
pub struct ShardReader<R> {
    schema: SchemaRef,
    rows: UntilError<Decode<R>>,
}

struct Decode<R> {
    batches: Batches,
    record: PhantomData<R>,
}

impl<R: Record> ShardReader<R> {
    /// Opens a Parquet file. Where it is a shard of a dataset (`DIR/data/NAME` with a manifest in
    /// `DIR` that lists it), its bytes are compared with their checksums.
    ///
    /// # Errors
    /// [`crate::Error::Io`], [`crate::Error::Parquet`] or [`crate::Error::Damaged`] if the file
    /// cannot be read, and what [`Dataset::open`] says.
    pub fn open(path: &Path) -> Result<Self> {
        let file = match listed_in(path)? {
            Some((dataset, i)) => dataset.shard_file(&dataset.manifest.shards[i])?,
            None => ParquetFile::open(path)?,
        };
        Ok(Self::read(file, &Part::default()))
    }

    pub(crate) fn read(file: ParquetFile, part: &Part<'_>) -> Self {
        let schema = file.metadata().schema().clone();
        let batches = batches(file, part);
        let record = PhantomData;
        Self {
            schema,
            rows: UntilError::new(Decode { batches, record }),
        }
    }

    /// The schema stored in the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// The dataset that lists a file among its shards, and the shard's number.
fn listed_in(path: &Path) -> Result<Option<(Dataset, usize)>> {
    let dir = path.ancestors().nth(2);
    let Some(dir) = dir.filter(|dir| dir.join(MANIFEST).is_file()) else {
        return Ok(None);
    };
    let dataset = Dataset::open(dir)?;
    let mut shards = dataset.manifest.shards.iter();
    let found = shards.position(|shard| dir.join(&shard.path) == path);
    Ok(found.map(|i| (dataset, i)))
}

/// Visits the values of one string column of a Parquet file that no manifest lists yet, nulls left
/// out, without reading the others.
///
/// # Errors
/// As [`ShardReader::open`], and [`crate::Error::Column`] if there is no such column.
pub fn visit_text_column(path: &Path, name: &str, mut visit: impl FnMut(&str)) -> Result<()> {
    let part = Part {
        columns: Some(&[name]),
        ..Part::default()
    };
    for batch in batches(ParquetFile::open(path)?, &part) {
        let batch = batch?;
        let values = text_values(&batch, name)?.iter();
        values.flatten().for_each(&mut visit);
    }
    Ok(())
}

impl<R: Record> Iterator for Decode<R> {
    type Item = Result<Vec<R>>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.and_then(|batch| R::from_batch(&batch)))
    }
}

impl<R: Record> Iterator for ShardReader<R> {
    type Item = Result<Vec<R>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

impl<R: Record> FusedIterator for ShardReader<R> {}
