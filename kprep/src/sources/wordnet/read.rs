//! Faults of a wordnet's files, with the file in every message.

use anyhow::{Error, anyhow};
use kprep_ingest::wordnet::WordNetError;

/// For `map_err`: the error with the name of its file.
pub(crate) fn in_file(name: &str) -> impl Fn(WordNetError) -> Error + '_ {
    move |error| anyhow!("{name}, {error}")
}
