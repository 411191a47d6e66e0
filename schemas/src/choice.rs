//! `ChoiceExample`: a question on a text with several answers, of which one is right.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{GroupBy, Record, Result, Rules, Words};

/// One example of a multiple-choice set (`CosmosQA`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceExample {
    /// The source's id, unique in the dataset.
    pub id: String,
    /// The text that the question is about.
    pub context: String,
    /// The question.
    pub question: String,
    /// The answers to choose from, at least two.
    pub answers: Words,
    /// The right answer, from 0; `None` where the source does not tell.
    pub label: Option<i64>,
}

impl Record for ChoiceExample {
    const NAME: &'static str = "ChoiceExample";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "the source's id, unique in the dataset"),
        ("context", "the text that the question is about"),
        ("question", "the question"),
        ("answers", "the answers to choose from"),
        ("label", "the right answer, from 0; null where not told"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name| Field::new(name, DataType::Utf8, false);
        huggingface_schema(
            vec![
                text("id"),
                text("context"),
                text("question"),
                Field::new("answers", list_of(DataType::Utf8), false),
                Field::new("label", DataType::Int64, true),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> &str| columns::utf8(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                text(|r| &r.id),
                text(|r| &r.context),
                text(|r| &r.question),
                columns::words(rows.iter().map(|r| Some(&r.answers)))?,
                columns::i64_opt(rows.iter().map(|r| r.label)),
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, context, question] = columns.utf8s(["id", "context", "question"])?;
        let answers = columns.words("answers")?;
        let label = columns.i64("label")?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    context: context.value(i).to_owned(),
                    question: question.value(i).to_owned(),
                    answers: answers.get(i)?.unwrap_or_default(),
                    label: columns::opt_i64(label, i),
                })
            })
            .collect()
    }

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let n = self.answers.len();
        if n < 2 {
            return Err(format!("expected at least two answers, found {n}"));
        }
        match self.label {
            Some(label) if !(0..n as i64).contains(&label) => {
                Err(format!("label {label} is none of the {n} answers"))
            }
            _ => Ok(()),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn long_bytes(&self) -> usize {
        self.context.len()
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document | GroupBy::Pair | GroupBy::Sentence => {
                self.context.clone().into_bytes()
            }
            GroupBy::Row => self.id.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let row = ChoiceExample {
            id: "1".into(),
            context: "It rained .".into(),
            question: "Why is he wet ?".into(),
            answers: ["The rain .", "A bath ."].into(),
            label: Some(0),
        };
        let rules = Rules::default();
        assert_eq!(row.check(&rules), Ok(()));
        let mut fault = row.clone();
        fault.label = Some(2);
        assert_eq!(
            fault.check(&rules),
            Err("label 2 is none of the 2 answers".into())
        );
        fault.answers = ["The rain ."].into();
        assert_eq!(
            fault.check(&rules),
            Err("expected at least two answers, found 1".into())
        );
        let hidden = ChoiceExample {
            label: None,
            ..row.clone()
        };
        let rows = vec![row, hidden];
        let batch = ChoiceExample::to_batch(&rows, &ChoiceExample::arrow_schema(&[])).unwrap();
        assert_eq!(ChoiceExample::from_batch(&batch).unwrap(), rows);
    }
}
