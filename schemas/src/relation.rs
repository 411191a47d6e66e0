//! `RelationExample`: a sentence with a subject, an object and the relation between them.

use std::borrow::Cow;
use std::mem;

use serde::{Deserialize, Serialize};

use crate::column::{Column, int, long_or_null, text, words};
use crate::{Class, Classes, GroupBy, Record, Rules, Words, stable_hash};

/// One example of a relation dataset (T-REx-rc and its kind).
///
/// Word indexes follow TACRED: 0-based with **inclusive** ends. Character offsets are Unicode
/// code points into `text` with exclusive ends, so that in Python `text[s:e]` is the mention.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationExample {
    /// Stable hash of document, sentence, spans, ids and relation; unique in the dataset.
    pub id: String,
    /// The source's document id (T-REx: the entity URI).
    pub doc_id: String,
    /// Title of the document; empty if the source has none.
    pub title: String,
    /// The sentence.
    pub text: String,
    /// The words of the sentence.
    pub token: Words,
    /// First word of the subject.
    pub subj_start: i32,
    /// Last word of the subject.
    pub subj_end: i32,
    /// First word of the object.
    pub obj_start: i32,
    /// Last word of the object.
    pub obj_end: i32,
    /// First code point of the subject.
    pub subj_char_start: i32,
    /// End of the subject, exclusive.
    pub subj_char_end: i32,
    /// First code point of the object.
    pub obj_char_start: i32,
    /// End of the object, exclusive.
    pub obj_char_end: i32,
    /// Wikidata id of the subject (`Q42`); empty if the source has none.
    pub subj_id: String,
    /// Wikidata id of the object, or the literal's value; empty if the source has none.
    pub obj_id: String,
    /// `item`, `time`, `quantity` or `string`; for relations that are not Wikidata's the source's
    /// own word for it (TACRED: `PERSON`), or empty.
    pub obj_type: String,
    /// Wikidata property (`P36`), or the source's name of the relation (`per:title`).
    pub relation: String,
    /// Index of the relation among the dataset's class names; `None` if it is not one of them.
    pub label: Option<i64>,
    /// The aligners that found the fact here, sorted, without repetition.
    pub aligners: Words,
}

impl Classes for RelationExample {
    const CLASS: Option<Class> = Some(Class {
        name: "relation",
        numbered: true,
    });
    const RELATION_TABLE: bool = true;

    fn class(&self) -> Option<Cow<'_, str>> {
        self.label.map(|_| Cow::Borrowed(self.relation.as_str()))
    }

    fn labelled_classes(&self) -> Vec<(&str, Option<i64>)> {
        vec![(&self.relation, self.label)]
    }

    fn take_classes(&mut self) -> Vec<String> {
        let relation = mem::take(&mut self.relation);
        self.label.take().map(|_| relation).into_iter().collect()
    }

    fn relabel(&mut self, label: impl Fn(&str) -> Option<i64>) -> Result<(), String> {
        if self.label.is_some() {
            let label = label(&self.relation);
            self.label = Some(label.ok_or_else(|| self.relation.clone())?);
        }
        Ok(())
    }

    fn relation(&self) -> Option<&RelationExample> {
        Some(self)
    }

    fn relation_mut(&mut self) -> Option<&mut RelationExample> {
        Some(self)
    }
}

