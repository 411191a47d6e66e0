//! `RelationCount`: one row of `relations.parquet`.

use crate::column::{Column, long, text, text_or_null};
use crate::{Classes, GroupBy, Record, Rules};

/// A relation of a relation dataset with its counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelationCount {
    /// Index among the class names.
    pub label: i64,
    /// Wikidata property (`P36`).
    pub relation: String,
    /// English label, if known.
    pub name: Option<String>,
    /// Distinct (subject, object) pairs over all splits.
    pub pairs: i64,
    /// Rows in train.
    pub train: i64,
    /// Rows in validation.
    pub validation: i64,
    /// Rows in test.
    pub test: i64,
}

impl Classes for RelationCount {}

impl Record for RelationCount {
    const NAME: &'static str = "RelationCount";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        long("label", "index among the class names",
            |r: &Self| &r.label, |r| &mut r.label).nullable(),
        text("relation", "Wikidata property", |r| &r.relation, |r| &mut r.relation),
        text_or_null("name", "English label", |r| &r.name, |r| &mut r.name),
        long("pairs", "distinct (subject, object) pairs over all splits",
            |r: &Self| &r.pairs, |r| &mut r.pairs).nullable(),
        long("train", "rows in train", |r: &Self| &r.train, |r| &mut r.train).nullable(),
        long("validation", "rows in validation",
            |r: &Self| &r.validation, |r| &mut r.validation).nullable(),
        long("test", "rows in test", |r: &Self| &r.test, |r| &mut r.test).nullable(),
    ];

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        match rules.class_names.get(self.label as usize) {
            Some(name) if *name == self.relation => Ok(()),
            _ => Err(format!(
                "label {} is not relation {}",
                self.label, self.relation
            )),
        }
    }

    fn id(&self) -> &str {
        &self.relation
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.relation.clone().into_bytes()
    }
}
