//! Sense-tagged text in the format of Raganato's evaluation framework: `SemCor` and the test sets of
//! word sense disambiguation.
//!
//! The text is XML (`semcor.data.xml`); the senses are in a file of their own
//! (`semcor.gold.key.txt`), by the ids of the words.

mod data;
mod keys;

pub use data::{MAX_SENTENCE_BYTES, SemcorReader, SemcorSentence, TaggedWord};
pub use keys::{GoldKeys, gold_keys};
