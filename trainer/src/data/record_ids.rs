//! From examples back to the records that they came from.

use std::collections::BTreeMap;

use kprep_schemas::{Dataset, Split};

use crate::Result;
use crate::config::Config;
use crate::data::examples::{Counts, TrainingRow};
use crate::data::tokenizer::Vocabulary;

/// The ids of the records behind some examples of the training split, in the order of `examples`.
///
/// This reads and tokenises the split again: no run keeps ids in memory, and only one that fails
/// asks for them.
///
/// # Errors
/// [`crate::Error::Dataset`].
pub fn ids<R: TrainingRow>(
    dataset: &Dataset,
    config: &Config,
    vocabulary: &Vocabulary,
    examples: &[usize],
) -> Result<Vec<String>> {
    let wanted: BTreeMap<usize, usize> = examples.iter().copied().zip(0..).collect();
    let mut ids = vec![String::new(); examples.len()];
    let mut words = vocabulary.words();
    let mut counts = Counts::default();
    let mut example = 0;
    for row in dataset.rows::<R>(Split::Train)? {
        let row = row?;
        for _ in row.examples(&mut words, config.length_limit(), &mut counts) {
            if let Some(&place) = wanted.get(&example) {
                row.id().clone_into(&mut ids[place]);
            }
            example += 1;
        }
    }
    Ok(ids)
}
