//! `PairExample`: two phrases, and what one is to the other.

use std::borrow::Cow;
use std::mem;

use crate::column::{Column, long, text};
use crate::{Class, Classes, GroupBy, Record, Rules};

/// One example of a set of pairs: two words that are related or not, the head and the tail of a fact
/// that is real or not.
///
/// A negative is a row of its own, made from a positive of the same split by replacing one of its
/// phrases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairExample {
    /// Stable hash, unique in the dataset.
    pub id: String,
    /// What splits must not divide: rows of one group are all in one split.
    pub group: String,
    /// The first phrase.
    pub first: String,
    /// The second phrase.
    pub second: String,
    /// Id of the first in its source: a word, a synset, a concept, an item.
    pub first_id: String,
    /// Id of the second.
    pub second_id: String,
    /// What the first is said to be to the second, as a phrase; empty where nothing is said.
    pub relation: String,
    /// The relation by the source's name.
    pub relation_id: String,
    /// The class as an index among the dataset's class names.
    pub label: i64,
    /// The class by its name.
    pub class: String,
    /// Id of the positive that this negative was made from; empty for positives.
    pub positive: String,
    /// Which phrase was replaced: `first` or `second`; empty for positives.
    pub replaced: String,
    /// How the phrase that replaces it was drawn (`random`, `sister`); empty for positives.
    pub negative: String,
}

impl Classes for PairExample {
    const CLASS: Option<Class> = Some(Class {
        name: "class",
        numbered: true,
    });

    const NEGATIVES: bool = true;

    fn class(&self) -> Option<Cow<'_, str>> {
        (!self.class.is_empty()).then_some(Cow::Borrowed(&self.class))
    }

    fn labelled_classes(&self) -> Vec<(&str, Option<i64>)> {
        vec![(&self.class, Some(self.label))]
    }

    fn take_classes(&mut self) -> Vec<String> {
        self.label = 0;
        vec![mem::take(&mut self.class)]
    }

    fn relabel(&mut self, label: impl Fn(&str) -> Option<i64>) -> Result<(), String> {
        self.label = label(&self.class).ok_or_else(|| self.class.clone())?;
        Ok(())
    }
}

impl Record for PairExample {
    const NAME: &'static str = "PairExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("group", "what splits must not divide", |r| &r.group, |r| &mut r.group),
        text("first", "the first phrase", |r| &r.first, |r| &mut r.first),
        text("second", "the second phrase", |r| &r.second, |r| &mut r.second),
        text("first_id", "id of the first in its source", |r| &r.first_id, |r| &mut r.first_id),
        text("second_id", "id of the second", |r| &r.second_id, |r| &mut r.second_id),
        text("relation", "what the first is said to be to the second, as a phrase; empty where nothing is said",
            |r| &r.relation, |r| &mut r.relation),
        text("relation_id", "the relation by the source's name",
            |r| &r.relation_id, |r| &mut r.relation_id),
        long("label", "index of the class among the class names",
            |r: &Self| &r.label, |r| &mut r.label).class_label(),
        text("class", "the class by its name", |r| &r.class, |r| &mut r.class),
        text("positive", "id of the positive that a negative was made from; empty for positives",
            |r| &r.positive, |r| &mut r.positive),
        text("replaced", "which phrase of it was replaced, `first` or `second`; empty for positives",
            |r| &r.replaced, |r| &mut r.replaced),
        text("negative", "how the new phrase was drawn, e.g. `random`; empty for positives",
            |r| &r.negative, |r| &mut r.negative),
    ];

    const SHAREABLE: &'static [&'static str] = &["pairs in either direction", "phrases"];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Pair);

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        if self.id.is_empty() {
            return Err("expected an id, found none".into());
        }
        if self.first.is_empty() || self.second.is_empty() {
            return Err("one of the two phrases is empty".into());
        }
        let class = usize::try_from(self.label).ok();
        let class = class.and_then(|label| rules.class_names.get(label));
        if class != Some(&self.class) {
            return Err(format!(
                "label {} is not the class {:?}",
                self.label, self.class
            ));
        }
        let of_negative = [&self.positive, &self.replaced, &self.negative];
        let told = of_negative.iter().filter(|part| !part.is_empty()).count();
        if told != 0 && told != of_negative.len() {
            return Err(
                "positive, replaced and negative are all told, of a negative, or all empty".into(),
            );
        }
        match self.replaced.as_str() {
            "" | "first" | "second" => Ok(()),
            other => Err(format!("replaced is {other:?}, expected first or second")),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    /// The pair, and its first phrase.
    fn shareable(&self) -> Vec<u64> {
        let phrase = crate::stable_hash([self.first.as_bytes()]);
        vec![crate::stable_hash([&self.pair()[..]]), phrase]
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Row => self.id.clone().into_bytes(),
            _ if self.group.is_empty() => self.pair(),
            _ => self.group.clone().into_bytes(),
        }
    }
}

impl PairExample {
    /// Both ids, or the phrases where there are none, the same in either direction.
    fn pair(&self) -> Vec<u8> {
        fn of<'a>(id: &'a str, phrase: &'a str) -> &'a str {
            if id.is_empty() { phrase } else { id }
        }
        let first = of(&self.first_id, &self.first);
        let second = of(&self.second_id, &self.second);
        format!("{}\t{}", first.min(second), first.max(second)).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::pair as example;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let names = ["unrelated".to_owned(), "related".to_owned()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut PairExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(
            fault(|r| r.second.clear()),
            "one of the two phrases is empty"
        );
        assert_eq!(
            fault(|r| r.label = 0),
            "label 0 is not the class \"related\""
        );
        assert_eq!(
            fault(|r| r.positive = "1".into()),
            "positive, replaced and negative are all told, of a negative, or all empty"
        );
        let third = |r: &mut PairExample| {
            (r.positive, r.replaced, r.negative) = ("1".into(), "third".into(), "random".into());
        };
        assert_eq!(
            fault(third),
            "replaced is \"third\", expected first or second"
        );
        let rows = vec![example(), example()];
        let batch = PairExample::to_batch(&rows, &PairExample::arrow_schema(&names)).unwrap();
        assert_eq!(PairExample::from_batch(&batch).unwrap(), rows);
    }

    #[test]
    fn a_pair_is_the_same_in_either_direction() {
        let row = example();
        let mut turned = row.clone();
        mem::swap(&mut turned.first, &mut turned.second);
        mem::swap(&mut turned.first_id, &mut turned.second_id);
        turned.group.clear();
        let pair = |row: &PairExample| row.shareable()[0];
        assert_eq!(pair(&row), pair(&turned));
        assert_eq!(turned.group(GroupBy::Pair), b"bird\tgoose");
    }

    #[test]
    fn classes_are_numbered_again() {
        let mut row = example();
        assert_eq!(row.relabel(|name| (name == "related").then_some(4)), Ok(()));
        assert_eq!(row.label, 4);
        assert_eq!(row.relabel(|_| None), Err("related".into()));
        assert_eq!(row.take_classes(), ["related"]);
    }
}
