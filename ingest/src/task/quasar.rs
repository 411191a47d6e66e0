//! Quasar-T (Dhingra et al., 2017): questions in one file, what was found on them in another.

use std::borrow::Cow;

use kprep_schemas::QuestionExample;
use serde::Deserialize;

use super::Fault;
use super::searchqa::row;

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuasarQuestion {
    /// Its id.
    pub uid: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// What was found on a question: pairs of score and text, the best first.
#[derive(Debug, Deserialize)]
pub struct QuasarContexts<'a> {
    /// The question's id.
    #[serde(borrow)]
    pub uid: Cow<'a, str>,
    #[serde(borrow)]
    contexts: Vec<(f64, Cow<'a, str>)>,
}

impl QuasarQuestion {
    /// Parses a line of a `questions` file; `None` for one of a `contexts` file.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser found.
    pub fn parse(json: &[u8]) -> Result<Option<Self>, Fault> {
        match serde_json::from_slice(json) {
            Ok(question) => Ok(Some(question)),
            Err(_) if QuasarContexts::is(json) => Ok(None),
            Err(error) => Err(Fault::malformed(error)),
        }
    }
}

#[derive(Deserialize)]
struct Keys<'a> {
    /// That it is there is all that counts.
    #[serde(borrow, rename = "contexts")]
    _contexts: &'a serde_json::value::RawValue,
}

impl<'a> QuasarContexts<'a> {
    /// Whether a line has contexts.
    pub fn is(json: &[u8]) -> bool {
        serde_json::from_slice::<Keys<'_>>(json).is_ok()
    }

    /// Parses a line of a `contexts` file.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser found.
    pub fn parse(json: &'a [u8]) -> Result<Self, Fault> {
        serde_json::from_slice(json).map_err(Fault::malformed)
    }

    /// The row of the question that these belong to.
    pub fn row(&self, question: &QuasarQuestion) -> QuestionExample {
        let paragraphs = self.contexts.iter().map(|(_, text)| text.as_ref());
        row(
            question.uid.clone(),
            &question.question,
            &[Cow::Borrowed(&question.answer)],
            paragraphs.collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_and_its_contexts_make_a_row() {
        let question = br#"{"uid": "s1q1", "question": "Who ?", "answer": "zo\u00eb", "tags": []}"#;
        let contexts = br#"{"uid": "s1q1", "contexts": [[2.5, "Zo\u00eb sang"], [1, "no"]]}"#;
        let question = QuasarQuestion::parse(question).unwrap().unwrap();
        assert_eq!(QuasarQuestion::parse(contexts), Ok(None));
        let row = QuasarContexts::parse(contexts).unwrap().row(&question);
        assert_eq!(row.paragraphs.join("|"), "Zoë sang|no");
        assert_eq!((row.answer_paragraph, row.answer_end), (vec![0], vec![3]));
        assert!(QuasarQuestion::parse(br#"{"uid": "s1q1"}"#).is_err());
    }
}
