//! Sentences with marked entities.

use std::borrow::Cow;

use crate::data::entity_markers::Marked;
use crate::tasks::predictor::Guess;
use serde_json::{Value, json};

use super::input::Input;

impl Input for Marked {
    type Guess = Guess;
    const NAME: &'static str = "sentences";
    const GUESSES: &'static str = "labels";
    const TOO_LONG: &'static str = "an entity is beyond";

    fn heading(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.line)
    }

    fn json(&self) -> Value {
        json!({"line": self.number, "text": self.line})
    }

    fn guess_in_words(&self, names: &[String], guess: &Guess) -> String {
        let name = &names[guess.class];
        format!(
            "{name}  {:.1}%  {:.2}",
            100.0 * guess.probability,
            guess.logit
        )
    }

    fn guess_in_json(&self, names: &[String], guess: &Guess) -> Value {
        json!({"label": names[guess.class], "probability": guess.probability, "logit": guess.logit})
    }
}
