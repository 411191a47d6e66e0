//! `Concept`: a thing of a knowledge graph or a list of entities.

use crate::column::{Column, long, text, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One concept: a node of a graph whose ids are its own, or an entity that examples name. Items of
/// Wikidata with all that is known of them are [`Entity`](crate::Entity)s.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concept {
    /// Its id in its source.
    pub id: String,
    /// Its preferred name.
    pub label: String,
    /// Its other names, without the preferred one.
    pub names: Words,
    /// Its kinds: semantic types, classes, name spaces.
    pub types: Words,
    /// What it is, in a phrase or a sentence; empty where the source does not say.
    pub description: String,
    /// How often it was seen: mentions, facts; 0 where nothing was counted.
    pub count: i64,
}

impl Classes for Concept {}

impl Record for Concept {
    const NAME: &'static str = "Concept";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "id in its source", |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("label", "preferred name", |r: &Self| &r.label, |r| &mut r.label).without_dictionary(),
        words("names", "other names", |r: &Self| &r.names, |r| &mut r.names).without_dictionary(),
        words("types", "its kinds: semantic types, classes, name spaces",
            |r| &r.types, |r| &mut r.types),
        text("description", "what it is; empty where the source does not say",
            |r: &Self| &r.description, |r| &mut r.description).without_dictionary(),
        long("count", "how often it was seen; 0 where nothing was counted",
            |r| &r.count, |r| &mut r.count),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        if self.id.is_empty() {
            return Err("expected an id, found none".into());
        }
        if self.names.iter().any(str::is_empty) {
            return Err("one of its names is empty".into());
        }
        if self.count < 0 {
            return Err(format!("count is {}, expected 0 or more", self.count));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::concept as example;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let rules = Rules::default();
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut Concept)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(fault(|r| r.id.clear()), "expected an id, found none");
        assert_eq!(
            fault(|r| r.names = ["a", ""].into()),
            "one of its names is empty"
        );
        assert_eq!(fault(|r| r.count = -1), "count is -1, expected 0 or more");
        let rows = vec![example(), example()];
        let batch = Concept::to_batch(&rows, &Concept::arrow_schema(&[])).unwrap();
        assert_eq!(Concept::from_batch(&batch).unwrap(), rows);
    }
}
