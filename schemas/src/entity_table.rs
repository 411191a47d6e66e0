//! The check of `entities.parquet` against the rows that name entities.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use crate::{Concept, Dataset, Record, Result, Split};

/// File name of the table.
const NAME: &str = "entities.parquet";

/// What is wrong with the table of a dataset, a sentence each: a row of its own at fault, an id
/// twice, an id that rows name and the table does not have.
///
/// Memory: 16 bytes an entity.
pub(crate) fn faults<R: Record>(dataset: &Dataset) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = HashSet::new();
    match dataset.table::<Concept>(NAME) {
        Ok(table) => {
            for row in &table {
                if let Err(fault) = row.check(&dataset.manifest.rules()) {
                    faults.push(format!("{NAME}: {:?}: {fault}", row.id));
                }
                if !known.insert(xxh3_64(row.id.as_bytes())) {
                    faults.push(format!("{NAME}: {:?} occurs twice", row.id));
                }
            }
        }
        Err(error) => return vec![format!("{NAME}: {error}")],
    }
    for split in Split::ALL {
        if let Err(error) = missing::<R>(dataset, split, &mut known, &mut faults) {
            // The shard that cannot be read has a line of its own by now.
            faults.push(format!("{NAME}: not compared with the rows: {error}"));
        }
    }
    faults
}

/// Adds the ids of a split that the table does not have, each once.
fn missing<R: Record>(
    dataset: &Dataset,
    split: Split,
    known: &mut HashSet<u64>,
    faults: &mut Vec<String>,
) -> Result<()> {
    for row in dataset.rows::<R>(split)? {
        let row = row?;
        for (id, _) in row.entities() {
            if known.insert(xxh3_64(id.as_bytes())) {
                faults.push(format!("{NAME}: no {id:?}, which row {} names", row.id()));
            }
        }
    }
    Ok(())
}
