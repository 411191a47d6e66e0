//! `TypingExample`: a mention in a sentence and the types of what it names.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{GroupBy, Record, Result, Rules, Words};

/// One example of an entity typing set (`OpenEntity`, FIGER).
///
/// The mention is code points of `text` with an exclusive end: in Python `text[s:e]`.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Record for TypingExample {
    const NAME: &'static str = "TypingExample";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "stable hash, unique in the dataset"),
        ("doc_id", "the source's document id, empty if it has none"),
        ("text", "the sentence"),
        ("mention_start", "first code point of the mention in `text`"),
        ("mention_end", "end of the mention in `text`, exclusive"),
        (
            "labels",
            "indexes of the types among the class names, sorted",
        ),
        ("types", "the names of these types"),
    ];

    fn arrow_schema(class_names: &[String]) -> SchemaRef {
        let text = |name| Field::new(name, DataType::Utf8, false);
        huggingface_schema(
            vec![
                text("id"),
                text("doc_id"),
                text("text"),
                Field::new("mention_start", DataType::Int32, false),
                Field::new("mention_end", DataType::Int32, false),
                Field::new("labels", list_of(DataType::Int64), false),
                Field::new("types", list_of(DataType::Utf8), false),
            ],
            Some(("labels", class_names)),
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> &str| columns::utf8(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                text(|r| &r.id),
                text(|r| &r.doc_id),
                text(|r| &r.text),
                columns::i32(rows.iter().map(|r| r.mention_start)),
                columns::i32(rows.iter().map(|r| r.mention_end)),
                columns::i64_list(rows.iter().map(|r| r.labels.as_slice()))?,
                columns::words(rows.iter().map(|r| Some(&r.types)))?,
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, doc_id, text] = columns.utf8s(["id", "doc_id", "text"])?;
        let [start, end] = columns.i32s(["mention_start", "mention_end"])?;
        let labels = columns.i64_list("labels")?;
        let types = columns.words("types")?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    doc_id: doc_id.value(i).to_owned(),
                    text: text.value(i).to_owned(),
                    mention_start: start.value(i),
                    mention_end: end.value(i),
                    labels: labels.get(i)?,
                    types: types.get(i)?.unwrap_or_default(),
                })
            })
            .collect()
    }

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
            GroupBy::Pair | GroupBy::Sentence => self.text.clone().into_bytes(),
            GroupBy::Row => self.id.clone().into_bytes(),
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
}
