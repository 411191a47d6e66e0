//! Sentences with marked entities.

use crate::data::entity_markers::Marked;
use crate::evaluate::predictor::{Guess, Predictor, Said};
use serde_json::{Value, json};

use super::input::Input;

impl Input for Marked {
    type Guess = Guess;
    const NAME: &'static str = "sentences";
    const GUESSES: &'static str = "labels";
    const TOO_LONG: &'static str = "an entity is beyond";

    fn predict(model: &Predictor, inputs: &[Self], top: usize) -> crate::Result<Vec<Said<Guess>>> {
        model.labels(inputs, top)
    }

    fn heading(&self) -> &str {
        &self.line
    }

    fn json(&self) -> Value {
        json!({"line": self.number, "text": self.line})
    }

    fn guess_in_words(&self, model: &Predictor, guess: &Guess) -> String {
        let name = &model.names[guess.class];
        format!(
            "{name}  {:.1}%  {:.2}",
            100.0 * guess.probability,
            guess.logit
        )
    }

    fn guess_in_json(&self, model: &Predictor, guess: &Guess) -> Value {
        json!({"label": model.names[guess.class], "probability": guess.probability, "logit": guess.logit})
    }
}
