//! Size and checksums of a Parquet file that was written, its blocks among them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use parquet::file::metadata::ParquetMetaData;
use sha2::{Digest, Sha256};

use crate::block::Block;
use crate::parquet_file::ParquetFile;
use crate::{Error, Result, hex};

/// A block ends with the first column of a row group that takes it past this size, or with the row
/// group: readers of some columns skip the blocks of the others, and the manifest stays small.
const BLOCK_BYTES: u64 = 1 << 20;

/// The size, the SHA-256 and the blocks of a Parquet file.
pub(crate) fn sums(path: &Path) -> Result<(u64, String, Vec<Block>)> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let bytes = file.metadata().map_err(Error::io(path))?.len();
    let parquet = ParquetFile::open(path)?;
    let mut ends = ends(parquet.metadata().metadata());
    ends.push(bytes);
    let mut sha256 = Sha256::new();
    let mut blocks = Vec::with_capacity(ends.len());
    let mut start = 0;
    let mut buffer = Vec::new();
    for end in ends {
        buffer.resize((end - start) as usize, 0);
        file.read_exact(&mut buffer).map_err(Error::io(path))?;
        sha256.update(&buffer);
        blocks.push(Block::of(&buffer, end));
        start = end;
    }
    Ok((bytes, hex(&sha256.finalize()), blocks))
}

/// Where the blocks of columns end; the last block is what comes behind them.
fn ends(metadata: &ParquetMetaData) -> Vec<u64> {
    let mut ends = Vec::new();
    let mut start = 0;
    for row_group in metadata.row_groups() {
        let mut end = start;
        for column in row_group.columns() {
            let (from, bytes) = column.byte_range();
            end = from + bytes;
            if end - start >= BLOCK_BYTES {
                ends.push(end);
                start = end;
            }
        }
        if end > start {
            ends.push(end);
            start = end;
        }
    }
    ends
}
