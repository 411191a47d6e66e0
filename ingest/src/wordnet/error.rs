//! What can be wrong with the files of a wordnet.

use std::io;

use kprep_schemas::Position;

/// The result of this module's readers.
pub type WordNetResult<T> = std::result::Result<T, WordNetError>;

/// An error of reading a wordnet. The caller adds the name of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WordNetError {
    /// Something else stands where the format expects this. In WNDB it costs a line, in WN-LMF an element;
    /// XML that is not well-formed ends the stream.
    #[error("{position}: expected {expected}, found {found}")]
    Syntax {
        /// Where the line or the element starts.
        position: Position,
        /// What the format has there.
        expected: String,
        /// What the file has there.
        found: String,
    },
    /// Reading failed: the disk, or compressed data that is damaged or cut off. Ends the stream.
    #[error("{position}: reading failed: {source}")]
    Read {
        /// How far the data could be read.
        position: Position,
        /// The decoder's reason.
        source: io::Error,
    },
}

impl WordNetError {
    /// Something else than what the format expects.
    pub fn syntax(
        position: Position,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Syntax {
            position,
            expected: expected.into(),
            found: found.into(),
        }
    }
}

/// What was expected in a line, and what was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unexpected {
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Unexpected {
    pub(crate) fn new(expected: impl Into<String>, found: &str) -> Self {
        const SHOWN: usize = 60;
        let shown: String = found.chars().take(SHOWN).collect();
        let more = if shown.len() < found.len() {
            " …"
        } else {
            ""
        };
        Self {
            expected: expected.into(),
            found: format!("{shown:?}{more}"),
        }
    }

    /// The line ends where this was expected.
    pub(crate) fn end(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: "the end of the line".into(),
        }
    }

    pub(crate) fn at(self, position: Position) -> WordNetError {
        WordNetError::syntax(position, self.expected, self.found)
    }
}
