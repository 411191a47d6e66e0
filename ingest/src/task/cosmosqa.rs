//! `CosmosQA` (Huang et al., 2019): CSV with a header, or JSON Lines.

use std::io::Read;

use kprep_schemas::{ChoiceExample, Position, Words};
use serde::Deserialize;
use serde_json::Value;

use super::{Fault, Parsed};
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

/// Reads the CSV (RFC 4180). A row of another length is one [`Fault`]; memory: one row. A quotation mark
/// that is never closed makes one row of the rest of the file.
pub struct CosmosQaRows<R> {
    reader: csv::Reader<R>,
    /// The column of each of [`COLUMNS`].
    columns: [usize; 7],
    label: Option<usize>,
    row: csv::StringRecord,
    failed: bool,
}

impl<R: Read> CosmosQaRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Read`] or, for a header without one of the columns, [`Error::Syntax`].
    pub fn new(input: R) -> Result<Self> {
        // By default a row ends at CR, and the LF behind it would stand at the start of the next one's
        // place. So it ends at LF, and the CR is taken off its last field.
        let mut reader = csv::ReaderBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(input);
        let position = Position::default();
        let header = reader.headers().map_err(|e| reading(position, e))?;
        let column = |name: &str| header.iter().position(|column| without_cr(column) == name);
        let mut columns = [0; 7];
        for (place, name) in columns.iter_mut().zip(COLUMNS) {
            *place = column(name).ok_or_else(|| Error::Syntax {
                position,
                expected: "a header with id, context, question, answer0 to answer3 and label",
                found: format!("no column {name:?}"),
            })?;
        }
        Ok(Self {
            label: column("label"),
            columns,
            row: csv::StringRecord::new(),
            reader,
            failed: false,
        })
    }

    fn question(&self) -> CosmosQa {
        let [id, context, question, answer0, answer1, answer2, answer3] = self
            .columns
            .map(|column| without_cr(&self.row[column]).to_owned());
        let label = self.label.and_then(|column| self.row.get(column));
        let label = label.map(without_cr);
        CosmosQa {
            id,
            context,
            question,
            answer0,
            answer1,
            answer2,
            answer3,
            label: label.map_or(Value::Null, Value::from),
        }
    }
}

impl<R: Read> Iterator for CosmosQaRows<R> {
    type Item = Result<Parsed<CosmosQa>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let mut row = std::mem::take(&mut self.row);
        let read = self.reader.read_record(&mut row);
        self.row = row;
        match read {
            Ok(false) => None,
            Ok(true) => {
                let position = self.row.position().map_or_else(Position::default, place);
                Some(Ok((position, Ok(self.question()))))
            }
            Err(error) => {
                let position = error.position().map_or_else(Position::default, place);
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    self.failed = true;
                    return Some(Err(reading(place(self.reader.position()), error)));
                }
                Some(Ok((position, Err(Fault::malformed(told(&error))))))
            }
        }
    }
}

fn without_cr(field: &str) -> &str {
    field.strip_suffix('\r').unwrap_or(field)
}

/// What is wrong with a row; the place is told elsewhere.
fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields, expected {expected_len} as in the header"),
        csv::ErrorKind::Utf8 { err, .. } => err.to_string(),
        _ => error.to_string(),
    }
}

fn place(position: &csv::Position) -> Position {
    Position {
        byte: position.byte(),
        line: position.line(),
        record: position.record(),
    }
}

fn reading(position: Position, error: csv::Error) -> Error {
    Error::Read {
        position,
        source: error.into(),
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
