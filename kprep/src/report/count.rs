//! All rows of a split, counted on all threads.

use kprep_schemas::{Dataset, Record, Result, Split};
use rayon::prelude::*;
use serde::Serialize;

/// Rows a split.
#[derive(Debug, Serialize)]
pub(crate) struct Rows {
    pub(crate) train: u64,
    pub(crate) validation: u64,
    pub(crate) test: u64,
}

/// Counts a split, its row groups in parallel, and puts their counts together in the rows' order.
/// Of several errors, the first in that order.
pub(crate) fn split<R: Record, S: Default + Send>(
    dataset: &Dataset,
    split: Split,
    add: impl Fn(&mut S, &R) + Sync,
    merge: impl Fn(&mut S, &S) + Sync,
) -> Result<S> {
    let row_groups = dataset.row_groups(split)?;
    let counts = row_groups.par_iter().map(|&(shard, row_group)| {
        let mut stats = S::default();
        for rows in dataset.row_group::<R>(shard, row_group)? {
            for row in &rows? {
                add(&mut stats, row);
            }
        }
        Ok(stats)
    });
    counts.reduce(
        || Ok(S::default()),
        |before, after| {
            let (mut all, after) = (before?, after?);
            merge(&mut all, &after);
            Ok(all)
        },
    )
}
