//! What can go wrong with a file of dependency parses.

use std::io;

use kprep_schemas::{Position, TreeError};

use crate::Loss;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of reading dependency parses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input could not be read (or decompressed) any further. Ends the stream.
    #[error("reading failed after {position}: {reason}")]
    Input {
        /// How far reading came.
        position: Position,
        /// The reason.
        reason: io::Error,
    },
    /// The input is in none of the formats that are read. Comes before there is a stream.
    #[error("expected CoNLL, CoreNLP's output or typed dependencies, found {found}")]
    Format {
        /// What it looks like.
        found: String,
    },
    /// A sentence is not what it should be. The reader goes on with the next one.
    #[error("{position}: {fault}")]
    Sentence {
        /// The line at fault, or the sentence's first line.
        position: Position,
        /// What is wrong.
        fault: Fault,
    },
}

/// Why a sentence is not given out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A line is not what its format asks for.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// All words are `_`, as in a treebank whose text may not be published with it.
    #[error(
        "all words are _: the treebank comes without its text; fill it in as its publisher says, and \
         read the result"
    )]
    NoWords,
    /// No word has a head, as when no parser ran.
    #[error("no word of the sentence has a head")]
    NoHeads,
    /// The parse gives arcs that are no tree by design.
    #[error(
        "only collapsed or enhanced dependencies, which are no tree: write the basic ones with \
         the parser's options"
    )]
    NotBasic,
    /// A word with several heads.
    #[error("word {word} has several heads")]
    SeveralHeads {
        /// The word, from 1.
        word: usize,
    },
    /// The heads form no tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl Fault {
    /// What the loss of the sentence is counted as.
    pub fn loss(&self) -> Loss {
        match self {
            Self::Syntax { .. } => Loss::Malformed,
            Self::NoWords => Loss::NoWords,
            Self::NoHeads => Loss::NoHeads,
            Self::NotBasic => Loss::NotBasic,
            Self::SeveralHeads { .. } => Loss::SeveralHeads,
            Self::Tree(TreeError::HeadOutOfRange { .. }) => Loss::HeadOutOfRange,
            Self::Tree(TreeError::SelfHead { .. }) => Loss::SelfHead,
            Self::Tree(TreeError::NoRoot) => Loss::NoRoot,
            Self::Tree(TreeError::SeveralRoots { .. }) => Loss::SeveralRoots,
            Self::Tree(TreeError::Cycle { .. }) => Loss::Cycle,
            Self::Tree(TreeError::HeadlessHead { .. }) => Loss::HeadlessHead,
        }
    }
}