impl Record for RelationExample {
    const NAME: &'static str = "RelationExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash or the source's id, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("doc_id", "the source's document id (T-REx: the entity URI)",
            |r| &r.doc_id, |r| &mut r.doc_id),
        text("title", "title of the document", |r| &r.title, |r| &mut r.title),
        text("text", "the sentence", |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        words("token", "its words; the indexes below count them",
            |r: &Self| &r.token, |r| &mut r.token).without_statistics(),
        int("subj_start", "first word of the subject, from 0",
            |r| &r.subj_start, |r| &mut r.subj_start),
        int("subj_end", "last word of the subject, inclusive",
            |r| &r.subj_end, |r| &mut r.subj_end),
        int("obj_start", "first word of the object, from 0",
            |r| &r.obj_start, |r| &mut r.obj_start),
        int("obj_end", "last word of the object, inclusive", |r| &r.obj_end, |r| &mut r.obj_end),
        int("subj_char_start", "first code point of the subject in `text`",
            |r| &r.subj_char_start, |r| &mut r.subj_char_start),
        int("subj_char_end", "end of the subject in `text`, exclusive",
            |r| &r.subj_char_end, |r| &mut r.subj_char_end),
        int("obj_char_start", "first code point of the object in `text`",
            |r| &r.obj_char_start, |r| &mut r.obj_char_start),
        int("obj_char_end", "end of the object in `text`, exclusive",
            |r| &r.obj_char_end, |r| &mut r.obj_char_end),
        text("subj_id", "Wikidata id of the subject, e.g. `Q70`; empty where the source has none",
            |r| &r.subj_id, |r| &mut r.subj_id),
        text("obj_id",
            "Wikidata id of the object, or the literal's value; empty where the source has none",
            |r| &r.obj_id, |r| &mut r.obj_id),
        text("obj_type",
            "what the object is: `item`, `time`, `quantity` or `string`, or the source's own word",
            |r| &r.obj_type, |r| &mut r.obj_type),
        text("relation", "Wikidata property, e.g. `P36`, or the source's own name",
            |r| &r.relation, |r| &mut r.relation),
        long_or_null("label", "index of the relation among the class names",
            |r: &Self| &r.label, |r| &mut r.label).class_label(),
        words("aligners", "the aligners that found the fact here, sorted",
            |r| &r.aligners, |r| &mut r.aligners),
    ];

    const SHAREABLE: &'static [&'static str] = &[
        "documents",
        "pairs (subject, object)",
        "pairs in either direction",
        "sentences",
    ];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Document);

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        tokens_in_order(&self.text, self.token.iter())?;
        let subject = (
            self.subj_start,
            self.subj_end,
            self.subj_char_start,
            self.subj_char_end,
        );
        let object = (
            self.obj_start,
            self.obj_end,
            self.obj_char_start,
            self.obj_char_end,
        );
        self.check_mention("subject", subject)?;
        self.check_mention("object", object)?;
        if !self.aligners.iter().is_sorted_by(|a, b| a < b) {
            return Err("aligners are not sorted or repeat".into());
        }
        let class = self
            .label
            .and_then(|label| rules.class_names.get(usize::try_from(label).ok()?));
        if class != self.label.and(Some(&self.relation)) {
            return Err(format!(
                "label {:?} is not relation {}",
                self.label, self.relation
            ));
        }
        match self.obj_type.as_str() {
            "item" | "time" | "quantity" | "string" => Ok(()),
            // Sets with relations of their own have types of their own, in their words, or none.
            _ if !is_property(&self.relation) => Ok(()),
            other => Err(format!(
                "obj_type is {other:?}, expected item, time, quantity or string"
            )),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn shareable(&self) -> Vec<u64> {
        let [subject, object] = self.pair();
        let pair = stable_hash([subject.as_bytes(), object.as_bytes()]);
        let group = |by| stable_hash([self.group(by).as_slice()]);
        vec![
            group(GroupBy::Document),
            pair,
            group(GroupBy::Pair),
            group(GroupBy::Sentence),
        ]
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document if self.doc_id.is_empty() => self.id.clone().into_bytes(),
            GroupBy::Document => self.doc_id.clone().into_bytes(),
            GroupBy::Pair | GroupBy::Word | GroupBy::Entity => {
                let [a, b] = &self.pair();
                format!("{} {}", a.min(b), a.max(b)).into_bytes()
            }
            GroupBy::Sentence => self.token.join(" ").into_bytes(),
            GroupBy::Row => self.id.clone().into_bytes(),
        }
    }
}

impl RelationExample {
    /// What stands for subject and object where pairs are compared: the ids, or, where the source
    /// has none, the words of the mentions.
    pub fn pair(&self) -> [Cow<'_, str>; 2] {
        let thing = |id, first: i32, last: i32| {
            if str::is_empty(id) {
                let words: Vec<&str> = self
                    .token
                    .iter()
                    .skip(first as usize)
                    .take((last - first + 1) as usize)
                    .collect();
                Cow::Owned(words.join(" "))
            } else {
                Cow::Borrowed(id)
            }
        };
        [
            thing(&self.subj_id, self.subj_start, self.subj_end),
            thing(&self.obj_id, self.obj_start, self.obj_end),
        ]
    }

