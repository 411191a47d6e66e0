//! In which order, and in which company, the examples of a split are read: seeded, of similar lengths.

use std::collections::HashMap;

use crate::config::Config;
use crate::data::examples::TrainingRow;
use crate::data::random::Random;
use crate::data::store::Store;

/// The batches of an epoch: all examples once, in an order that depends on the seed and the epoch
/// alone, so that a run can go on in the middle.
///
/// The shuffled examples are cut into pools; within a pool they are sorted by length and cut into
/// batches; then the batches are shuffled. With [`Config::batch_tokens`] the whole split is one
/// pool: a batch then begins and ends at the same lengths in each epoch, which therefore all have
/// the same number of batches.
///
/// Where the task asks for it ([`TrainingRow::company`]), examples that belong together take the place of one: they are
/// never in two batches. A batch then has as many of these groups as there is room for the largest one in
/// [`Config::batch_size`], at least one.
pub fn epoch<R: TrainingRow>(store: &Store<R>, config: &Config, epoch: u64) -> Vec<Vec<usize>> {
    let mut random = Random::new(config.order_seed.unwrap_or(config.seed), epoch);
    let units = Units::new(store, config);
    let mut order: Vec<usize> = (0..units.len()).collect();
    random.shuffle(&mut order);
    let pool = match config.batch_tokens {
        0 => units.together * config.length_pool,
        _ => order.len().max(1),
    };
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for pool in order.chunks_mut(pool) {
        pool.sort_by_key(|&i| units.shape(i)); // stable: equal ones stay shuffled
        let cut = cut(config, units.together, pool, |&i| units.shape(i));
        batches.extend(cut.map(|batch| units.examples(batch)));
    }
    random.shuffle(&mut batches);
    batches
}

/// The examples of a step, from 0.
pub fn of_step<R: TrainingRow>(store: &Store<R>, config: &Config, step: u64) -> Vec<usize> {
    let per_epoch = batches_per_epoch(store, config);
    let mut batches = epoch(store, config, step / per_epoch);
    batches.swap_remove((step % per_epoch) as usize)
}

/// How many batches an epoch has.
pub fn batches_per_epoch<R: TrainingRow>(store: &Store<R>, config: &Config) -> u64 {
    let units = Units::new(store, config);
    if config.batch_tokens == 0 {
        return units.len().div_ceil(units.together) as u64;
    }
    let mut shapes: Vec<Shape> = (0..units.len()).map(|i| units.shape(i)).collect();
    shapes.sort_unstable();
    cut(config, units.together, &shapes, |&shape| shape).count() as u64
}

/// Batches of these examples by length, for scoring.
pub fn in_order_of_length<R: TrainingRow>(
    store: &Store<R>,
    config: &Config,
    mut examples: Vec<usize>,
) -> Vec<Vec<usize>> {
    examples.sort_by_key(|&i| store.length(i));
    let shape = |&i: &usize| (store.length(i), 1);
    let batches = cut(config, config.batch_size, &examples, shape);
    batches.map(<[usize]>::to_vec).collect()
}

/// The length of a unit's longest example, and how many it has.
type Shape = (usize, usize);

/// What batches consist of: examples, or groups of them.
struct Units<'a, R: TrainingRow> {
    store: &'a Store<R>,
    /// The examples of each group, in the order of the first of each; `None` where each example is by itself.
    groups: Option<Vec<Vec<usize>>>,
    /// How many units a batch has.
    together: usize,
}

impl<'a, R: TrainingRow> Units<'a, R> {
    fn new(store: &'a Store<R>, config: &Config) -> Self {
        let groups = groups(store, config);
        let largest = groups.iter().flatten().map(Vec::len).max();
        Self {
            store,
            groups,
            together: (config.batch_size / largest.unwrap_or(1)).max(1),
        }
    }

    fn len(&self) -> usize {
        self.groups.as_ref().map_or(self.store.len(), Vec::len)
    }

    fn shape(&self, i: usize) -> Shape {
        match &self.groups {
            None => (self.store.length(i), 1),
            Some(groups) => {
                let lengths = groups[i].iter().map(|&example| self.store.length(example));
                (lengths.max().unwrap_or(0), groups[i].len())
            }
        }
    }

    fn examples(&self, units: &[usize]) -> Vec<usize> {
        match &self.groups {
            None => units.to_vec(),
            Some(groups) => units.iter().flat_map(|&i| groups[i].clone()).collect(),
        }
    }
}

/// The examples that belong together; `None` where none do.
fn groups<R: TrainingRow>(store: &Store<R>, config: &Config) -> Option<Vec<Vec<usize>>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (example, target) in store.targets().iter().enumerate() {
        let place = places.entry(R::company(target, config)?);
        let place = *place.or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(example);
    }
    (!groups.is_empty()).then_some(groups)
}

/// Cuts what is sorted by its shape into batches: of so many units, or of so many tokens.
fn cut<'a, T>(
    config: &Config,
    together: usize,
    sorted: &'a [T],
    shape: impl Fn(&T) -> Shape,
) -> impl Iterator<Item = &'a [T]> {
    let mut rest = sorted;
    std::iter::from_fn(move || {
        let mut rows = 0;
        let fits = (1..).zip(rest).take_while(|(units, unit)| {
            let (longest, size) = shape(unit);
            rows += size;
            match config.batch_tokens {
                0 => *units <= together,
                most => rows * config.pads_to().unwrap_or(longest) <= most,
            }
        });
        let units = fits.count();
        // A unit that is too long by itself is a batch.
        let (batch, others) = rest.split_at(units.max(1).min(rest.len()));
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}

/// The seed of the dropout in a part of a step: a function of the run's seed, the step and the part
/// alone, so that a run that goes on in the middle, or beside others, drops the same.
pub fn dropout_seed(seed: u64, step: u64, part: u64) -> u64 {
    let mut random = Random::new(seed ^ 0xD80F_0717, step);
    for _ in 0..part {
        random.next();
    }
    random.next()
}
