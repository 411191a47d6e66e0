//! What can be wrong with the files of a knowledge graph.

use std::io;

use kprep_schemas::Position;

/// The result of this module's readers.
pub type GraphResult<T> = std::result::Result<T, GraphError>;

/// An error of reading a graph. The caller adds the name of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Something else stands where the format expects this. It costs a record: a line, or a frame of OBO.
    #[error("{position}: expected {expected}, found {found}")]
    Syntax {
        /// Where the record starts.
        position: Position,
        /// What the format has there.
        expected: String,
        /// What the file has there.
        found: String,
    },
    /// Reading failed (the disk, or compressed data that is damaged or cut off), or what follows is no
    /// record of the file. Ends the stream.
    #[error("{position}: reading failed: {source}")]
    Read {
        /// How far the data could be read.
        position: Position,
        /// The decoder's reason.
        source: io::Error,
    },
}

impl GraphError {
    /// Something else than what the format expects; of what was found the start is told.
    pub(super) fn unexpected(position: Position, expected: impl Into<String>, found: &str) -> Self {
        const SHOWN: usize = 60;
        let shown: String = found.chars().take(SHOWN).collect();
        let more = if shown.len() < found.len() {
            " …"
        } else {
            ""
        };
        Self::Syntax {
            position,
            expected: expected.into(),
            found: format!("{shown:?}{more}"),
        }
    }

    /// Something in words where the format expects this.
    pub(super) fn told(position: Position, expected: &str, found: &str) -> Self {
        Self::Syntax {
            position,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Where the record starts, or how far the data could be read.
    pub fn position(&self) -> Position {
        match self {
            Self::Syntax { position, .. } | Self::Read { position, .. } => *position,
        }
    }

    /// Whether it ends the stream.
    pub fn ends(&self) -> bool {
        matches!(self, Self::Read { .. })
    }
}
