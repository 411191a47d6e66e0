//! One piece of work for records of any type.

use anyhow::{Result, bail};
pub(crate) use kprep_schemas::Work;
use kprep_schemas::{Dataset, JsonLines, RECORD_NAMES, Record, stable_hash};
use rayon::prelude::*;

/// Rows that a thread hashes at a time.
const CHUNK: usize = 512;

/// Does the work for the record type of this name.
pub(crate) fn for_record<T, W: Work<Output = Result<T>>>(record: &str, work: W) -> Result<T> {
    match kprep_schemas::for_record(record, work) {
        Some(done) => done,
        None => bail!(
            "{record}: no such record type in this version, expected {}",
            RECORD_NAMES.join(", ")
        ),
    }
}

/// Whether some of these datasets have heads that need not form a tree.
pub(crate) fn allow_non_tree(datasets: &[Dataset]) -> bool {
    let mut datasets = datasets.iter();
    datasets.any(|dataset| dataset.manifest.rules().allow_non_tree)
}

/// What stands for each row where rows are told apart: a hash of its id, or of all that it says
/// where the record type has no ids (statements).
pub(crate) fn keys<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    ids(rows).map_or_else(|| contents(rows), Ok)
}

/// A hash of the id of each row, if they have ids.
pub(crate) fn ids<R: Record>(rows: &[R]) -> Option<Vec<u64>> {
    let ids = rows.iter().map(Record::id);
    let hash = |id: &str| (!id.is_empty()).then(|| stable_hash([id.as_bytes()]));
    ids.map(hash).collect()
}

/// A hash of all that each row says.
pub(crate) fn contents<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    let hashes = rows.par_chunks(CHUNK).map(|rows| {
        let lines = JsonLines::of(rows)?;
        // JSON has no line breaks within a line.
        let lines = lines.split_inclusive(|&byte| byte == b'\n');
        Ok(lines.map(|line| stable_hash([line])).collect::<Vec<u64>>())
    });
    Ok(hashes.collect::<Result<Vec<_>>>()?.concat())
}
