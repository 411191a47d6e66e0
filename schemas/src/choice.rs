//! `ChoiceExample`: a question on a text with several answers, of which one is right.

use crate::column::{Column, long_or_null, text, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One example of a multiple-choice set (`CosmosQA`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

impl Classes for ChoiceExample {}

impl Record for ChoiceExample {
    const NAME: &'static str = "ChoiceExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "the source's id, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("context", "the text that the question is about", |r| &r.context, |r| &mut r.context),
        text("question", "the question", |r| &r.question, |r| &mut r.question),
        words("answers", "the answers to choose from", |r| &r.answers, |r| &mut r.answers),
        long_or_null("label", "the right answer, from 0; null where not told",
            |r| &r.label, |r| &mut r.label),
    ];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Sentence);

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
            GroupBy::Row => self.id.clone().into_bytes(),
            _ => self.context.clone().into_bytes(),
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
