//! Pairs of phrases.

use std::borrow::Cow;

use crate::data::questions::NumberedQuestion;
use crate::tasks::predictor::Guess;
use kprep_schemas::PairExample;
use serde_json::{Value, json};

use super::input::Input;

impl Input for NumberedQuestion<PairExample> {
    type Guess = Guess;
    const NAME: &'static str = "pairs";
    const GUESSES: &'static str = "labels";
    const TOO_LONG: &'static str = "the phrases fill more than";

    fn heading(&self) -> Cow<'_, str> {
        let pair = &self.question;
        let parts = [&pair.first, &pair.relation, &pair.second];
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        let told = parts.into_iter().filter(|part| !part.is_empty());
        Cow::Owned(told.collect::<Vec<&str>>().join(" | "))
    }

    fn json(&self) -> Value {
        let pair = &self.question;
        json!({
            "line": self.number, "id": self.id, "first": pair.first, "relation": pair.relation,
            "second": pair.second,
        })
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
