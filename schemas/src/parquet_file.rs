//! A Parquet file whose bytes are compared with their checksums as they are read.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::block::Block;
use crate::{DataFile, Error, Result, Shard, sha256};

/// Bytes of a table beside the shards, at most: it is read whole.
const TABLE_BYTES: u64 = 256 << 20;
/// Rows of it decoded at a time.
const TABLE_ROWS: usize = 4096;

/// A Parquet file, open.
pub(crate) struct ParquetFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    /// What the manifest states of it; nothing of a file that no manifest lists.
    blocks: Vec<Block>,
    metadata: ArrowReaderMetadata,
}

/// Parts of a file in memory, by where they start.
#[derive(Clone)]
pub(crate) struct Loaded {
    bytes: u64,
    parts: Vec<(u64, Bytes)>,
}

impl ParquetFile {
    /// Opens a file that no manifest lists: nothing of it can be compared.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::with_blocks(path, None)
    }

    /// Opens a shard, which lies at `path`.
    pub(crate) fn of_shard(path: &Path, shard: &Shard) -> Result<Self> {
        Self::with_blocks(path, Some((shard.bytes, shard.blocks.as_slice())))
    }

    fn with_blocks(path: &Path, known: Option<(u64, &[Block])>) -> Result<Self> {
        let (file, bytes) = open(path)?;
        let blocks = match known {
            Some((expected, blocks)) => {
                expect_bytes(path, bytes, expected)?;
                blocks.to_vec()
            }
            None => Vec::new(),
        };
        // The footer lies in the last block.
        let metadata = match blocks.as_slice() {
            [] => footer(&file, path)?,
            blocks => {
                let part = read_block(&file, path, blocks, blocks.len() - 1)?;
                let parts = vec![part];
                footer(&Loaded { bytes, parts }, path)?
            }
        };
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
            blocks,
            metadata,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    /// Reads the columns of a row group, and compares them with their checksums.
    pub(crate) fn load(&self, row_group: usize, columns: &ProjectionMask) -> Result<Loaded> {
        let all = self.metadata.metadata().row_group(row_group).columns();
        let mut ranges = Vec::with_capacity(all.len());
        for (i, column) in all.iter().enumerate() {
            if columns.leaf_included(i) {
                let dictionary = column.dictionary_page_offset();
                let start = dictionary.unwrap_or(column.data_page_offset());
                ranges.push(self.range(start, column.compressed_size())?);
            }
        }
        let parts: Result<Vec<_>> = if self.blocks.is_empty() {
            let read = |range| read(&self.file, &self.path, range);
            ranges.into_iter().map(read).collect()
        } else {
            let read = |block| read_block(&self.file, &self.path, &self.blocks, block);
            self.blocks_of(ranges).into_iter().map(read).collect()
        };
        let mut parts = parts?;
        parts.sort_by_key(|(start, _)| *start);
        Ok(Loaded {
            bytes: self.bytes,
            parts,
        })
    }

    /// The bytes from `start` on, if the file has so many.
    fn range(&self, start: i64, bytes: i64) -> Result<Range<u64>> {
        let range = u64::try_from(start)
            .ok()
            .zip(u64::try_from(bytes).ok())
            .and_then(|(start, bytes)| Some(start..start.checked_add(bytes)?));
        range
            .filter(|range| range.end <= self.bytes)
            .ok_or_else(|| {
                let reason =
                    format!("its footer places a column at byte {start}, with {bytes} bytes");
                Error::parquet(&self.path)(ParquetError::General(reason))
            })
    }

    /// The blocks that have bytes of these ranges, in order.
    fn blocks_of(&self, ranges: Vec<Range<u64>>) -> Vec<usize> {
        let mut found = Vec::new();
        for range in ranges {
            let first = self
                .blocks
                .partition_point(|block| block.end <= range.start);
            let last = self.blocks.partition_point(|block| block.end < range.end);
            found.extend(first..=last);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads a whole table beside the shards, and compares it with its checksum.
pub(crate) fn read_table(path: &Path, listed: &DataFile) -> Result<Vec<RecordBatch>> {
    let (file, bytes) = open(path)?;
    expect_bytes(path, bytes, listed.bytes)?;
    if bytes > TABLE_BYTES {
        let found = format!("{bytes} bytes, expected a table of at most {TABLE_BYTES}");
        return Err(damaged(path, found));
    }
    let (_, bytes) = read(&file, path, 0..bytes)?;
    let found = sha256(&bytes);
    if found != listed.sha256 {
        let expected = &listed.sha256;
        let found = format!("its SHA-256 is {found}, the manifest says {expected}");
        return Err(damaged(path, found));
    }
    let reader = ParquetRecordBatchReader::try_new(bytes, TABLE_ROWS);
    let batches = reader.map_err(Error::parquet(path))?;
    batches
        .map(|batch| batch.map_err(|e| Error::parquet(path)(e.into())))
        .collect()
}

/// Opens a regular file: opening a pipe or a device may never end.
fn open(path: &Path) -> Result<(File, u64)> {
    let found = path.metadata().map_err(Error::io(path))?;
    if !found.is_file() {
        return Err(damaged(path, "expected a regular file".to_owned()));
    }
    let file = File::open(path).map_err(Error::io(path))?;
    Ok((file, found.len()))
}

fn expect_bytes(path: &Path, found: u64, expected: u64) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let found = format!("{found} bytes, the manifest says {expected}");
    Err(damaged(path, found))
}

fn footer<T: ChunkReader>(file: &T, path: &Path) -> Result<ArrowReaderMetadata> {
    ArrowReaderMetadata::load(file, ArrowReaderOptions::default()).map_err(Error::parquet(path))
}

fn read(file: &File, path: &Path, range: Range<u64>) -> Result<(u64, Bytes)> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut bytes, range.start)
        .map_err(Error::io(path))?;
    Ok((range.start, bytes.into()))
}

fn read_block(file: &File, path: &Path, blocks: &[Block], i: usize) -> Result<(u64, Bytes)> {
    let start = if i == 0 { 0 } else { blocks[i - 1].end };
    let Block { end, xxh3 } = &blocks[i];
    let (start, bytes) = read(file, path, start..*end)?;
    let found = Block::of(&bytes, *end);
    if found.xxh3 == *xxh3 {
        return Ok((start, bytes));
    }
    let sums = format!("their XXH3 is {}, the manifest says {xxh3}", found.xxh3);
    Err(damaged(path, format!("bytes {start} to {end}: {sums}")))
}

fn damaged(path: &Path, found: String) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        found,
    }
}

impl Length for Loaded {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl Loaded {
    /// From a place to the end of the part that has it.
    fn rest(&self, start: u64) -> std::result::Result<Bytes, ParquetError> {
        let i = self.parts.partition_point(|(part, _)| *part <= start);
        let part = i.checked_sub(1).and_then(|i| self.parts.get(i));
        let rest = part.and_then(|(part, bytes)| {
            let inside = (start - part) as usize;
            (inside <= bytes.len()).then(|| bytes.slice(inside..))
        });
        rest.ok_or_else(|| beyond(start))
    }
}

impl ChunkReader for Loaded {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> std::result::Result<Self::T, ParquetError> {
        Ok(self.rest(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> std::result::Result<Bytes, ParquetError> {
        let mut part = self.rest(start)?;
        if length > part.len() {
            return Err(beyond(start));
        }
        Ok(part.split_to(length))
    }
}

fn beyond(start: u64) -> ParquetError {
    ParquetError::EOF(format!("a page at byte {start} goes beyond its column"))
}
