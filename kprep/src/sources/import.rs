//! Files in the formats that `kprep export` writes.

use kprep_ingest::Input;
use kprep_schemas::Split;

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod classes;
pub(crate) mod format;
pub(crate) mod source;

/// How the files of folders and archives are called.
pub(crate) const SUFFIXES: [&str; 3] = [".json", ".jsonl", ".zip"];

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "import",
    formats: "JSON objects as the format of --format has them",
};

/// An input, and its split if that is given.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) split: Option<Split>,
    pub(crate) input: Input,
}
