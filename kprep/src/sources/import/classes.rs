//! The classes of an imported relation dataset or typing dataset.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use kprep_ingest::{SideFile, class_names};
use kprep_schemas::Record;
use rustc_hash::FxHashMap;

use crate::datasets::relation_table::in_order;

/// Class names in label order, and how rows get their labels.
#[derive(Debug, Default)]
pub(crate) struct Classes {
    pub(crate) names: Vec<String>,
    labels: FxHashMap<String, i64>,
    /// Rows without a label stay so: they come from a dataset where they had none.
    pub(crate) keep_none: bool,
    /// Where the order comes from, for the manifest.
    pub(crate) origin: &'static str,
}

impl Classes {
    fn new(names: Vec<String>, origin: &'static str) -> Self {
        let labels = names.iter().cloned().zip(0..).collect();
        Self {
            names,
            labels,
            keep_none: false,
            origin,
        }
    }

    /// The classes that a file lists, as [`class_names`] reads it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let side = SideFile::read(path)?;
        let names = class_names(side.text()?).map_err(|why| anyhow!("{name}: {why}"))?;
        if names.is_empty() {
            bail!(
                "{name}: no class in it, expected a name a line, a list, or JSON with their numbers"
            );
        }
        for (label, class) in names.iter().enumerate() {
            if let Some(first) = names[..label].iter().position(|other| other == class) {
                bail!("{name}: class {label}: {class:?} is class {first} already");
            }
        }
        Ok(Self::new(names, "labels"))
    }

    /// Gives a row its label, if it is one of a relation dataset, or its labels, if one of a typing
    /// dataset.
    ///
    /// # Errors
    /// The relation or type, if it is no class.
    pub(crate) fn label<R: Record>(&self, row: &mut R) -> Result<(), String> {
        if let Some(row) = row.relation_mut()
            && !self.keep_none
        {
            // Any: it is numbered below.
            row.label.get_or_insert(0);
        }
        let labelled = row.relabel(|name| self.labels.get(name).copied());
        labelled.map_err(|name| format!("{name:?} is none of the labels"))
    }
}

/// The relations or types of the rows, and the labels they have there.
#[derive(Debug, Default)]
pub(crate) struct SeenClasses {
    relations: BTreeMap<String, Option<i64>>,
    /// A relation has several labels.
    differ: bool,
}

impl SeenClasses {
    /// Takes a row. Rows without a label are of no class if `labelled`.
    pub(crate) fn add<R: Record>(&mut self, row: &R, labelled: bool) {
        if labelled && row.relation().is_some_and(|row| row.label.is_none()) {
            return;
        }
        for (name, label) in row.labelled_classes() {
            self.see(name, label);
        }
    }

    fn see(&mut self, relation: &str, label: Option<i64>) {
        match self.relations.get(relation) {
            Some(&first) => self.differ |= first != label,
            None => {
                self.relations.insert(relation.to_owned(), label);
            }
        }
    }

    /// The classes, by the labels of the rows where these number them without a gap, else in
    /// kprep's order.
    pub(crate) fn classes(self, labelled: bool) -> Classes {
        let mut by_label: Vec<_> = self.relations.iter().collect();
        by_label.sort_by_key(|&(_, label)| label);
        let numbers = by_label.iter().map(|&(_, &label)| label);
        let numbered = !self.differ && numbers.eq((0..by_label.len() as i64).map(Some));
        let mut classes = if labelled && numbered {
            let names = by_label.into_iter().map(|(relation, _)| relation.clone());
            Classes::new(names.collect(), "rows")
        } else {
            Classes::new(in_order(self.relations.into_keys()), "relations")
        };
        classes.keep_none = labelled;
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rows: &[(&str, i64)]) -> Classes {
        let mut seen = SeenClasses::default();
        for &(relation, label) in rows {
            seen.see(relation, Some(label));
        }
        seen.classes(true)
    }

    #[test]
    fn labels_of_rows_count_where_they_have_no_gap() {
        assert_eq!(seen(&[("P6", 1), ("P31", 0)]).names, ["P31", "P6"]);
        assert_eq!(seen(&[("P6", 2), ("P31", 0)]).names, ["P6", "P31"]);
        assert_eq!(seen(&[("P6", 1), ("P31", 1)]).names, ["P6", "P31"]);
        let differ = seen(&[("P6", 1), ("P31", 0), ("P6", 0), ("P6", 1)]);
        assert_eq!(
            (differ.names[0].as_str(), differ.origin),
            ("P6", "relations")
        );
    }
}
