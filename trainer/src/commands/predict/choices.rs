//! Questions with answers to choose from.

use std::borrow::Cow;

use crate::data::questions::NumberedQuestion;
use crate::tasks::predictor::Guess;
use kprep_schemas::ChoiceExample;
use serde_json::{Value, json};

use super::input::Input;

impl Input for NumberedQuestion<ChoiceExample> {
    type Guess = Guess;
    const NAME: &'static str = "questions";
    const GUESSES: &'static str = "answers";
    const TOO_LONG: &'static str = "the question and an answer fill more than";

    fn heading(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.question.question)
    }

    fn json(&self) -> Value {
        json!({"line": self.number, "id": self.id, "question": self.question.question})
    }

    fn guess_in_words(&self, _names: &[String], guess: &Guess) -> String {
        let text = &self.question.answers[guess.class];
        format!(
            "{text}  {:.1}%  {:.2}",
            100.0 * guess.probability,
            guess.logit
        )
    }

    fn guess_in_json(&self, _names: &[String], guess: &Guess) -> Value {
        let text = &self.question.answers[guess.class];
        json!({"answer": guess.class, "text": text, "probability": guess.probability, "logit": guess.logit})
    }
}
