//! `ClozeExample`: a fact as a text with one word left out.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema};
use crate::{GroupBy, Record, Result, Rules};

/// A fact of a probe (LAMA; Petroni et al., 2019): a text in which the object is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Record for ClozeExample {
    const NAME: &'static str = "ClozeExample";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        (
            "id",
            "stable hash or the source's id, unique in the dataset",
        ),
        ("relation", "Wikidata property, or the probe's own name"),
        ("subj_id", "id of the subject in its source"),
        ("obj_id", "id of the object; empty where there is none"),
        ("subj_label", "name of the subject"),
        ("obj_label", "the word that is left out"),
        ("text", "the text, with `[MASK]` once"),
        (
            "source",
            "`template`, made for the relation, or `evidence`, found",
        ),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |&(name, _): &(&str, &str)| Field::new(name, DataType::Utf8, false);
        huggingface_schema(Self::COLUMNS.iter().map(text).collect(), None)
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> &str| columns::utf8(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                text(|r| &r.id),
                text(|r| &r.relation),
                text(|r| &r.subj_id),
                text(|r| &r.obj_id),
                text(|r| &r.subj_label),
                text(|r| &r.obj_label),
                text(|r| &r.text),
                text(|r| &r.source),
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, relation, subj_id, obj_id] =
            columns.utf8s(["id", "relation", "subj_id", "obj_id"])?;
        let [subj_label, obj_label, text, source] =
            columns.utf8s(["subj_label", "obj_label", "text", "source"])?;
        let row = |i| Self {
            id: id.value(i).to_owned(),
            relation: relation.value(i).to_owned(),
            subj_id: subj_id.value(i).to_owned(),
            obj_id: obj_id.value(i).to_owned(),
            subj_label: subj_label.value(i).to_owned(),
            obj_label: obj_label.value(i).to_owned(),
            text: text.value(i).to_owned(),
            source: source.value(i).to_owned(),
        };
        Ok((0..batch.num_rows()).map(row).collect())
    }

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
