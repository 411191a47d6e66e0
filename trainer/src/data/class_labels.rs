//! Names of classes in words: what a relation such as `P36` is called in English.

use kprep_schemas::{Dataset, RelationCount};
use serde_json::{Map, Value};

use crate::Result;

/// The table beside a relation dataset that has the names.
const TABLE: &str = "relations.parquet";

/// The English label of each class that has one, by the class's name, in the order of the classes; none of a dataset
/// without the table.
///
/// # Errors
/// [`crate::Error::Dataset`] for a table that is damaged.
pub fn of(dataset: &Dataset) -> Result<Map<String, Value>> {
    if !dataset.dir.join(TABLE).is_file() {
        return Ok(Map::new());
    }
    let mut rows = dataset.table::<RelationCount>(TABLE)?;
    rows.sort_by_key(|row| row.label);
    let named = rows.into_iter().filter_map(|row| {
        let label = row.name.filter(|label| *label != row.relation)?;
        Some((row.relation, label.into()))
    });
    Ok(named.collect())
}
