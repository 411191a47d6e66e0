//! `TypingExample`: a mention in a sentence and the types of what it names.

use std::borrow::Cow;
use std::mem;

use crate::column::{Column, int, longs, text, words};
use crate::{Class, Classes, GroupBy, Record, Rules, Words};

/// One example of an entity typing dataset (`OpenEntity`, FIGER).
///
/// The mention is code points of `text` with an exclusive end: in Python `text[s:e]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypingExample {
    /// Stable hash, unique in the dataset.
    pub id: String,
    /// The source's document id; empty if the source has none.
    pub doc_id: String,
    /// The sentence.
    pub text: String,
    /// First code point of the mention.
    pub mention_start: i32,
    /// End of the mention, exclusive.
    pub mention_end: i32,
    /// The types as indexes among the dataset's class names, sorted; none is possible.
    pub labels: Vec<i64>,
    /// The names of these types.
    pub types: Words,
}

impl Classes for TypingExample {
    const CLASS: Option<Class> = Some(Class {
        name: "type",
        numbered: true,
    });

    fn class(&self) -> Option<Cow<'_, str>> {
        (!self.types.is_empty()).then(|| Cow::Owned(self.types.join(", ")))
    }

    /// A row may have types without labels.
    fn labelled_classes(&self) -> Vec<(&str, Option<i64>)> {
        let labels = (0..).map(|i: usize| self.labels.get(i).copied());
        self.types.iter().zip(labels).collect()
    }

    fn take_classes(&mut self) -> Vec<String> {
        self.labels.clear();
        let types = mem::take(&mut self.types);
        let mut types: Vec<String> = types.iter().map(str::to_owned).collect();
        types.sort_unstable();
        types
    }

    /// Types come in the order of their new labels.
    fn relabel(&mut self, label: impl Fn(&str) -> Option<i64>) -> Result<(), String> {
        let numbered = |name| Ok((label(name).ok_or_else(|| str::to_owned(name))?, name));
        let numbered = self.types.iter().map(numbered);
        let mut numbered = numbered.collect::<Result<Vec<_>, String>>()?;
        numbered.sort_unstable();
        let types = numbered.iter().map(|&(_, name)| name).collect();
        self.labels = numbered.into_iter().map(|(label, _)| label).collect();
        self.types = types;
        Ok(())
    }
}

impl Record for TypingExample {
    const NAME: &'static str = "TypingExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("doc_id", "the source's document id, empty if it has none",
            |r| &r.doc_id, |r| &mut r.doc_id),
        text("text", "the sentence", |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        int("mention_start", "first code point of the mention in `text`",
            |r| &r.mention_start, |r| &mut r.mention_start),
        int("mention_end", "end of the mention in `text`, exclusive",
            |r| &r.mention_end, |r| &mut r.mention_end),
        longs("labels", "indexes of the types among the class names, sorted",
            |r: &Self| &r.labels, |r| &mut r.labels).class_label(),
        words("types", "the names of these types", |r| &r.types, |r| &mut r.types),
    ];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Sentence);

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        let (start, end) = (self.mention_start, self.mention_end);
        let n = self.text.chars().count() as i32;
        if !(0 <= start && start < end && end <= n) {
            return Err(format!(
                "the mention is code points {start}..{end} of a text of {n}"
            ));
        }
        if !self.labels.is_sorted_by(|a, b| a < b) {
            return Err("labels are not sorted or repeat".into());
        }
        let names = self.labels.iter().map(|&label| {
            let label = usize::try_from(label).ok()?;
            rules.class_names.get(label).map(String::as_str)
        });
        if !names.eq(self.types.iter().map(Some)) {
            return Err(format!(
                "labels {:?} are not the types {:?}",
                self.labels, self.types
            ));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document => self.doc_id.clone().into_bytes(),
            GroupBy::Row => self.id.clone().into_bytes(),
            _ => self.text.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> TypingExample {
        TypingExample {
            id: "1".into(),
            doc_id: String::new(),
            text: "Zoë sang .".into(),
            mention_start: 0,
            mention_end: 3,
            labels: vec![0, 1],
            types: ["/person", "/person/artist"].into(),
        }
    }

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let names = ["/person".to_owned(), "/person/artist".to_owned()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut TypingExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(
            fault(|r| r.mention_end = 11),
            "the mention is code points 0..11 of a text of 10"
        );
        assert_eq!(
            fault(|r| r.labels = vec![1, 0]),
            "labels are not sorted or repeat"
        );
        assert_eq!(
            fault(|r| r.labels = vec![0, 2]),
            r#"labels [0, 2] are not the types ["/person", "/person/artist"]"#
        );
        let mut bare = example();
        (bare.labels, bare.types) = (Vec::new(), Words::default());
        assert_eq!(bare.check(&rules), Ok(()));
        let rows = vec![example(), bare];
        let schema = TypingExample::arrow_schema(&names);
        let batch = TypingExample::to_batch(&rows, &schema).unwrap();
        assert_eq!(TypingExample::from_batch(&batch).unwrap(), rows);
        let features = &schema.metadata()["huggingface"];
        let labels = r#""labels":{"feature":{"names":["/person","/person/artist"],"_type":"ClassLabel"},"_type":"Sequence"}"#;
        assert!(features.contains(labels), "{features}");
    }

    #[test]
    fn types_are_numbered_again_in_the_order_of_their_labels() {
        let mut row = TypingExample {
            id: "1".into(),
            doc_id: String::new(),
            text: "Zoë sang .".into(),
            mention_start: 0,
            mention_end: 3,
            labels: vec![0, 1],
            types: ["/artist", "/person"].into(),
        };
        assert_eq!(row.class().as_deref(), Some("/artist, /person"));
        let labels = |name: &str| match name {
            "/person" => Some(0),
            "/artist" => Some(2),
            _ => None,
        };
        assert_eq!(row.relabel(labels), Ok(()));
        assert_eq!(
            (row.labels.clone(), row.types.join(" ")),
            (vec![0, 2], "/person /artist".into())
        );
        let none = row.relabel(|_| None);
        assert_eq!(none, Err("/person".to_owned()));
        // By the alphabet, whatever the numbers are.
        assert_eq!(row.take_classes(), ["/artist", "/person"]);
        assert_eq!((row.class(), row.labels.len()), (None, 0));
    }
}
