//! What many tests do with a dataset.

use std::path::Path;

use kprep_schemas::{Dataset, Record, Split};

/// The rows of a split.
pub(crate) fn rows<R: Record>(dataset: &Path, split: Split) -> Vec<R> {
    let dataset = Dataset::open(dataset).unwrap();
    dataset.rows(split).unwrap().map(Result::unwrap).collect()
}

/// The rows of all splits.
pub(crate) fn all_rows<R: Record>(dataset: &Path) -> Vec<R> {
    let splits = Split::ALL.into_iter();
    splits.flat_map(|split| rows(dataset, split)).collect()
}

/// The rows of one of the tables in a folder, which have one split.
pub(crate) fn table<R: Record>(out: &Path, name: &str) -> Vec<R> {
    rows(&out.join(name), Split::Train)
}
