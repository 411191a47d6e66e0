//! `relations.parquet`: read for its names, and counted again where rows come and go.

use anyhow::Result;
use kprep_schemas::{Dataset, EntityId, Record, RelationCount, Split, stable_hash};
use rustc_hash::FxHashSet;

/// File name of the table in the folder of a relation dataset.
pub(crate) const RELATIONS: &str = "relations.parquet";

/// The table of a relation dataset.
pub(crate) fn relations(dataset: &Dataset) -> Result<Vec<RelationCount>> {
    Ok(dataset.table(RELATIONS)?)
}

/// English labels by class, where the dataset has them.
pub(crate) fn relation_names(dataset: &Dataset) -> Result<Vec<Option<String>>> {
    let relations = relations(dataset)?;
    Ok(relations.into_iter().map(|row| row.name).collect())
}

/// Class names in the order in which kprep numbers them: properties by their numbers, then whatever
/// else by the alphabet.
pub(crate) fn in_order(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_cached_key(|name| {
        let property = name.parse().ok().and_then(EntityId::as_property);
        (property.is_none(), property, name.clone())
    });
    names.dedup();
    names
}

/// Counts the rows and distinct pairs of each class.
///
/// Memory: at most 21 bytes a pair of a relation.
pub(crate) struct RelationTable {
    /// Rows of each class in each split.
    rows: Vec<[i64; Split::ALL.len()]>,
    /// Distinct pairs of each class.
    pair_counts: Vec<i64>,
    pairs: FxHashSet<u64>,
}

impl RelationTable {
    /// A table of so many classes.
    pub(crate) fn new(classes: usize) -> Self {
        Self {
            rows: vec![[0; Split::ALL.len()]; classes],
            pair_counts: vec![0; classes],
            pairs: FxHashSet::default(),
        }
    }

    /// Counts a row, if it is one of a relation dataset and of a class.
    pub(crate) fn add<R: Record>(&mut self, split: Split, row: &R) {
        let Some(row) = row.relation() else {
            return;
        };
        let class = row.label.and_then(|label| usize::try_from(label).ok());
        let Some(class) = class.filter(|&class| class < self.rows.len()) else {
            return;
        };
        self.rows[class][split as usize] += 1;
        let [subject, object] = row.pair();
        let pair = [row.relation.as_str(), &subject, &object].map(str::as_bytes);
        self.pair_counts[class] += i64::from(self.pairs.insert(stable_hash(pair)));
    }

    /// The table of classes with these names, which are called in English what `english` says.
    pub(crate) fn finish(
        self,
        names: &[String],
        english: impl Fn(&str) -> Option<String>,
    ) -> Vec<RelationCount> {
        let counts = self.rows.iter().zip(self.pair_counts);
        let rows = names.iter().zip(counts).zip(0..);
        rows.map(|((name, (rows, pairs)), label)| RelationCount {
            label,
            relation: name.clone(),
            name: english(name),
            pairs,
            train: rows[Split::Train as usize],
            validation: rows[Split::Validation as usize],
            test: rows[Split::Test as usize],
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_come_by_their_numbers_and_other_names_behind_them() {
        let names = ["per:age", "P131", "no_relation", "P6", "P6", "P06x"];
        assert_eq!(
            in_order(names.map(str::to_owned)),
            ["P6", "P131", "P06x", "no_relation", "per:age"]
        );
    }
}
