//! Where in an input something was found.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in one input, after decompression. Zero means "not known" for `line` and `record`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Offset in bytes of the record's first byte, from 0.
    pub byte: u64,
    /// Line of the record's first byte, from 1.
    pub line: u64,
    /// Number of the record (document or sentence) in its input, from 1.
    pub record: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "byte {}", self.byte)
    }
}
