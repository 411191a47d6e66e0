//! Which split a record falls into: a function of the seed and the record's group alone.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// For training.
    Train,
    /// For choosing the best checkpoint.
    Validation,
    /// For the final figure.
    Test,
}

impl Split {
    /// All splits, in the order in which they are written and listed.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The name in file names and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// The group that is never divided between splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupBy {
    /// All rows of a document.
    Document,
    /// All rows of a subject-object pair, in both directions. Record types without pairs take the
    /// sentence.
    Pair,
    /// All rows of a sentence, compared by its words.
    Sentence,
    /// All rows of a word: pairs of words have both of theirs in one split. Other record types take
    /// the pair or the sentence.
    Word,
    /// All rows of an entity: a synset, an item, a concept. Record types without entities take the
    /// pair or the sentence.
    Entity,
    /// Nothing but the row itself: documents, pairs and sentences are cut.
    Row,
}

/// Shares of the splits in percent, and the seed that shuffles groups among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitter {
    /// The seed.
    pub seed: u64,
    /// Percent of the groups that go to validation.
    pub validation: u8,
    /// Percent of the groups that go to test.
    pub test: u8,
}

impl Splitter {
    /// The split of a group. Records of one group always fall into one split, whatever else is in
    /// the dataset, so that adding data never moves a record.
    pub fn split(&self, group: &[u8]) -> Split {
        let point = xxh3_64_with_seed(group, self.seed) % 10_000;
        let test = u64::from(self.test) * 100;
        let validation = u64::from(self.validation) * 100;
        if point < test {
            Split::Test
        } else if point < test + validation {
            Split::Validation
        } else {
            Split::Train
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_near_what_was_asked_and_depend_on_the_seed() {
        let count = |seed, split| {
            let splitter = Splitter {
                seed,
                validation: 10,
                test: 5,
            };
            (0..10_000u32)
                .filter(|i| splitter.split(&i.to_le_bytes()) == split)
                .count()
        };
        assert!((400..600).contains(&count(42, Split::Test)));
        assert!((900..1100).contains(&count(42, Split::Validation)));
        assert_ne!(count(42, Split::Test), count(43, Split::Test));
    }
}
