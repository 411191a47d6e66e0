//! The steps of an objective: batches that are made ahead, and the gradients that models have on them.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::data::batch::Batch;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::tasks::TaskDefinition;
use crate::tasks::model::Model;
use crate::train::gradients::{self, Gradient, Learner};
use crate::{Error, Result};

/// The steps of an objective, one after the other.
pub trait Steps {
    /// Reads the next batch and computes the gradients of some runs, for a step of this number among all. There are none
    /// where the batch has nothing to learn: the parameters then stay as they are.
    ///
    /// # Errors
    /// [`Error::LoaderDied`], [`Error::Torch`], and what reading a cache fails with.
    fn next(&mut self, runs: &[Learning], step: u64) -> Result<(Read, Vec<Gradient>)>;
}

/// A run that takes part in a step.
#[derive(Clone, Copy)]
pub struct Learning<'a> {
    /// Its number, in the order in which it was added.
    pub run: usize,
    /// Its trained parameters.
    pub params: &'a Params,
    /// The seed of its dropout.
    pub seed: u64,
}

/// What a step read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Read {
    /// Sentences.
    pub examples: usize,
    /// Tokens, without pads.
    pub tokens: usize,
    /// How long it waited for them.
    pub waited: Duration,
}

/// Batches that are made ahead, and the models that read them.
pub(crate) struct Ahead<'a, T: TaskDefinition> {
    pub(crate) frozen: &'a FrozenBackbone,
    pub(crate) models: &'a [Model<T>],
    pub(crate) batches: Receiver<Result<Vec<Batch<T::Row>>>>,
}

impl<T: TaskDefinition> Steps for Ahead<'_, T> {
    fn next(&mut self, runs: &[Learning], step: u64) -> Result<(Read, Vec<Gradient>)> {
        let waiting = Instant::now();
        let parts = self.batches.recv().map_err(|_| Error::LoaderDied)??;
        let read = Read {
            examples: parts.iter().map(|part| part.examples).sum(),
            tokens: parts.iter().map(|part| part.tokens).sum(),
            waited: waiting.elapsed(),
        };
        let learners: Vec<Learner<T>> = runs
            .iter()
            .map(|learning| Learner {
                model: &self.models[learning.run],
                params: learning.params,
                seed: learning.seed,
            })
            .collect();
        let gradients = gradients::gradients(self.frozen, &learners, &parts, step)?;
        Ok((read, gradients))
    }
}
