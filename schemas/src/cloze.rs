//! `ClozeExample`: a fact as a sentence with a gap where the object stands.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema};
use crate::{GroupBy, Record, Result, Rules};

/// One question to a language model about a fact (LAMA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClozeExample {
    /// The source's id of the fact, with the number of the evidence where there are several rows of one.
    pub id: String,
    /// The relation, as the source names it (`P19`, `place_of_birth`).
    pub relation: String,
    /// Id of the subject (`Q42`, `/m/0282x`).
    pub subj_id: String,
    /// Id of the object, or the literal.
    pub obj_id: String,
    /// Name of the subject.
    pub subj_label: String,
    /// Name of the object: what belongs into the gap.
    pub obj_label: String,
    /// The sentence with exactly one `[MASK]`.
    pub text: String,
    /// `template` or `evidence`: whether the relation's template made the sentence or a document has it.
    pub source: String,
}

impl ClozeExample {
    /// What stands in the gap.
    pub const MASK: &'static str = "[MASK]";
}

impl Record for ClozeExample {
    const NAME: &'static str = "ClozeExample";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        (
            "id",
            "the source's id of the fact, with `#` and the evidence's number",
        ),
        ("relation", "the relation, as the source names it"),
        ("subj_id", "id of the subject"),
        ("obj_id", "id of the object, or the literal"),
        ("subj_label", "name of the subject"),
        ("obj_label", "name of the object: what belongs into the gap"),
        ("text", "the sentence with one `[MASK]`"),
        ("source", "`template` or `evidence`"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let columns = Self::COLUMNS.iter();
        let columns = columns.map(|(name, _)| Field::new(*name, DataType::Utf8, false));
        huggingface_schema(columns.collect(), None)
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
        let masks = self.text.matches(Self::MASK).count();
        if masks != 1 {
            return Err(format!("expected one [MASK] in the text, found {masks}"));
        }
        if self.obj_label.is_empty() {
            return Err("obj_label is empty: nothing belongs into the gap".into());
        }
        match self.source.as_str() {
            "template" | "evidence" => Ok(()),
            other => Err(format!(
                "source is {other:?}, expected template or evidence"
            )),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document | GroupBy::Pair => {
                format!("{} {}", self.subj_id, self.obj_id).into_bytes()
            }
            GroupBy::Sentence => self.text.clone().into_bytes(),
            GroupBy::Row => self.id.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let row = ClozeExample {
            id: "1".into(),
            relation: "P19".into(),
            subj_id: "Q1".into(),
            obj_id: "Q2".into(),
            subj_label: "Zoë".into(),
            obj_label: "Paris".into(),
            text: "Zoë was born in [MASK] .".into(),
            source: "template".into(),
        };
        let fault = |change: fn(&mut ClozeExample)| {
            let mut row = row.clone();
            change(&mut row);
            row.check(&Rules::default()).unwrap_err()
        };
        assert_eq!(row.check(&Rules::default()), Ok(()));
        assert_eq!(
            fault(|r| r.text.push_str("[MASK]")),
            "expected one [MASK] in the text, found 2"
        );
        assert_eq!(
            fault(|r| r.obj_label.clear()),
            "obj_label is empty: nothing belongs into the gap"
        );
        assert_eq!(
            fault(|r| r.source = "book".into()),
            "source is \"book\", expected template or evidence"
        );
        let rows = vec![row];
        let batch = ClozeExample::to_batch(&rows, &ClozeExample::arrow_schema(&[])).unwrap();
        assert_eq!(ClozeExample::from_batch(&batch).unwrap(), rows);
    }
}
