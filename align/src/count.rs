//! Distinct pairs and rows of each relation, and which relations reach the threshold.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::wikidata_id::property_number;

/// What a relation needs to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// At least so many distinct (subject, object) pairs, as the paper states it.
    Pairs(u64),
    /// At least so many rows, as the released notebook counts.
    Rows(u64),
}

/// Counts of one relation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelationTotal {
    /// Distinct (subject, object) pairs.
    pub pairs: u64,
    /// Rows.
    pub rows: u64,
}

/// A row as counting sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactKey {
    /// Hash of the row's id.
    pub row: u64,
    /// Hash of relation, subject and object.
    pub pair: u64,
    /// Number of the property.
    pub property: u32,
}

impl FactKey {
    /// The key of a row.
    pub fn new(row_id: &str, relation: &str, subject: &str, object: &str) -> Self {
        // Ids hold no newline, and a literal that does comes last.
        let pair = format!("{relation}\n{subject}\n{object}");
        Self {
            row: row_hash(row_id),
            pair: xxh3_64(pair.as_bytes()),
            property: property_number(relation).unwrap_or(0),
        }
    }
}

/// What stands for a row where rows are told apart.
pub(crate) fn row_hash(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// Counts pairs and rows by relation; each row once, however often it comes.
///
/// Memory: hashes of 8 bytes a row and 8 bytes a pair in tables that are between 7/16 and 7/8
/// full, so at most 21 bytes a row and 21 a pair. The chance that hashes of 10 million rows
/// collide anywhere is below one in 300,000.
#[derive(Debug, Default)]
pub struct PairCounts {
    rows: FxHashSet<u64>,
    pairs: FxHashSet<u64>,
    totals: BTreeMap<u32, RelationTotal>,
}

impl PairCounts {
    /// Adds a row, unless it was there already.
    pub fn add(&mut self, key: FactKey) {
        if self.rows.insert(key.row) {
            let total = self.totals.entry(key.property).or_default();
            total.rows += 1;
            total.pairs += u64::from(self.pairs.insert(key.pair));
        }
    }

    /// All relations with their counts, by the number of the property.
    pub fn totals(&self) -> impl Iterator<Item = (String, RelationTotal)> + '_ {
        self.totals
            .iter()
            .map(|(number, total)| (format!("P{number}"), *total))
    }

    /// The relations that reach the threshold.
    pub fn kept(&self, threshold: Threshold) -> Vec<(String, RelationTotal)> {
        self.totals()
            .filter(|(_, total)| threshold.reached_by(*total))
            .collect()
    }
}

impl Extend<FactKey> for PairCounts {
    fn extend<T: IntoIterator<Item = FactKey>>(&mut self, keys: T) {
        for key in keys {
            self.add(key);
        }
    }
}

impl Threshold {
    fn reached_by(self, total: RelationTotal) -> bool {
        match self {
            Self::Pairs(least) => total.pairs >= least,
            Self::Rows(least) => total.rows >= least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_distinct_and_rows_are_not() {
        let mut counts = PairCounts::default();
        counts.add(FactKey::new("1", "P36", "Q1", "Q2"));
        counts.add(FactKey::new("2", "P36", "Q1", "Q2"));
        counts.add(FactKey::new("3", "P36", "Q2", "Q1"));
        counts.add(FactKey::new("4", "P6", "Q1", "Q2"));
        counts.add(FactKey::new("4", "P6", "Q1", "Q2")); // the same row again
        let total = |pairs, rows| RelationTotal { pairs, rows };
        assert_eq!(
            counts.kept(Threshold::Pairs(2)),
            [("P36".to_owned(), total(2, 3))]
        );
        assert_eq!(
            counts.kept(Threshold::Rows(3)),
            [("P36".to_owned(), total(2, 3))]
        );
        assert_eq!(
            counts.kept(Threshold::Pairs(0)),
            [
                ("P6".to_owned(), total(1, 1)),
                ("P36".to_owned(), total(2, 3))
            ]
        );
    }
}
