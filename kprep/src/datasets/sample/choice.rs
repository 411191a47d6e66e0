//! Which rows are in the sample.

use std::collections::BinaryHeap;

use kprep_schemas::stable_hash;

/// The rows with the lowest ranks of each stratum, found in one pass.
///
/// Memory: 16 bytes a row of the sample, in heaps that may have twice the room they need.
pub(crate) struct Choice {
    seed: u64,
    strata: Vec<Stratum>,
    /// Rows so far.
    seen: u64,
}

struct Stratum {
    share: u64,
    /// Rank and number of each row that is in so far, the highest on top.
    lowest: BinaryHeap<(u64, u64)>,
}

impl Choice {
    /// Of so many rows a stratum.
    pub(crate) fn new(seed: u64, shares: &[u64]) -> Self {
        let stratum = |&share: &u64| Stratum {
            share,
            lowest: BinaryHeap::new(),
        };
        Self {
            seed,
            strata: shares.iter().map(stratum).collect(),
            seen: 0,
        }
    }

    /// Takes the next row.
    pub(crate) fn offer(&mut self, stratum: usize, key: u64) {
        let rank = (rank(self.seed, key), self.seen);
        self.seen += 1;
        let Stratum { share, lowest } = &mut self.strata[stratum];
        if (lowest.len() as u64) < *share {
            lowest.push(rank);
        } else if let Some(mut highest) = lowest.peek_mut()
            && rank < *highest
        {
            *highest = rank;
        }
    }

    /// What was chosen, for a second pass over the same rows.
    pub(crate) fn finish(self) -> Chosen {
        let highest = |stratum: Stratum| stratum.lowest.peek().copied();
        Chosen {
            seed: self.seed,
            highest: self.strata.into_iter().map(highest).collect(),
            seen: 0,
        }
    }
}

/// The sample of a [`Choice`].
pub(crate) struct Chosen {
    seed: u64,
    /// The highest rank of each stratum that is in, with the row's number: rows of the same id have
    /// the same rank.
    highest: Vec<Option<(u64, u64)>>,
    seen: u64,
}

impl Chosen {
    /// Whether the next row is in the sample.
    pub(crate) fn takes(&mut self, stratum: usize, key: u64) -> bool {
        let rank = (rank(self.seed, key), self.seen);
        self.seen += 1;
        self.highest[stratum].is_some_and(|highest| rank <= highest)
    }
}

fn rank(seed: u64, key: u64) -> u64 {
    stable_hash([&seed.to_le_bytes()[..], &key.to_le_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seed: u64, share: u64, keys: &[u64]) -> Vec<u64> {
        let mut choice = Choice::new(seed, &[0, share]);
        for &key in keys {
            choice.offer(1, key);
        }
        let mut chosen = choice.finish();
        let taken = keys.iter().filter(|&&key| chosen.takes(1, key));
        taken.copied().collect()
    }

    #[test]
    fn a_sample_is_exact_and_depends_on_seed_and_rows_alone() {
        let keys: Vec<u64> = (0..1000).collect();
        let small = sample(42, 10, &keys);
        let large = sample(42, 100, &keys);
        assert_eq!((small.len(), large.len()), (10, 100));
        assert!(small.iter().all(|key| large.contains(key)));
        assert_ne!(sample(43, 10, &keys), small);
        let back: Vec<u64> = keys.iter().rev().copied().collect();
        let mut again = sample(42, 10, &back);
        again.reverse();
        assert_eq!(again, small);
        assert_eq!(sample(42, 3, &[7; 9]).len(), 3);
        assert_eq!(sample(42, 10, &[1, 2]), [1, 2]);
        assert_eq!(sample(42, 0, &[1, 2]), [0; 0]);
    }
}
