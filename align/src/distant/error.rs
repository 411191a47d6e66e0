//! What can go wrong with the files of facts.

use std::io;
use std::path::{Path, PathBuf};

/// The result of what reads facts.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of a file of facts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It could not be read or written.
    #[error("{path}: {reason}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// It is not what it was when it was written.
    #[error("{path} is damaged: expected {expected}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should have.
        expected: &'static str,
    },
    /// It was made from other triples, or by another version.
    #[error("{} was made from other triples", .0.display())]
    Stale(PathBuf),
}

impl Error {
    /// For `map_err`: the system's error with the file it is about.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |reason| Self::Io {
            path: path.to_owned(),
            reason,
        }
    }
}
