//! `QuestionExample`: a question, its answers, and paragraphs in which they may stand.

use crate::column::{Column, ints, text, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One example of an open-domain question set (`SearchQA`, Quasar-T).
///
/// The three `answer_` lists have an entry for each place where an answer was found, by paragraph
/// and start: code points of the paragraph with an exclusive end. Nobody says that the answer is
/// meant there (distant supervision). A paragraph without one is unanswerable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

impl Classes for QuestionExample {}

impl Record for QuestionExample {
    const NAME: &'static str = "QuestionExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "the source's id, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("question", "the question", |r| &r.question, |r| &mut r.question),
        words("answers", "the right answers: ways to write it", |r| &r.answers, |r| &mut r.answers),
        words("paragraphs", "what was found on it, in the source's order",
            |r| &r.paragraphs, |r| &mut r.paragraphs),
        ints("answer_paragraph", "for each place where an answer stands, the paragraph, from 0",
            |r| &r.answer_paragraph, |r| &mut r.answer_paragraph),
        ints("answer_start", "its first code point in the paragraph",
            |r| &r.answer_start, |r| &mut r.answer_start),
        ints("answer_end", "its end in the paragraph, exclusive",
            |r| &r.answer_end, |r| &mut r.answer_end),
    ];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Sentence);

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
        let lengths: Vec<i32> = self
            .paragraphs
            .iter()
            .map(|p| p.chars().count() as i32)
            .collect();
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
            GroupBy::Row => self.id.clone().into_bytes(),
            _ => self.question.clone().into_bytes(),
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
