//! The objective of MLM heads: masked lines of a text, for all heads on the same pass through the frozen encoder. A run
//! belongs to each head.

use std::time::Duration;

use kprep_schemas::Split;

use crate::config::Config;
use crate::data::random::Random;
use crate::evaluate::metrics::Scores;
use crate::model::features::FeatureExtractor;
use crate::tasks::mlm::{self, HeldOut, MlmHead, Text};
use crate::train::gradients::Gradient;
use crate::train::objective::Objective;
use crate::train::steps::{Learning, Read, Steps};
use crate::{Error, Result};

/// What MLM heads learn.
pub struct MlmObjective<'a> {
    /// What makes the features.
    pub encoder: &'a FeatureExtractor,
    /// The heads, by the numbers of their runs.
    pub heads: &'a [MlmHead],
    /// The settings: those of the optimizer, of the batches and of the schedule count.
    pub config: &'a Config,
    text: Text<'a>,
    pad: u32,
    /// The lines that are learnt from, by their numbers.
    train: Vec<usize>,
    held_out: Vec<usize>,
}

impl<'a> MlmObjective<'a> {
    /// The objective of these heads. `pad` is the pad token.
    ///
    /// # Errors
    /// [`Error::NoText`] for a text without a line to learn from.
    pub fn new(
        encoder: &'a FeatureExtractor,
        heads: &'a [MlmHead],
        config: &'a Config,
        text: Text<'a>,
        pad: u32,
    ) -> Result<Self> {
        let has_words = |&i: &usize| text.lines.ids(i).len() > 2;
        let lines = (0..text.lines.len()).filter(has_words);
        let (held_out, train): (Vec<_>, Vec<_>) = lines.partition(|&i| text.is_held_out(i));
        if train.is_empty() {
            return Err(Error::NoText);
        }
        Ok(Self {
            encoder,
            heads,
            config,
            text,
            pad,
            train,
            held_out,
        })
    }

    /// The scores of each head on the lines that were held out, if any were.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn held_out(&self) -> Result<Vec<Option<HeldOut>>> {
        let lines = self.held_out.clone();
        let parts = self.text.parts(lines, u64::MAX, self.encoder.pads_to());
        mlm::score(self.encoder, &parts, self.heads, self.pad)
    }

    /// The lines in the order of an epoch.
    fn order(&self, epoch: u64) -> Vec<usize> {
        let mut order = self.train.clone();
        Random::new(self.config.seed, epoch).shuffle(&mut order);
        order
    }

    /// The lines of a step among those of its epoch.
    fn of_step<'b>(&self, order: &'b [usize], step: u64) -> &'b [usize] {
        let from = (step % self.batches()) as usize * self.config.batch_size;
        &order[from..(from + self.config.batch_size).min(order.len())]
    }
}

impl Objective for MlmObjective<'_> {
    fn config(&self) -> &Config {
        self.config
    }

    fn batches(&self) -> u64 {
        self.train.len().div_ceil(self.config.batch_size) as u64
    }

    fn steps(&self, first: u64, _steps: u64) -> Box<dyn Steps + '_> {
        Box::new(MlmSteps {
            objective: self,
            next: first,
            epoch: None,
        })
    }

    /// Held-out lines are scored at the end: the last parameters count, and the best are not chosen.
    fn evaluate(&self, _runs: &[usize], _split: Split, _most: usize) -> Result<Vec<Scores>> {
        Ok(Vec::new())
    }

    fn records(&self, step: u64) -> Result<Vec<String>> {
        let order = self.order(step / self.batches());
        let lines = self.of_step(&order, step).iter();
        Ok(lines.map(|i| format!("line {}", i + 1)).collect())
    }
}

/// The steps of MLM heads.
struct MlmSteps<'a> {
    objective: &'a MlmObjective<'a>,
    next: u64,
    /// The number of the epoch that the last step was in, and its order.
    epoch: Option<(u64, Vec<usize>)>,
}

impl Steps for MlmSteps<'_> {
    fn next(&mut self, runs: &[Learning], _step: u64) -> Result<(Read, Vec<Gradient>)> {
        let (own, step) = (self.objective, self.next);
        self.next += 1;
        let number = step / own.batches();
        let epoch = self.epoch.take().filter(|(epoch, _)| *epoch == number);
        let (_, order) = self
            .epoch
            .insert(epoch.unwrap_or_else(|| (number, own.order(number))));
        let lines = own.of_step(order, step).to_vec();
        let tokens = lines.iter().map(|&i| own.text.lines.ids(i).len());
        let read = Read {
            examples: lines.len(),
            tokens: tokens.sum(),
            waited: Duration::ZERO,
        };
        let parts = own.text.parts(lines, number, own.encoder.pads_to());
        let heads: Vec<&MlmHead> = runs.iter().map(|one| &own.heads[one.run]).collect();
        let gradients = mlm::gradients(own.encoder, own.pad, &parts, &heads)?;
        Ok((read, gradients))
    }
}
