//! Batches made ahead of the step, with the hidden states that a cache has of them.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use crate::Result;
use crate::config::Config;
use crate::data::batch::{Batch, chunks};
use crate::data::cache::Cache;
use crate::data::examples::TrainingRow;
use crate::data::sampler;
use crate::data::store::Store;

/// Batches made ahead of the step.
const AHEAD: usize = 4;

/// Makes the parts of each step on a thread of its own, from the given step on, epoch after epoch,
/// with the hidden states that a cache has of them. A cache that cannot be read ends the batches
/// with its error.
pub fn batches<R: TrainingRow>(
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
