//! Checksums of a Parquet file block by block, so that a reader checks exactly the bytes that it
//! reads.
//!
//! The reader of Parquet at hand verifies checksums of pages but the writer has none, and they
//! would not cover page headers and the footer. Blocks cover every byte.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// A run of bytes of a file: it starts where the one before ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Where it ends, in bytes from the start of the file.
    pub end: u64,
    /// XXH3 (64 bits) of its bytes, in hex.
    pub xxh3: String,
}

impl Block {
    /// A block of these bytes.
    pub(crate) fn of(bytes: &[u8], end: u64) -> Self {
        let xxh3 = format!("{:016x}", xxh3_64(bytes));
        Self { end, xxh3 }
    }
}
