//! Classes by their scores: the labels of sentences, and the answers to choose from.

use kprep_schemas::{ChoiceExample, TypingExample, Words};
use tch::{Kind, Tensor};

use super::{Predictor, Said, said};
use crate::Result;
use crate::config::Task;
use crate::data::entity_markers::Marked;
use crate::data::examples::{self, Source};
use crate::data::store::Store;

/// A label, and how sure the model is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Index of the class, or of the answer.
    pub class: usize,
    /// Its share of the softmax; of types, each of which may hold, that of the sigmoid.
    pub probability: f64,
    /// The score that it comes from.
    pub logit: f64,
}

impl Predictor {
    /// The labels of some sentences, at most `top`. One whose entities lie beyond the longest input is too long.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn labels(&self, sentences: &[Marked], top: usize) -> Result<Vec<Said<Guess>>> {
        let limit = self.config.length_limit();
        let (store, counts) = self.read(sentences, |sentence, words, counts| {
            if self.config.task == Task::Typing {
                return typed(sentence).examples(words, limit, counts);
            }
            let token = sentence.words.iter().map(String::as_str);
            let spans = sentence.object.map(|object| [sentence.subject, object]);
            let example =
                spans.and_then(|spans| examples::relation(token, spans, 0, words, limit, counts));
            example.into_iter().collect()
        });
        Ok(said(&counts, self.guesses(&store, top)?))
    }

    /// The answers of some questions that have answers to choose from, at most `top`. One whose question and an answer
    /// fill the longest input is too long.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn choices(&self, questions: &[&ChoiceExample], top: usize) -> Result<Vec<Said<Guess>>> {
        let limit = self.config.length_limit();
        let (store, counts) = self.read(questions, |question, words, counts| {
            question.examples(words, limit, counts)
        });
        Ok(said(&counts, self.guesses(&store, top)?))
    }

    fn guesses(&self, store: &Store, top: usize) -> Result<Vec<Vec<Guess>>> {
        let mut all = vec![Vec::new(); store.len()];
        for (examples, _, logits_br) in self.logits(store) {
            for (row, &i) in (0..).zip(&examples) {
                all[i] = best(&logits_br.get(row), self.config.task, top)?;
            }
        }
        Ok(all)
    }
}

/// A sentence as a row without types.
fn typed(sentence: &Marked) -> TypingExample {
    TypingExample {
        id: String::new(),
        doc_id: String::new(),
        text: sentence.text.clone(),
        mention_start: sentence.subject_chars.0,
        mention_end: sentence.subject_chars.1,
        labels: Vec::new(),
        types: Words::default(),
    }
}

/// The classes with the highest scores.
fn best(logits_r: &Tensor, task: Task, top: usize) -> Result<Vec<Guess>> {
    let logits_r = logits_r.to_kind(Kind::Double);
    let shares = match task {
        Task::Typing => logits_r.sigmoid(),
        _ => logits_r.softmax(-1, Kind::Double),
    };
    let (shares, logits) = (
        Vec::<f64>::try_from(shares)?,
        Vec::<f64>::try_from(logits_r)?,
    );
    let all = shares.into_iter().zip(logits).enumerate();
    let mut all: Vec<Guess> = all
        .map(|(class, (probability, logit))| Guess {
            class,
            probability,
            logit,
        })
        // The places of a question's missing answers, where another has more.
        .filter(|guess| task != Task::Choice || guess.logit != f64::NEG_INFINITY)
        .collect();
    all.sort_by(|a, b| b.logit.total_cmp(&a.logit)); // stable: the lower class of equals
    all.truncate(top);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_a_question_lacks_are_not_guessed() {
        let logits = Tensor::from_slice(&[1.0f32, 3.0, f32::NEG_INFINITY, f32::NEG_INFINITY]);
        let guesses = best(&logits, Task::Choice, 3).unwrap();
        let classes: Vec<usize> = guesses.iter().map(|guess| guess.class).collect();
        assert_eq!(classes, [1, 0]);
        assert!((guesses[1].probability - 1.0 / (1.0 + 2f64.exp())).abs() < 1e-12);
    }
}
