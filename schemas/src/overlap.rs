//! What the splits of a dataset have in common: documents, pairs, sentences.

use serde::{Deserialize, Serialize};

use crate::Split;

/// How many distinct things of a kind the splits have, and how many they share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// What is counted, e.g. `sentences`.
    pub of: String,
    /// Distinct ones in train.
    pub train: u64,
    /// Distinct ones in validation.
    pub validation: u64,
    /// Distinct ones in test.
    pub test: u64,
    /// Those in train and in validation.
    pub train_validation: u64,
    /// Those in train and in test.
    pub train_test: u64,
    /// Those in validation and in test.
    pub validation_test: u64,
}

impl Overlap {
    /// What the columns of [`Overlap::counts`] are, for people.
    pub const COLUMNS: [&str; 6] = [
        "train",
        "validation",
        "test",
        "train and validation",
        "train and test",
        "validation and test",
    ];

    /// The counts of a row of a table.
    pub fn counts(&self) -> [u64; 6] {
        [
            self.train,
            self.validation,
            self.test,
            self.train_validation,
            self.train_test,
            self.validation_test,
        ]
    }
}

/// Counts what rows of different splits share while they are written.
///
/// Two things count as one if 62 bits of their hashes are the same: among a hundred million, one
/// such mistake is expected in a thousand datasets. Memory: 16 bytes at most for each kind of thing
/// and each distinct one in a split.
#[derive(Debug)]
pub(crate) struct Overlaps(Vec<Seen>);

/// Things of one kind: the hash of each, with the number of its split in the lowest two bits.
#[derive(Debug)]
struct Seen {
    of: &'static str,
    keys: Vec<u64>,
}

const SPLIT_BITS: u32 = 2;

impl Overlaps {
    /// Nothing of these kinds yet.
    pub(crate) fn of(kinds: &[&'static str]) -> Self {
        let seen = kinds.iter().map(|of| Seen {
            of,
            keys: Vec::with_capacity(1024),
        });
        Self(seen.collect())
    }

    /// Notes the hashes of a row's things, one a kind.
    pub(crate) fn add(&mut self, split: Split, hashes: &[u64]) {
        for (seen, hash) in self.0.iter_mut().zip(hashes) {
            seen.add(hash >> SPLIT_BITS << SPLIT_BITS | split as u64);
        }
    }

    /// The counts; none if there is only one split.
    pub(crate) fn finish(self) -> Vec<Overlap> {
        let counts: Vec<_> = self.0.into_iter().map(Seen::count).collect();
        let splits = |o: &Overlap| [o.train, o.validation, o.test];
        let several = |o: &Overlap| splits(o).into_iter().filter(|&n| n > 0).count() > 1;
        if counts.iter().any(several) {
            counts
        } else {
            Vec::new()
        }
    }
}

impl Seen {
    fn add(&mut self, key: u64) {
        // Rows of a document or a sentence follow each other.
        if self.keys.last() == Some(&key) {
            return;
        }
        if self.keys.len() == self.keys.capacity() {
            self.sort();
            // Grows only where at least half are distinct.
            if self.keys.len() > self.keys.capacity() / 2 {
                self.keys.reserve_exact(self.keys.capacity());
            }
        }
        self.keys.push(key);
    }

    fn sort(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
    }

    fn count(mut self) -> Overlap {
        self.sort();
        let mut count = Overlap {
            of: self.of.to_owned(),
            ..Overlap::default()
        };
        for same in self
            .keys
            .chunk_by(|a, b| a >> SPLIT_BITS == b >> SPLIT_BITS)
        {
            let has = |split: Split| same.iter().any(|key| key & 0b11 == split as u64);
            let [train, validation, test] = Split::ALL.map(has);
            count.train += u64::from(train);
            count.validation += u64::from(validation);
            count.test += u64::from(test);
            count.train_validation += u64::from(train && validation);
            count.train_test += u64::from(train && test);
            count.validation_test += u64::from(validation && test);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stable_hash;

    #[test]
    fn what_is_shared_is_counted_once() {
        let mut overlaps = Overlaps::of(&["tens", "numbers"]);
        for split in Split::ALL {
            for i in 0..5000u64 {
                // Train has 0..5000, validation 1000..6000, test 2000..7000, each twice.
                let number = i + 1000 * split as u64;
                let hash = |number: u64| stable_hash([&number.to_le_bytes()[..]]);
                for _ in 0..2 {
                    overlaps.add(split, &[hash(number % 10), hash(number)]);
                }
            }
        }
        let count = |of: &str, each: u64, near: u64, far: u64| Overlap {
            of: of.into(),
            train: each,
            validation: each,
            test: each,
            train_validation: near,
            train_test: far,
            validation_test: near,
        };
        let expected = [
            count("tens", 10, 10, 10),
            count("numbers", 5000, 4000, 3000),
        ];
        assert_eq!(overlaps.finish(), expected);
    }

    #[test]
    fn one_split_shares_nothing() {
        let mut overlaps = Overlaps::of(&["documents"]);
        overlaps.add(Split::Train, &[8]);
        overlaps.add(Split::Train, &[12]);
        assert_eq!(overlaps.finish(), []);
    }
}
