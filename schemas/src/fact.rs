//! `Fact`: a relation between two things of a knowledge graph.

use crate::column::{Column, text};
use crate::{Classes, GroupBy, Record, Rules};

/// One fact of a wordnet or another graph whose ids are its own. Statements of Wikidata are
/// [`Triple`](crate::Triple)s.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// What the fact is about: id of a synset, sense key of a word, id of a concept.
    pub head: String,
    /// The relation, by the source's name (`hypernym`).
    pub relation: String,
    /// What it is related to.
    pub tail: String,
    /// Who states it: name and version of the source; empty if it has none.
    pub source: String,
}

impl Classes for Fact {}

impl Record for Fact {
    const NAME: &'static str = "Fact";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("head", "what the fact is about: a synset's id, a word's sense key, a concept's id",
            |r| &r.head, |r| &mut r.head),
        text("relation", "the relation, by the source's name", |r| &r.relation, |r| &mut r.relation),
        text("tail", "what it is related to", |r| &r.tail, |r| &mut r.tail),
        text("source", "name and version of the source; empty if it has none",
            |r| &r.source, |r| &mut r.source),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let parts = [
            ("head", &self.head),
            ("relation", &self.relation),
            ("tail", &self.tail),
        ];
        match parts.into_iter().find(|(_, part)| part.is_empty()) {
            Some((name, _)) => Err(format!(
                "a fact has a head, a relation and a tail: no {name}"
            )),
            None => Ok(()),
        }
    }

    /// Facts have no ids.
    fn id(&self) -> &'static str {
        ""
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Pair => {
                let (a, b) = (&self.head, &self.tail);
                format!("{} {}", a.min(b), a.max(b)).into_bytes()
            }
            GroupBy::Row => [&*self.head, &self.relation, &self.tail]
                .join("\t")
                .into_bytes(),
            _ => self.head.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::fact;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let row = fact();
        let rules = Rules::default();
        assert_eq!(row.check(&rules), Ok(()));
        let mut fault = row.clone();
        fault.tail.clear();
        assert_eq!(
            fault.check(&rules).unwrap_err(),
            "a fact has a head, a relation and a tail: no tail"
        );
        let rows = vec![row];
        let batch = Fact::to_batch(&rows, &Fact::arrow_schema(&[])).unwrap();
        assert_eq!(Fact::from_batch(&batch).unwrap(), rows);
    }
}
