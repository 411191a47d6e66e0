//! `CosmosQA` (Huang et al., 2019): CSV with a header, or JSON Lines.

use std::io::BufRead;

use kprep_schemas::{ChoiceExample, Position, Words};
use serde::Deserialize;
use serde_json::Value;

use super::{CsvRows, Fault, Parsed};
use crate::{Error, Result};

/// The columns that are needed; `label` is not there in the test set.
const COLUMNS: [&str; 7] = [
    "id", "context", "question", "answer0", "answer1", "answer2", "answer3",
];

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CosmosQa {
    id: String,
    context: String,
    question: String,
    answer0: String,
    answer1: String,
    answer2: String,
    answer3: String,
    #[serde(default)]
    label: Value,
}

impl CosmosQa {
    /// Parses a line of the JSON Lines.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser found.
    pub fn parse(json: &[u8]) -> std::result::Result<Self, Fault> {
        serde_json::from_slice(json).map_err(Fault::malformed)
    }

    /// The row.
    ///
    /// # Errors
    /// A [`Fault`] for a label that is none of the answers.
    pub fn row(self) -> std::result::Result<ChoiceExample, Fault> {
        let label = match &self.label {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.trim().parse().ok()),
            other => Some(other.as_i64()),
        };
        let label = match label {
            Some(Some(label @ 0..=3)) => Some(label),
            None => None,
            Some(_) => {
                return Err(Fault::malformed(format!(
                    "label {}: expected the number of an answer, 0 to 3",
                    self.label
                )));
            }
        };
        let answers = [self.answer0, self.answer1, self.answer2, self.answer3];
        Ok(ChoiceExample {
            id: self.id,
            context: self.context,
            question: self.question,
            answers: Words::from_iter(answers),
            label,
        })
    }
}

/// Reads the CSV, as [`CsvRows`] does.
pub struct CosmosQaRows<R> {
    rows: CsvRows<R>,
    /// The column of each of [`COLUMNS`].
    columns: [usize; 7],
    label: Option<usize>,
}

impl<R: BufRead> CosmosQaRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Read`] or, for a header without one of the columns, [`Error::Syntax`].
    pub fn new(input: R) -> Result<Self> {
        let rows = CsvRows::new(input)?;
        let column = |name: &str| rows.header().iter().position(|column| column == name);
        let mut columns = [0; 7];
        for (place, name) in columns.iter_mut().zip(COLUMNS) {
            *place = column(name).ok_or_else(|| Error::Syntax {
                position: Position::default(),
                expected: "a header with id, context, question, answer0 to answer3 and label",
                found: format!("no column {name:?}"),
            })?;
        }
        Ok(Self {
            label: column("label"),
            columns,
            rows,
        })
    }

    fn question(&self, mut row: Vec<String>) -> CosmosQa {
        let mut field = |column: usize| row.get_mut(column).map(std::mem::take).unwrap_or_default();
        let label = self
            .label
            .map_or(Value::Null, |column| field(column).into());
        let [id, context, question, answer0, answer1, answer2, answer3] = self.columns.map(field);
        CosmosQa {
            id,
            context,
            question,
            answer0,
            answer1,
            answer2,
            answer3,
            label,
        }
    }
}

impl<R: BufRead> Iterator for CosmosQaRows<R> {
    type Item = Result<Parsed<CosmosQa>>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(row.map(|(at, row)| (at, row.map(|row| self.question(row)))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    const CSV: &str = "id,context,question,answer0,answer1,answer2,answer3,label\n\
        a,\"It rained, and\n\"\"hard\"\" .\",Why ?,w,x,y,z,2\n\
        b,short\n\
        c,C,Q,w,x,y,z,0\n";

    #[test]
    fn quoted_rows_with_a_bad_one_between_them() {
        for text in [CSV.to_owned(), CSV.replace('\n', "\r\n")] {
            let rows = |buffer| {
                let input = BufReader::with_capacity(buffer, text.as_bytes());
                let rows = CosmosQaRows::new(input).unwrap().map(Result::unwrap);
                rows.collect::<Vec<_>>()
            };
            let whole = rows(4096);
            assert_eq!(whole, rows(1));
            let first = whole[0].1.clone().unwrap().row().unwrap();
            assert_eq!(
                first.context.replace('\r', ""),
                "It rained, and\n\"hard\" ."
            );
            assert_eq!(first.label, Some(2));
            let fault = whole[1].1.clone().unwrap_err();
            assert_eq!(fault.detail, "2 fields, expected 8 as in the header");
            assert_eq!(whole[1].0.line, 4);
            assert_eq!(whole[2].1.clone().unwrap().row().unwrap().id, "c");
        }
        let error = CosmosQaRows::new("id,context\n".as_bytes()).err().unwrap();
        assert!(error.to_string().ends_with("no column \"question\""));
    }

    #[test]
    fn labels_as_numbers_text_or_not_at_all() {
        let label = |label: &str| {
            let json = format!(
                r#"{{"id": "a", "context": "", "question": "", "answer0": "w", "answer1": "x", "answer2": "y", "answer3": "z"{label}}}"#
            );
            CosmosQa::parse(json.as_bytes())
                .unwrap()
                .row()
                .map(|row| row.label)
        };
        assert_eq!(label(""), Ok(None));
        assert_eq!(label(r#", "label": 1"#), Ok(Some(1)));
        assert_eq!(label(r#", "label": "3""#), Ok(Some(3)));
        assert_eq!(
            label(r#", "label": 4"#).unwrap_err().detail,
            "label 4: expected the number of an answer, 0 to 3"
        );
    }
}
