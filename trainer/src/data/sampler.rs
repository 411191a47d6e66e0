//! In which order, and in which company, the examples of a split are read: seeded, of similar lengths.

use crate::config::Config;
use crate::data::examples::TrainingRow;
use crate::data::store::Store;

/// The batches of an epoch: all examples once, in an order that depends on the seed and the epoch
/// alone, so that a run can go on in the middle.
///
/// The shuffled examples are cut into pools; within a pool they are sorted by length and cut into
/// batches; then the batches are shuffled. With [`Config::batch_tokens`] the whole split is one
/// pool: a batch then begins and ends at the same lengths in each epoch, which therefore all have
/// the same number of batches.
pub fn epoch<R: TrainingRow>(store: &Store<R>, config: &Config, epoch: u64) -> Vec<Vec<usize>> {
    let mut random = Random::new(config.order_seed.unwrap_or(config.seed), epoch);
    let mut order: Vec<usize> = (0..store.len()).collect();
    random.shuffle(&mut order);
    let pool = match config.batch_tokens {
        0 => config.batch_size * config.length_pool,
        _ => order.len().max(1),
    };
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for pool in order.chunks_mut(pool) {
        pool.sort_by_key(|&i| store.length(i)); // stable: equal lengths stay shuffled
        batches.extend(cut(config, pool, |i| store.length(i)).map(<[usize]>::to_vec));
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
    if config.batch_tokens == 0 {
        return store.len().div_ceil(config.batch_size) as u64;
    }
    let mut lengths: Vec<usize> = (0..store.len()).map(|i| store.length(i)).collect();
    lengths.sort_unstable();
    cut(config, &lengths, |length| length).count() as u64
}

/// Batches of these examples by length, for scoring.
pub fn in_order_of_length<R: TrainingRow>(
    store: &Store<R>,
    config: &Config,
    mut examples: Vec<usize>,
) -> Vec<Vec<usize>> {
    examples.sort_by_key(|&i| store.length(i));
    let batches = cut(config, &examples, |i| store.length(i));
    batches.map(<[usize]>::to_vec).collect()
}

/// Cuts what has ascending lengths into batches: of so many examples, or of so many tokens.
fn cut<'a>(
    config: &Config,
    sorted: &'a [usize],
    length: impl Fn(usize) -> usize,
) -> impl Iterator<Item = &'a [usize]> {
    let fits = move |rows: usize, longest: usize| match config.batch_tokens {
        0 => rows <= config.batch_size,
        most => rows * config.pads_to().unwrap_or(longest) <= most,
    };
    let mut rest = sorted;
    std::iter::from_fn(move || {
        let rows = (1..).zip(rest);
        let rows = rows.take_while(|&(rows, &i)| fits(rows, length(i))).count();
        // An example that is too long by itself is a batch.
        let (batch, others) = rest.split_at(rows.max(1).min(rest.len()));
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}

/// SplitMix64 (Steele et al., 2014). Its numbers are fixed by its definition, so an order of data
/// stays the same with every version of every library.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed);
        random.0 ^= Self(stream).next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Fisher and Yates' shuffle.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i + 1);
            items.swap(i, j);
        }
    }
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
