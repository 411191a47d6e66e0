//! `ClozeExample`: a fact as a text with one word left out.

use std::borrow::Cow;

use crate::column::{Column, text};
use crate::{Class, Classes, GroupBy, Record, Rules};

/// A fact of a probe (LAMA; Petroni et al., 2019): a text in which the object is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClozeExample {
    /// Stable hash of all else, or the source's id; unique in the dataset.
    pub id: String,
    /// The relation, as the probe names it: a Wikidata property (`P36`), or `place_of_birth`.
    pub relation: String,
    /// The subject's id in its source: Wikidata's (`Q42`), or Freebase's.
    pub subj_id: String,
    /// The object's; empty where the source has none.
    pub obj_id: String,
    /// The subject's name.
    pub subj_label: String,
    /// The word that is left out.
    pub obj_label: String,
    /// The text, with `[MASK]` once.
    pub text: String,
    /// `template`: a sentence made for the relation; `evidence`: one that was found.
    pub source: String,
}

impl ClozeExample {
    /// What stands for the word that is left out.
    pub const MASK: &'static str = "[MASK]";
}

impl Classes for ClozeExample {
    const CLASS: Option<Class> = Some(Class {
        name: "relation",
        numbered: false,
    });

    fn class(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.relation))
    }
}

impl Record for ClozeExample {
    const NAME: &'static str = "ClozeExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash or the source's id, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("relation", "Wikidata property, or the probe's own name",
            |r| &r.relation, |r| &mut r.relation),
        text("subj_id", "id of the subject in its source", |r| &r.subj_id, |r| &mut r.subj_id),
        text("obj_id", "id of the object; empty where there is none",
            |r| &r.obj_id, |r| &mut r.obj_id),
        text("subj_label", "name of the subject", |r| &r.subj_label, |r| &mut r.subj_label),
        text("obj_label", "the word that is left out", |r| &r.obj_label, |r| &mut r.obj_label),
        text("text", "the text, with `[MASK]` once",
            |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        text("source", "`template`, made for the relation, or `evidence`, found",
            |r| &r.source, |r| &mut r.source),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let gaps = self.text.matches(Self::MASK).count();
        if gaps != 1 {
            return Err(format!(
                "the text has {} {gaps} times, expected once",
                Self::MASK
            ));
        }
        if self.obj_label.is_empty() {
            return Err("no word is left out".to_owned());
        }
        if !["template", "evidence"].contains(&self.source.as_str()) {
            return Err(format!(
                "the source is {:?}, expected template or evidence",
                self.source
            ));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Row => self.id.clone().into_bytes(),
            GroupBy::Pair => [&*self.subj_id, "\t", &*self.obj_id].concat().into_bytes(),
            _ => self.subj_id.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_the_way_through_columns_and_have_one_gap() {
        let row = ClozeExample {
            id: "1".into(),
            relation: "P36".into(),
            subj_id: "Q39".into(),
            obj_id: "Q70".into(),
            subj_label: "Switzerland".into(),
            obj_label: "Bern".into(),
            text: "The capital of Switzerland is [MASK] .".into(),
            source: "template".into(),
        };
        let rules = Rules::default();
        assert_eq!(row.check(&rules), Ok(()));
        let schema = ClozeExample::arrow_schema(&[]);
        let batch = ClozeExample::to_batch(std::slice::from_ref(&row), &schema).unwrap();
        assert_eq!(ClozeExample::from_batch(&batch).unwrap()[0], row);
        let text = "Bern is the capital .".to_owned();
        let none = ClozeExample { text, ..row };
        let told = "the text has [MASK] 0 times, expected once";
        assert_eq!(none.check(&rules), Err(told.to_owned()));
    }
}
