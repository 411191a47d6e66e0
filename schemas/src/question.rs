//! `QuestionExample`: a question, its answers, and paragraphs in which they may stand.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{GroupBy, Record, Result, Rules, Words};

/// One example of an open-domain question set (`SearchQA`, Quasar-T).
///
/// The three `answer_` lists have an entry for each place where an answer was found, by paragraph and
/// start: code points of the paragraph with an exclusive end. Nobody says that the answer is meant
/// there (distant supervision). A paragraph without one is unanswerable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionExample {
    /// The source's id, unique in the dataset.
    pub id: String,
    /// The question.
    pub question: String,
    /// The right answers, at least one: ways to write it.
    pub answers: Words,
    /// What was found on the question, in the source's order.
    pub paragraphs: Words,
    /// Of each place, the paragraph, from 0.
    pub answer_paragraph: Vec<i32>,
    /// Its first code point there.
    pub answer_start: Vec<i32>,
    /// Its end there, exclusive.
    pub answer_end: Vec<i32>,
}

impl Record for QuestionExample {
    const NAME: &'static str = "QuestionExample";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "the source's id, unique in the dataset"),
        ("question", "the question"),
        ("answers", "the right answers: ways to write it"),
        ("paragraphs", "what was found on it, in the source's order"),
        (
            "answer_paragraph",
            "for each place where an answer stands, the paragraph, from 0",
        ),
        ("answer_start", "its first code point in the paragraph"),
        ("answer_end", "its end in the paragraph, exclusive"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let strings = |name| Field::new(name, list_of(DataType::Utf8), false);
        let indexes = |name| Field::new(name, list_of(DataType::Int32), false);
        huggingface_schema(
            vec![
                Field::new("id", DataType::Utf8, false),
                Field::new("question", DataType::Utf8, false),
                strings("answers"),
                strings("paragraphs"),
                indexes("answer_paragraph"),
                indexes("answer_start"),
                indexes("answer_end"),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let indexes = |get: fn(&Self) -> &[i32]| columns::i32_list(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                columns::utf8(rows.iter().map(|r| r.id.as_str())),
                columns::utf8(rows.iter().map(|r| r.question.as_str())),
                columns::words(rows.iter().map(|r| Some(&r.answers)))?,
                columns::words(rows.iter().map(|r| Some(&r.paragraphs)))?,
                indexes(|r| &r.answer_paragraph)?,
                indexes(|r| &r.answer_start)?,
                indexes(|r| &r.answer_end)?,
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, question] = columns.utf8s(["id", "question"])?;
        let answers = columns.words("answers")?;
        let paragraphs = columns.words("paragraphs")?;
        let paragraph = columns.i32_list("answer_paragraph")?;
        let start = columns.i32_list("answer_start")?;
        let end = columns.i32_list("answer_end")?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    question: question.value(i).to_owned(),
                    answers: answers.get(i)?.unwrap_or_default(),
                    paragraphs: paragraphs.get(i)?.unwrap_or_default(),
                    answer_paragraph: paragraph.get(i)?,
                    answer_start: start.get(i)?,
                    answer_end: end.get(i)?,
                })
            })
            .collect()
    }

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let places = self.answer_paragraph.len();
        if self.answer_start.len() != places || self.answer_end.len() != places {
            return Err(format!(
                "answer_paragraph, answer_start and answer_end have {places}, {} and {} entries",
                self.answer_start.len(),
                self.answer_end.len()
            ));
        }
        if self.answers.is_empty() {
            return Err("a question has at least one answer, this one has none".into());
        }
        let lengths = self.paragraphs.iter().map(|p| p.chars().count() as i32);
        let lengths: Vec<i32> = lengths.collect();
        let mut before = (-1, -1, -1);
        for place in 0..places {
            let paragraph = self.answer_paragraph[place];
            let (start, end) = (self.answer_start[place], self.answer_end[place]);
            let length = usize::try_from(paragraph).ok();
            let Some(&length) = length.and_then(|p| lengths.get(p)) else {
                return Err(format!(
                    "place {place} is in paragraph {paragraph} of {}",
                    lengths.len()
                ));
            };
            if !(0 <= start && start < end && end <= length) {
                return Err(format!(
                    "place {place} is code points {start}..{end} of a paragraph of {length}"
                ));
            }
            if before >= (paragraph, start, end) {
                return Err(format!("place {place} is not after the one before it"));
            }
            before = (paragraph, start, end);
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn long_bytes(&self) -> usize {
        self.paragraphs.iter().map(str::len).sum()
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document | GroupBy::Pair | GroupBy::Sentence => {
                self.question.clone().into_bytes()
            }
            GroupBy::Row => self.id.clone().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> QuestionExample {
        QuestionExample {
            id: "1".into(),
            question: "Who sang ?".into(),
            answers: ["Zoë"].into(),
            paragraphs: ["Nobody .", "Zoë and Zoë ."].into(),
            answer_paragraph: vec![1, 1],
            answer_start: vec![0, 8],
            answer_end: vec![3, 11],
        }
    }

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let rules = Rules::default();
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut QuestionExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(
            fault(|r| r.answers = Words::default()),
            "a question has at least one answer, this one has none"
        );
        assert_eq!(
            fault(|r| r.answer_paragraph = vec![1, 2]),
            "place 1 is in paragraph 2 of 2"
        );
        assert_eq!(
            fault(|r| r.answer_end[1] = 14),
            "place 1 is code points 8..14 of a paragraph of 13"
        );
        assert_eq!(
            fault(|r| (r.answer_start[1], r.answer_end[1]) = (0, 3)),
            "place 1 is not after the one before it"
        );
        assert_eq!(
            fault(|r| r.answer_start = vec![0]),
            "answer_paragraph, answer_start and answer_end have 2, 1 and 2 entries"
        );
        let rows = vec![example(), example()];
        let batch = QuestionExample::to_batch(&rows, &QuestionExample::arrow_schema(&[])).unwrap();
        assert_eq!(QuestionExample::from_batch(&batch).unwrap(), rows);
    }
}
