//! Vectors of the entities of a knowledge graph, learnt from its facts.

use kprep_schemas::Split;
use tch::Device;

use crate::config::embedding::EmbeddingSettings;
use crate::data::facts::{Facts, Numbered};
use crate::data::random::Random;
use crate::evaluate::link_prediction::columns;
use crate::model::transe::{Pairs, TransE};

/// Learns the vectors. `after` is told the mean loss of each epoch. What is drawn is a function of the seed, the epoch
/// and the order of the facts.
pub fn learn(
    facts: &Facts,
    settings: &EmbeddingSettings,
    device: Device,
    mut after: impl FnMut(f64),
) -> TransE {
    let sizes = [facts.entities.len() as i64, facts.relations.len() as i64];
    let dimension = settings.dimension as i64;
    let model = TransE::new(sizes, dimension, settings.distance, settings.seed);
    let mut model = model.to_device(device);
    let mut order = facts.of_split(Split::Train).to_vec();
    for epoch in 0..settings.epochs {
        let mut random = Random::new(settings.seed, epoch);
        random.shuffle(&mut order);
        let mut losses = 0.0;
        for batch in order.chunks(settings.batch_size) {
            let others: Vec<Numbered> = batch
                .iter()
                .map(|&fact| facts.corrupted(fact, &mut random))
                .collect();
            let pairs = Pairs {
                facts_b: columns(batch, device),
                others_b: columns(&others, device),
            };
            losses += batch.len() as f64 * model.step(&pairs, settings.margin, settings.lr);
        }
        after(losses / order.len() as f64);
    }
    model
}
