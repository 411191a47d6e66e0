//! An input with what the models say of it, printed.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::tasks::predictor::{Predict, Said};
use kprep_schemas::printable;
use serde_json::{Value, json};

/// A model of inputs `I` with the name that it has in the output.
pub(super) struct Named<I: Input> {
    pub(super) name: String,
    pub(super) model: Box<dyn Predict<I, I::Guess>>,
}

/// What models read.
pub(super) trait Input: Sized {
    /// What they say of it: one of several guesses.
    type Guess;
    /// What several inputs are called.
    const NAME: &'static str;
    /// What the guesses are called in JSON.
    const GUESSES: &'static str;
    /// Why one is too long, before the number of tokens.
    const TOO_LONG: &'static str;

    /// What people are shown of it.
    fn heading(&self) -> Cow<'_, str>;

    /// What JSON repeats of it.
    fn json(&self) -> Value;

    /// A guess for people. `names` are those of the model's classes.
    fn guess_in_words(&self, names: &[String], guess: &Self::Guess) -> String;

    /// A guess in JSON.
    fn guess_in_json(&self, names: &[String], guess: &Self::Guess) -> Value;
}

/// An object of what is said of an input.
pub(super) fn in_json<I: Input>(input: &I, models: &[Named<I>], said: &[&Said<I::Guess>]) -> Value {
    let models = models
        .iter()
        .zip(said)
        .map(|(Named { name, model }, said)| {
            let guesses = said.guesses.as_ref().map(|guesses| {
                let guesses = guesses.iter();
                guesses
                    .map(|guess| input.guess_in_json(model.names(), guess))
                    .collect::<Vec<Value>>()
            });
            json!({"model": name, "cut": said.cut, I::GUESSES: guesses})
        });
    let mut json = input.json();
    json["models"] = models.collect();
    json
}

/// The input, and below it a column a model.
pub(super) fn in_words<I: Input>(
    input: &I,
    models: &[Named<I>],
    said: &[&Said<I::Guess>],
) -> String {
    let columns = models.iter().zip(said);
    let columns = columns.map(|(named, said)| column(input, named, said));
    let columns: Vec<Vec<String>> = columns.collect();
    let width = |column: &Vec<String>| column.iter().map(|line| line.chars().count()).max();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = format!("{}\n", in_one_line(&input.heading()));
    for row in 0..rows {
        let mut line = String::new();
        for column in &columns {
            let cell = column.get(row).map_or("", String::as_str);
            let width = width(column).unwrap_or(0);
            let _ = write!(line, "  {cell:width$}"); // writing to a String cannot fail
        }
        text += line.trim_end();
        text.push('\n');
    }
    text.push('\n');
    text
}

fn column<I: Input>(
    input: &I,
    Named { name, model }: &Named<I>,
    said: &Said<I::Guess>,
) -> Vec<String> {
    let mut lines = vec![name.clone()];
    let most = model.max_length();
    match &said.guesses {
        None => lines.push(format!("too long: {} {most} tokens", I::TOO_LONG)),
        Some(guesses) if guesses.is_empty() => lines.push("no answer".to_owned()),
        Some(guesses) => lines.extend(
            guesses
                .iter()
                .map(|guess| in_one_line(&input.guess_in_words(model.names(), guess))),
        ),
    }
    match said.cut {
        0 => {}
        1 => lines.push(format!("(cut at {most} tokens)")),
        cut => lines.push(format!("({cut} paragraphs cut at {most} tokens)")),
    }
    lines
}

/// Without the line ends that text out of JSON may have, and without what a terminal would obey.
fn in_one_line(text: &str) -> String {
    printable(&text.replace(['\n', '\r', '\t'], " ")).into_owned()
}
