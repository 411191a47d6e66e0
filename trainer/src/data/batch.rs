//! Examples to batches of tensors, made ahead of the step.
//!
//! Shapes: b = sentence, t = position, w = scored word, n = token of an entity.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::Config;
use crate::data::cache::Cache;
use crate::data::examples::{Targets, TrainingRow, int64};
use crate::data::sampler;
use crate::data::store::Store;
use crate::model::hidden_states::TokenBatch;

/// Batches made ahead of the step.
const AHEAD: usize = 4;

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
fn chunks<'a>(config: &Config, examples: &'a [usize]) -> impl Iterator<Item = &'a [usize]> {
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

/// Rows of these lengths side by side in `width` positions: the ids, b × t in int64, that `copy` puts
/// at the start of a row, pads behind them, and the mask b × t that is false at pads, if there are
/// any.
pub(crate) fn side_by_side(
    lengths: &[usize],
    width: usize,
    pad: u32,
    copy: impl Fn(usize, &mut [i64]),
) -> (Tensor, Option<Tensor>) {
    let mut ids = vec![i64::from(pad); lengths.len() * width];
    for (row, ids) in ids.chunks_mut(width.max(1)).enumerate() {
        copy(row, ids);
    }
    let mask_bt = lengths.iter().any(|&length| length < width).then(|| {
        let length_b1 = int64(lengths.iter().copied()).unsqueeze(1);
        Tensor::arange(width as i64, (Kind::Int64, Device::Cpu))
            .unsqueeze(0)
            .lt_tensor(&length_b1)
    });
    let shape = [lengths.len() as i64, width as i64];
    (Tensor::from_slice(&ids).view(shape), mask_bt)
}

/// Makes the parts of each step on a thread of its own, from the given step on, epoch after epoch,
/// with the hidden states that a cache has of them. A cache that cannot be read ends the batches
/// with its error.
pub fn ahead<R: TrainingRow>(
    store: Arc<Store<R>>,
    config: Config,
    pad: u32,
    cache: Option<Arc<Cache>>,
    first: u64,
    steps: u64,
) -> Receiver<Result<Vec<Batch<R>>>> {
    let (sender, receiver) = bounded(AHEAD);
    thread::spawn(move || {
        let per_epoch = sampler::batches_per_epoch(&store, &config);
        let mut step = first;
        while step < steps {
            let batches = sampler::epoch(&store, &config, step / per_epoch);
            let rest = batches.iter().skip((step % per_epoch) as usize);
            for examples in rest.take((steps - step) as usize) {
                let mut parts = Batch::parts(&store, &config, pad, examples, step / per_epoch);
                let parts = match &cache {
                    Some(cache) => with_states(cache, &config, &mut parts, examples),
                    None => Ok(()),
                }
                .map(|()| parts);
                let failed = parts.is_err();
                if sender.send(parts).is_err() || failed {
                    return; // the run has ended
                }
                step += 1;
            }
        }
    });
    receiver
}

fn with_states<R: TrainingRow>(
    cache: &Cache,
    config: &Config,
    parts: &mut [Batch<R>],
    examples: &[usize],
) -> Result<()> {
    for (part, examples) in parts.iter_mut().zip(chunks(config, examples)) {
        let width = part.input.ids_bt.size()[1] as usize;
        part.input.states = Some(cache.read(examples, width)?);
    }
    Ok(())
}
