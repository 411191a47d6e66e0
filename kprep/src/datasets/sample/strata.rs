//! What keeps its share in a sample.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clap::ValueEnum;
use kprep_schemas::{Manifest, Record, Split};
use rustc_hash::FxHashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stratify {
    /// Each relation of a relation dataset or of cloze queries; of a typing dataset, each
    /// combination of types
    Relation,
    /// Each split
    Split,
}

/// Rows by what keeps its share, counted: what a first pass finds.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    classes: BTreeMap<String, u64>,
    none: u64,
}

impl Counts {
    pub(crate) fn add<R: Record>(&mut self, row: &R) {
        let Some(class) = row.class() else {
            self.none += 1;
            return;
        };
        match self.classes.get_mut(&*class) {
            Some(count) => *count += 1,
            None => {
                self.classes.insert(class.into_owned(), 1);
            }
        }
    }
}

/// The strata by number, rows without a class in the last one.
pub(crate) struct Strata {
    by: Option<Stratify>,
    numbers: FxHashMap<String, usize>,
    /// Rows of each.
    pub(crate) counts: Vec<u64>,
}

impl Strata {
    /// All rows are one stratum, or those of each split.
    pub(crate) fn plain(by: Option<Stratify>, manifest: &Manifest) -> Self {
        let splits = Split::ALL.map(|split| manifest.rows(split.name()));
        Self {
            by,
            numbers: FxHashMap::default(),
            counts: match by {
                None => vec![splits.iter().sum()],
                Some(_) => splits.to_vec(),
            },
        }
    }

    /// The classes that rows have, in the order of their labels, then by name.
    pub(crate) fn classes(counts: Counts, class_names: &[String]) -> Self {
        let labels: FxHashMap<&str, usize> =
            class_names.iter().map(String::as_str).zip(0..).collect();
        let mut classes: Vec<_> = counts.classes.into_iter().collect();
        // Stable: what is no class itself stays in the order of names.
        classes.sort_by_key(|(name, _)| labels.get(&**name).copied().unwrap_or(usize::MAX));
        let (names, mut rows): (Vec<String>, Vec<u64>) = classes.into_iter().unzip();
        rows.push(counts.none);
        Self {
            by: Some(Stratify::Relation),
            numbers: names.into_iter().zip(0..).collect(),
            counts: rows,
        }
    }

    /// The stratum of a row.
    pub(crate) fn of<R: Record>(&self, split: Split, row: &R) -> usize {
        let number = |class: Cow<'_, str>| self.numbers.get(&*class).copied();
        match self.by {
            None => 0,
            Some(Stratify::Split) => split as usize,
            Some(Stratify::Relation) => row
                .class()
                .and_then(number)
                .unwrap_or(self.counts.len() - 1),
        }
    }
}
