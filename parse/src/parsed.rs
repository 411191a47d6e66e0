//! What parsing a part of an input gives.

use crate::{NewDocument, Result, Sentence};

/// What a [`Block`](crate::Block) holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its sentences, and what is wrong with others. After [`Error::Input`](crate::Error::Input) the
    /// input cannot be read any further: what later blocks of it hold means nothing.
    pub sentences: Vec<Result<Sentence>>,
    /// A document that starts behind them: the next good sentence is its first one.
    pub new_document: Option<NewDocument>,
}
