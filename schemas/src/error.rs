//! What can go wrong with a dataset on disk.

use std::io;
use std::path::{Path, PathBuf};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of writing or reading a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {reason}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A Parquet file is damaged, or could not be written.
    #[error("{path}: {reason}", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The Parquet library's reason.
        reason: parquet::errors::ParquetError,
    },
    /// Values and schema do not fit.
    #[error(transparent)]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A column is missing or has another type.
    #[error("column {name:?}: expected {expected}, found {found}")]
    Column {
        /// The column.
        name: String,
        /// The type that the record needs.
        expected: &'static str,
        /// What the file has.
        found: String,
    },
    /// A JSON file of the dataset is not what it should be.
    #[error("{path}: {reason}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What the JSON parser found.
        reason: serde_json::Error,
    },
    /// The output exists already.
    #[error("{} exists already: choose another --out, or replace it with --overwrite", .0.display())]
    Exists(PathBuf),
    /// Another process is writing the output.
    #[error("{}: {holder} is writing it: wait until it has ended, or choose another --out", path.display())]
    Locked {
        /// The output.
        path: PathBuf,
        /// The process: its number and command line, where they are known.
        holder: String,
    },
    /// An unfinished run was another one than the run that shall go on with it.
    #[error("{path}: cannot go on from here, for the run that was cut off was another one: {}; start again without --resume", differences.join(", "), path = path.display())]
    OtherRun {
        /// What it left.
        path: PathBuf,
        /// What differs, a phrase each.
        differences: Vec<String>,
    },
    /// A file is not as it was written.
    #[error("{}: {found}: it is damaged, or was changed since it was written", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What differs.
        found: String,
    },
    /// A manifest names a file that is not one of the dataset's folder.
    #[error("{}: {text:?}: {reason}; nothing of this dataset is read", path.display())]
    UnsafePath {
        /// The manifest.
        path: PathBuf,
        /// The name in it.
        text: String,
        /// Why it is refused.
        reason: String,
    },
    /// The dataset was written by another version of the program.
    #[error("{}: of an earlier or later version of kprep, whose datasets this one does not read: build the dataset again", .0.display())]
    OtherFormat(PathBuf),
    /// There is something that the program did not write, or not all of it.
    #[error("{} is neither replaced nor removed: {found}; move that away, or choose another --out", path.display())]
    NotOurs {
        /// The output.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The output is the root of a mounted file system.
    #[error("{path} is a mount point, which cannot be replaced in one step: choose a folder in it, as in --out {path}/NAME", path = .0.display())]
    MountPoint(PathBuf),
    /// The folder is no dataset.
    #[error("{} has no manifest.json of kprep: not a dataset of kprep, or one whose build was cut off", .0.display())]
    NotADataset(PathBuf),
    /// There is no such folder.
    #[error("no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The folder holds datasets, and is none.
    #[error("{path} holds the datasets {names}: name one of them, as in {path}/{first}", path = .path.display())]
    SeveralDatasets {
        /// The folder.
        path: PathBuf,
        /// Their names, with commas.
        names: String,
        /// The first of them.
        first: String,
    },
    /// The dataset holds other records than asked for.
    #[error("{path} holds {found}, expected {expected}", path = path.display())]
    WrongRecord {
        /// The dataset.
        path: PathBuf,
        /// The record type and version asked for.
        expected: String,
        /// What the manifest states.
        found: String,
    },
}

/// An error and its causes in one line. A variant of this workspace prints what caused it or returns
/// it as its source; errors of other crates may do both, and such a cause is said once.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    for cause in causes.map(ToString::to_string) {
        if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

impl Error {
    /// For `map_err`: the system's error with the path it is about.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |reason| Self::Io {
            path: path.to_owned(),
            reason,
        }
    }

    /// For `map_err`: the Parquet library's error with the file it is about.
    pub(crate) fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self + '_ {
        move |reason| Self::Parquet {
            path: path.to_owned(),
            reason,
        }
    }

    /// For `map_err`: a JSON error with the file it is about.
    pub(crate) fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> Self + '_ {
        move |reason| Self::Json {
            path: path.to_owned(),
            reason,
        }
    }
}
