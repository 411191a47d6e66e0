//! Questions with paragraphs that may hold the answer.

use std::borrow::Cow;

use crate::data::questions::NumberedQuestion;
use crate::tasks::predictor::Found;
use kprep_schemas::QuestionExample;
use serde_json::{Value, json};

use super::input::Input;

impl Input for NumberedQuestion<QuestionExample> {
    type Guess = Found;
    const NAME: &'static str = "questions";
    const GUESSES: &'static str = "answers";
    const TOO_LONG: &'static str = "the question fills";

    fn heading(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.question.question)
    }

    fn json(&self) -> Value {
        json!({"line": self.number, "id": self.id, "question": self.question.question})
    }

    fn guess_in_words(&self, _names: &[String], guess: &Found) -> String {
        let Found {
            text,
            paragraph,
            score,
        } = guess;
        format!("{text}  paragraph {paragraph}  {score:.2}")
    }

    fn guess_in_json(&self, _names: &[String], guess: &Found) -> Value {
        json!({"text": guess.text, "paragraph": guess.paragraph, "score": guess.score})
    }
}
