//! Why a record of a benchmark gives no row.

use std::fmt::Display;

use kprep_schemas::Position;

/// The reason of records that are not what their format says.
pub const MALFORMED: &str = "malformed record";

/// What is wrong with one record; the stream goes on after it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    /// The reason under which it is counted.
    pub reason: &'static str,
    /// What was found, and what was expected.
    pub detail: String,
}

/// A record with its place, or what is wrong with it.
pub type Parsed<T> = (Position, Result<T, Fault>);

impl Fault {
    /// A record that is not what its format says.
    pub fn malformed(detail: impl Display) -> Self {
        Self::new(MALFORMED, detail)
    }

    /// A record that is well-formed and gives no row.
    pub fn new(reason: &'static str, detail: impl Display) -> Self {
        Self {
            reason,
            detail: detail.to_string(),
        }
    }
}
