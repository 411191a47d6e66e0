//! Documents, pairs or sentences that lie in several splits.

use kprep_schemas::{GroupBy, Record, Split, stable_hash};
use rustc_hash::{FxHashMap, FxHashSet};

/// The splits in which groups were met, where these came with the rows.
///
/// Memory: at most 39 bytes a group, and 21 more for one in several splits.
pub(crate) struct Groups {
    by: GroupBy,
    first: FxHashMap<u64, Split>,
    several: FxHashSet<u64>,
}

impl Groups {
    /// Of what a group is.
    pub(crate) fn new(by: GroupBy) -> Self {
        Self {
            by,
            first: FxHashMap::default(),
            several: FxHashSet::default(),
        }
    }

    /// Takes a row.
    pub(crate) fn add<R: Record>(&mut self, split: Split, row: &R) {
        let group = stable_hash([&row.group(self.by)[..]]);
        if *self.first.entry(group).or_insert(split) != split {
            self.several.insert(group);
        }
    }

    /// How many groups lie in several splits.
    pub(crate) fn several(&self) -> u64 {
        self.several.len() as u64
    }

    /// The group that is never divided between splits of these rows.
    pub(crate) fn promise(&self) -> GroupBy {
        if self.several.is_empty() {
            self.by
        } else {
            GroupBy::Row
        }
    }

    /// What a count of such groups is called.
    pub(crate) fn reason(&self) -> &'static str {
        match self.by {
            GroupBy::Document => "documents in several splits",
            GroupBy::Pair => "pairs in several splits",
            GroupBy::Sentence => "sentences in several splits",
            GroupBy::Word => "words in several splits",
            GroupBy::Entity => "entities in several splits",
            GroupBy::Row => "rows in several splits",
        }
    }
}
