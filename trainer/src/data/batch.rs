//! Examples to batches of tensors.
//!
//! Shapes: b = sentence, t = position, w = scored word, n = token of an entity.

use std::ops::Range;

use tch::Device;

use crate::config::Config;
use crate::data::examples::{Targets, TrainingRow};
use crate::data::store::Store;
use crate::data::tensors::side_by_side;
use crate::model::hidden_states::TokenBatch;

/// What a step reads.
pub struct Batch<R: TrainingRow> {
    /// What the encoder reads.
    pub input: TokenBatch,
    /// What is to be learnt.
    pub targets: R::Targets,
    /// Sentences.
    pub examples: usize,
    /// Tokens, without pads.
    pub tokens: usize,
}

impl<R: TrainingRow> Batch<R> {
    /// Makes a batch of some examples of a store.
    pub fn new(store: &Store<R>, config: &Config, pad: u32, examples: &[usize]) -> Self {
        let width = width(store, config, examples);
        Self::of_width(store, config, pad, examples, (width, 0))
    }

    /// The examples of a step as so many batches as are computed one after the other. All are as
    /// wide as the one big batch would be: a loss may be a mean over its positions. Masks differ from epoch to epoch.
    pub fn parts(
        store: &Store<R>,
        config: &Config,
        pad: u32,
        examples: &[usize],
        epoch: u64,
    ) -> Vec<Self> {
        let width = width(store, config, examples);
        let parts = chunks(config, examples);
        parts
            .map(|part| Self::of_width(store, config, pad, part, (width, epoch)))
            .collect()
    }

    fn of_width(
        store: &Store<R>,
        config: &Config,
        pad: u32,
        examples: &[usize],
        (width, epoch): (usize, u64),
    ) -> Self {
        let masked: Vec<_> = examples
            .iter()
            .map(|&i| store.masked(i, config, epoch))
            .collect();
        let inputs = examples.iter();
        let inputs = inputs
            .zip(&masked)
            .flat_map(|(&i, masked)| store.inputs(i).into_iter().map(move |own| (i, masked, own)));
        let inputs: Vec<(usize, _, Range<usize>)> = inputs.collect();
        let lengths: Vec<usize> = inputs.iter().map(|(.., tokens)| tokens.len()).collect();
        let copy = |row: usize, ids: &mut [i64]| {
            let (i, masked, tokens) = &inputs[row];
            match masked {
                Some((masked, _)) => ids[..tokens.len()].copy_from_slice(&masked[tokens.clone()]),
                None => store.copy_ids(*i, tokens.clone(), ids),
            }
        };
        let (ids_bt, mask_bt) = side_by_side(&lengths, width, pad, copy);
        let own: Vec<_> = examples
            .iter()
            .zip(&masked)
            .map(|(&i, masked)| {
                let own = masked.as_ref().map(|(_, target)| target);
                (own.unwrap_or(&store.targets()[i]), store.length(i))
            })
            .collect();
        Self {
            input: TokenBatch {
                ids_bt,
                mask_bt,
                states: None,
            },
            targets: R::collate(&own, config, width),
            examples: examples.len(),
            tokens: lengths.iter().sum(),
        }
    }

    /// How many labels there are to learn: sentences, or scored words.
    pub fn labels(&self) -> i64 {
        self.targets.labels()
    }

    /// The same batch on a device.
    #[must_use]
    pub fn to_device(&self, device: Device) -> Self {
        Self {
            input: self.input.to_device(device),
            targets: self.targets.to_device(device),
            ..*self
        }
    }
}

/// The examples of the parts of a step.
pub(super) fn chunks<'a>(
    config: &Config,
    examples: &'a [usize],
) -> impl Iterator<Item = &'a [usize]> {
    examples.chunks(
        examples
            .len()
            .div_ceil(config.gradient_accumulation_steps)
            .max(1),
    )
}

/// How many positions a batch of these examples has.
fn width<R: TrainingRow>(store: &Store<R>, config: &Config, examples: &[usize]) -> usize {
    let inputs = examples.iter().flat_map(|&i| store.inputs(i));
    let lengths = inputs.map(|tokens| tokens.len());
    config.pads_to().or_else(|| lengths.max()).unwrap_or(0)
}