    /// The mention's code points hold exactly the mention's tokens.
    fn check_mention(
        &self,
        what: &str,
        (first, last, start, end): (i32, i32, i32, i32),
    ) -> std::result::Result<(), String> {
        let n = self.token.len() as i32;
        if !(0 <= first && first <= last && last < n) {
            return Err(format!("the {what} is tokens {first}..={last} of {n}"));
        }
        let mention = code_point_slice(&self.text, start, end).ok_or_else(|| {
            format!("the {what} is code points {start}..{end}, outside the sentence")
        })?;
        let (first, last) = (first as usize, last as usize);
        let whole = mention.starts_with(&self.token[first]) && mention.ends_with(&self.token[last]);
        let tokens = (first..=last).map(|i| &self.token[i]);
        if !whole || tokens_in_order(mention, tokens.clone()).is_err() {
            return Err(format!(
                "the {what}'s text is {mention:?}, its tokens are {:?}",
                tokens.collect::<Words>()
            ));
        }
        Ok(())
    }
}

/// Whether a relation is one of Wikidata's properties (`P36`).
fn is_property(relation: &str) -> bool {
    let number = relation.strip_prefix('P').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// `text[start:end]` as Python slices it, but `None` where the span is empty or leaves the text.
fn code_point_slice(text: &str, start: i32, end: i32) -> Option<&str> {
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    let mut bytes = text
        .char_indices()
        .map(|(byte, _)| byte)
        .chain([text.len()]);
    let from = bytes.nth(start)?;
    let to = bytes.nth(end.checked_sub(start + 1)?)?;
    Some(&text[from..to])
}

/// The tokens stand in the text one after the other.
fn tokens_in_order<'a>(
    text: &str,
    tokens: impl Iterator<Item = &'a str>,
) -> std::result::Result<(), String> {
    let mut byte = 0;
    for (i, token) in tokens.enumerate() {
        let at = text[byte..]
            .find(token)
            .ok_or_else(|| format!("token {i} ({token:?}) is not in the text after byte {byte}"))?;
        byte += at + token.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::example;

    #[test]
    fn a_valid_row_passes_and_each_fault_is_named() {
        let names = ["P1".into()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut RelationExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(fault(|r| r.obj_end = 6), "the object is tokens 3..=6 of 6");
        assert_eq!(
            fault(|r| r.obj_char_end = 99),
            "the object is code points 12..99, outside the sentence"
        );
        assert_eq!(
            fault(|r| r.subj_char_end = 4),
            "the subject's text is \"Zoë \", its tokens are [\"Zoë\"]"
        );
        assert_eq!(
            fault(|r| r.token = ["Zoë", "sees", "the", "Río", "Grande", "."].into()),
            "token 1 (\"sees\") is not in the text after byte 4"
        );
        assert_eq!(
            fault(|r| r.aligners = ["SPO", "AllEnt"].into()),
            "aligners are not sorted or repeat"
        );
        assert_eq!(
            fault(|r| r.label = Some(1)),
            "label Some(1) is not relation P1"
        );
        assert_eq!(
            fault(|r| r.obj_type = "date".into()),
            "obj_type is \"date\", expected item, time, quantity or string"
        );
        let names = ["per:age".into()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        let mut tacred = example();
        (tacred.relation, tacred.obj_type) = ("per:age".into(), "NUMBER".into());
        assert_eq!(tacred.check(&rules), Ok(()));
    }

    #[test]
    fn without_ids_a_pair_is_its_words_and_a_document_its_row() {
        let mut row = example();
        assert_eq!(row.pair(), ["Q1", "Q2"]);
        (row.doc_id, row.subj_id, row.obj_id) = Default::default();
        assert_eq!(row.pair(), ["Zoë", "Río Grande"]);
        assert_eq!(row.group(GroupBy::Document), b"0123");
    }
}
