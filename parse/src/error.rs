//! What can go wrong with a file of dependency parses.

use std::io;

use kprep_schemas::{Position, TreeError};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of reading dependency parses.
///
/// [`Input`](Self::Input) ends the stream and [`Format`](Self::Format) comes before there is one;
/// every other variant costs one sentence, and the reader goes on with the next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input could not be read (or decompressed) any further.
    #[error("{position}: {source}")]
    Input {
        /// How far reading came.
        position: Position,
        /// The reason.
        source: io::Error,
    },
    /// The input is in none of the formats that are read.
    #[error("expected CoNLL-U, CoNLL-X or CoreNLP's conll, found {found}")]
    Format {
        /// What it looks like.
        found: String,
    },
    /// A line is not what its format asks for.
    #[error("{position}: expected {expected}, found {found}")]
    Syntax {
        /// The line.
        position: Position,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// No word of a sentence has a head, as when no parser ran.
    #[error("{position}: no word of the sentence has a head")]
    NoHeads {
        /// The sentence's first line.
        position: Position,
    },
    /// The heads of a sentence form no tree.
    #[error("{position}: {source}")]
    Tree {
        /// The line of the word at fault, or the sentence's first line.
        position: Position,
        /// The fault.
        source: TreeError,
    },
}

impl Error {
    /// Where the error lies; `None` for [`Error::Format`], which is about the input as a whole.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Format { .. } => None,
            Self::Input { position, .. }
            | Self::Syntax { position, .. }
            | Self::NoHeads { position }
            | Self::Tree { position, .. } => Some(*position),
        }
    }

    /// Whether it costs a sentence and no more.
    pub fn is_one_sentence(&self) -> bool {
        !matches!(self, Self::Input { .. } | Self::Format { .. })
    }
}
