//! One piece of work for records of any type.

use anyhow::{Result, bail};
pub(crate) use kprep_schemas::Work;
use kprep_schemas::{Dataset, JsonLines, RECORD_NAMES, Record, stable_hash};

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
    if rows.iter().all(|row| !row.id().is_empty()) {
        let ids = rows.iter().map(|row| stable_hash([row.id().as_bytes()]));
        return Ok(ids.collect());
    }
    contents(rows)
}

/// A hash of all that each row says.
pub(crate) fn contents<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    let lines = JsonLines::of(rows)?;
    // JSON has no line breaks within a line.
    let lines = lines.split_inclusive(|&byte| byte == b'\n');
    Ok(lines.map(|line| stable_hash([line])).collect())
}
