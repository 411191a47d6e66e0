//! What `kprep stats` tells of a relation dataset.

use kprep_align::{RelationStats, RelationSummary};
use kprep_schemas::{Overlap, Share};
use serde::Serialize;

use super::count::Rows;

/// What is told of a relation dataset; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The dataset's name.
    pub(crate) dataset: String,
    pub(super) record: &'static str,
    pub(crate) rows: Rows,
    /// Always the answer that is the most frequent in train.
    pub(crate) majority: Majority,
    #[serde(flatten)]
    pub(crate) summary: RelationSummary,
    /// The relations as the dataset lists them: names, pairs, rows a split.
    pub(crate) table: Vec<Relation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) overlap: Vec<Overlap>,
}

/// How often the most frequent relation of train is right.
#[derive(Debug, Serialize)]
pub(crate) struct Majority {
    pub(crate) relation: Option<String>,
    pub(crate) train: Share,
    pub(crate) validation: Share,
    pub(crate) test: Share,
}

/// A row of `relations.parquet`.
#[derive(Debug, Serialize)]
pub(crate) struct Relation {
    pub(crate) property: String,
    pub(crate) name: Option<String>,
    pub(crate) pairs: i64,
    pub(crate) train: i64,
    pub(crate) validation: i64,
    pub(crate) test: i64,
}

impl Relation {
    /// `capital (P36)`, or the property alone.
    pub(crate) fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.property),
            None => self.property.clone(),
        }
    }

    pub(crate) fn rows(&self) -> u64 {
        (self.train + self.validation + self.test) as u64
    }
}

impl Majority {
    pub(super) fn of(
        train: &RelationStats,
        validation: &RelationStats,
        test: &RelationStats,
    ) -> Self {
        // Of several, the first by its name.
        let most = train.relations.iter().rev().max_by_key(|(_, rows)| **rows);
        let relation = most.map(|(relation, _)| relation.clone());
        let right = |stats: &RelationStats| {
            let count = relation.as_ref().and_then(|name| stats.relations.get(name));
            Share::new(count.copied().unwrap_or(0), stats.rows)
        };
        Self {
            train: right(train),
            validation: right(validation),
            test: right(test),
            relation,
        }
    }
}
