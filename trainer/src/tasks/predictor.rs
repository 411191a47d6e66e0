//! A model that predicts from text: fine-tuned, or an adapter with its head. Nothing of it is trained any more,
//! so its parameters are in memory once.

use kprep_schemas::{ChoiceExample, PairExample, QuestionExample};
use tch::{Kind, Tensor};

use crate::Result;
use crate::config::Config;
use crate::config::LengthLimit;
use crate::data::batch::Batch;
use crate::data::entity_markers::Marked;
use crate::data::examples::{Counts, Example, TrainingRow};
use crate::data::questions::NumberedQuestion;
use crate::data::sampler;
use crate::data::store::Store;
use crate::data::tokenizer::{Vocabulary, Words};
use crate::model::encoder::Encoder;
use crate::tasks::TaskDefinition;

mod load;

pub use load::load;

/// A model, by what it reads.
pub enum AnyPredictor {
    /// Sentences that mark so many entities.
    Sentences(usize, Box<dyn Predict<Marked, Guess>>),
    /// Questions with answers to choose from.
    Choices(Box<dyn Predict<NumberedQuestion<ChoiceExample>, Guess>>),
    /// Questions with paragraphs.
    Paragraphs(Box<dyn Predict<NumberedQuestion<QuestionExample>, Found>>),
    /// Pairs of phrases.
    Pairs(Box<dyn Predict<NumberedQuestion<PairExample>, Guess>>),
}

impl AnyPredictor {
    /// What it reads, in words.
    pub fn reads(&self) -> &'static str {
        match self {
            Self::Sentences(..) => "sentences with marked entities",
            Self::Choices(_) => "questions with answers to choose from",
            Self::Paragraphs(_) => "questions with paragraphs",
            Self::Pairs(_) => "pairs of phrases",
        }
    }
}

/// A model that reads inputs `I`.
pub trait Predict<I, G> {
    /// What it says of some inputs, at most `top` guesses each.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    fn predict(&self, inputs: &[I], top: usize) -> Result<Vec<Said<G>>>;

    /// The names of its classes.
    fn names(&self) -> &[String];

    /// The longest input in tokens.
    fn max_length(&self) -> usize;
}

/// A task whose models predict `G` from inputs `I`.
pub trait PredictsFrom<I, G>: TaskDefinition {
    /// As [`Predict::predict`].
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    fn predict(model: &Predictor<Self>, inputs: &[I], top: usize) -> Result<Vec<Said<G>>>;
}

impl<T: PredictsFrom<I, G>, I, G> Predict<I, G> for Predictor<T> {
    fn predict(&self, inputs: &[I], top: usize) -> Result<Vec<Said<G>>> {
        <T as PredictsFrom<I, G>>::predict(self, inputs, top)
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn max_length(&self) -> usize {
        self.config.max_length
    }
}

/// What a model says of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<G> {
    /// The best first; `None` where the input is too long for the model.
    pub guesses: Option<Vec<G>>,
    /// How many of its texts were cut at the longest input: those of a question's paragraphs, or 1.
    pub cut: u64,
}

/// A class, and how sure the model is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Index of the class, or of the answer.
    pub class: usize,
    /// Its share of the softmax; of types, each of which may hold, that of the sigmoid.
    pub probability: f64,
    /// The score that it comes from.
    pub logit: f64,
}

/// The best span of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its words.
    pub text: String,
    /// Which of the question's paragraphs it stands in, from 0.
    pub paragraph: usize,
    /// How much its logits are above those of no answer in the paragraph.
    pub score: f64,
}

/// A model with what it needs to read text.
pub struct Predictor<T: TaskDefinition> {
    names: Vec<String>,
    config: Config,
    encoder: Encoder,
    head: T::Head,
    vocabulary: Vocabulary,
}

impl<T: TaskDefinition> Predictor<T> {
    /// The examples of all inputs, and what became of each input.
    pub(super) fn read<I>(
        &self,
        inputs: &[I],
        examples: impl Fn(
            &I,
            &mut Words,
            LengthLimit,
            &mut Counts,
        ) -> Vec<Example<<T::Row as TrainingRow>::Target>>,
    ) -> (Store<T::Row>, Vec<Counts>) {
        let mut words = self.vocabulary.words();
        let limit = self.config.length_limit();
        let mut all = Vec::new();
        let each = inputs.iter().map(|input| {
            let mut counts = Counts::default();
            all.extend(examples(input, &mut words, limit, &mut counts));
            counts
        });
        let counts = each.collect();
        (Store::of(all), counts)
    }

    /// Shows all batches of examples, each with what the head says of it.
    pub(super) fn each_batch(
        &self,
        store: &Store<T::Row>,
        mut show: impl FnMut(&[usize], &Batch<T::Row>, &Tensor) -> Result<()>,
    ) -> Result<()> {
        let _guard = tch::no_grad_guard();
        let all = (0..store.len()).collect();
        for examples in sampler::in_order_of_length(store, &self.config, all) {
            let batch = Batch::new(store, &self.config, self.vocabulary.pad, &examples);
            let batch = batch.to_device(self.encoder.device());
            let states = self.encoder.shared().states(&batch.input);
            let places_n = T::reads(&self.head, &batch.targets);
            let features = self
                .encoder
                .forward(&states, &batch.input, places_n, None)?;
            let logits = T::logits(&self.head, &features, &batch, None);
            show(&examples, &batch, &logits)?;
        }
        Ok(())
    }

    /// The classes of each example with the highest scores, and the probabilities of these.
    pub(super) fn guesses(
        &self,
        store: &Store<T::Row>,
        top: usize,
        probabilities: impl Fn(&Tensor) -> Tensor,
    ) -> Result<Vec<Vec<Guess>>> {
        let mut all = vec![Vec::new(); store.len()];
        self.each_batch(store, |examples, _, logits_br| {
            for (row, &i) in (0..).zip(examples) {
                let logits_r = logits_br.get(row).to_kind(Kind::Double);
                all[i] = best(&logits_r, &probabilities(&logits_r), top)?;
            }
            Ok(())
        })?;
        Ok(all)
    }
}

/// The classes with the highest scores.
pub(super) fn best(logits_r: &Tensor, shares_r: &Tensor, top: usize) -> Result<Vec<Guess>> {
    let shares = Vec::<f64>::try_from(shares_r)?;
    let logits = Vec::<f64>::try_from(logits_r)?;
    let mut all: Vec<Guess> = shares
        .into_iter()
        .zip(logits)
        .enumerate()
        .map(|(class, (probability, logit))| Guess {
            class,
            probability,
            logit,
        })
        .collect();
    all.sort_by(|a, b| b.logit.total_cmp(&a.logit)); // stable: the lower class of equals
    all.truncate(top);
    Ok(all)
}

/// What is said of each input, given what became of it and the guesses at those that have examples.
pub(super) fn said<G>(counts: &[Counts], guesses: Vec<Vec<G>>) -> Vec<Said<G>> {
    let mut guesses = guesses.into_iter();
    let said = counts.iter().map(|counts| Said {
        guesses: match counts {
            Counts { too_long: 1.., .. } => None,
            // A question may have no paragraph.
            Counts { kept: 0, .. } => Some(Vec::new()),
            _ => guesses.next(),
        },
        cut: counts.truncated,
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_classes_come_first_with_their_probabilities() {
        let logits = Tensor::from_slice(&[1.0f64, 3.0, 2.0]);
        let guesses = best(&logits, &logits.softmax(-1, Kind::Double), 2).unwrap();
        let classes: Vec<usize> = guesses.iter().map(|guess| guess.class).collect();
        assert_eq!(classes, [1, 2]);
    }
}
