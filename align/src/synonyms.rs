//! Pairs of words of a wordnet: those that are related, as LIBERT takes them, and those that are not.
//!
//! Related are two words of a synset, and a word of a synset with a word of its direct hypernym.

mod negatives;
mod network;
mod positives;
mod rows;
mod vectors;

pub use negatives::Draw;
pub use network::WordNetwork;
pub use positives::{PairLoss, Positive, WordPairs, WordPairsOptions};
pub use rows::{PairClasses, PairRows};
pub use vectors::WordVectors;
