//! What the commands do with the classes of rows: relations and types.

use std::borrow::Cow;

use crate::RelationExample;

/// What the class of a row is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// For people: `relation` or `type`.
    pub name: &'static str,
    /// Labels number the dataset's class names.
    pub numbered: bool,
}

/// The classes of a record's rows. Records without classes implement nothing of it.
pub trait Classes {
    /// What a class is called, if rows have any.
    const CLASS: Option<Class> = None;

    /// Datasets have the table `relations.parquet` beside their shards.
    const RELATION_TABLE: bool = false;

    /// Datasets have the table `entities.parquet` beside their shards.
    const ENTITY_TABLE: bool = false;

    /// Negatives are rows of their own, and name the positives that they were made from.
    const NEGATIVES: bool = false;

    /// The ids of entities that a row names, each with whether it is what a span means.
    fn entities(&self) -> Vec<(&str, bool)> {
        Vec::new()
    }

    /// The relation of a row, or all its types together. None of a row without a label.
    fn class(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Each class of a row with its label, if it has one.
    fn labelled_classes(&self) -> Vec<(&str, Option<i64>)> {
        Vec::new()
    }

    /// Takes the classes out of a row, with their labels: its relation, if it has a label, or its
    /// types by the alphabet, whatever their numbers are.
    fn take_classes(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Numbers the classes of a row again: its relation, if it has a label, or its types.
    ///
    /// # Errors
    /// The class that has no number.
    fn relabel(&mut self, _label: impl Fn(&str) -> Option<i64>) -> Result<(), String> {
        Ok(())
    }

    /// The row as one of a relation dataset, if it is one.
    fn relation(&self) -> Option<&RelationExample> {
        None
    }

    /// The same, to be changed.
    fn relation_mut(&mut self) -> Option<&mut RelationExample> {
        None
    }
}
