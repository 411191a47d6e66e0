//! Vectors of words, and which phrase of a batch is nearest to another one.

use std::ops::Range;

use kprep_schemas::Split;
use rustc_hash::FxHashMap;

use super::network::WordNetwork;
use super::positives::WordPairs;

/// Pairs of a batch, in which the nearest phrase is looked for: LIBERT's number.
const BATCH: usize = 32;

/// The vectors of the words that occur in the phrases of pairs.
///
/// Memory: 4 bytes a number of a vector, and some 60 a word; other words of a file are not kept.
#[derive(Debug, Default)]
pub struct WordVectors {
    dimension: usize,
    /// Where in `values` the vector of a word is; nothing until it comes.
    places: FxHashMap<Box<str>, Option<usize>>,
    values: Vec<f32>,
}

impl WordVectors {
    /// None yet, for the words of these pairs.
    pub fn of(network: &WordNetwork, pairs: &WordPairs) -> Self {
        let mut vectors = Self::default();
        let phrases = pairs.kept.iter().flat_map(|pair| pair.words);
        for word in phrases.flat_map(|phrase| network.word(phrase).split(' ')) {
            if !vectors.places.contains_key(word) {
                vectors.places.insert(word.into(), None);
            }
        }
        vectors
    }

    /// Whether a word occurs and has no vector yet.
    pub fn wants(&self, word: &str) -> bool {
        matches!(self.places.get(word), Some(None))
    }

    /// Takes the vector of a word that is wanted.
    ///
    /// # Errors
    /// How many numbers the vectors before it have, if it has not as many.
    pub fn add(&mut self, word: &str, vector: &[f32]) -> Result<(), usize> {
        if self.values.is_empty() {
            self.dimension = vector.len();
        }
        if vector.len() != self.dimension {
            return Err(self.dimension);
        }
        let start = self.values.len();
        if let Some(place @ None) = self.places.get_mut(word) {
            *place = Some(start);
            self.values.extend(vector);
        }
        Ok(())
    }

    /// Words that occur, and those without a vector.
    pub fn counts(&self) -> [u64; 2] {
        let without = self.places.values().filter(|place| place.is_none());
        [self.places.len() as u64, without.count() as u64]
    }

    /// The mean of the vectors of a phrase's words, those without one passed over, at length 1; nothing
    /// where none has one.
    fn phrase(&self, phrase: &str) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.dimension];
        for word in phrase.split(' ') {
            if let Some(&Some(start)) = self.places.get(word) {
                let vector = &self.values[start..start + self.dimension];
                sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
            }
        }
        let length = dot(&sum, &sum).sqrt();
        let is_usable = length > 0.0 && length.is_finite();
        is_usable.then(|| sum.into_iter().map(|x| x / length).collect())
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The batch that each split is at.
///
/// Memory: the vectors of 64 phrases a split.
pub(super) struct Nearest<'a> {
    vectors: &'a WordVectors,
    batches: [Batch; 3],
}

#[derive(Default)]
struct Batch {
    /// Pairs of the split so far.
    given: usize,
    /// The phrases with a vector, each once, in the order of the pairs.
    phrases: Vec<(u32, Vec<f32>)>,
}

impl<'a> Nearest<'a> {
    pub(super) fn new(vectors: &'a WordVectors) -> Self {
        Self {
            vectors,
            batches: Default::default(),
        }
    }

    /// Goes on to the next pair of a split; `words` are those of some of its pairs, of which there are
    /// `count`.
    pub(super) fn advance<W: Iterator<Item = u32>>(
        &mut self,
        (split, count): (Split, usize),
        network: &WordNetwork,
        words: impl FnOnce(Range<usize>) -> W,
    ) {
        let batch = &mut self.batches[split as usize];
        if batch.given.is_multiple_of(BATCH) {
            batch.phrases.clear();
            let end = count.min(batch.given + BATCH);
            for word in words(batch.given..end) {
                if batch.phrases.iter().all(|(known, _)| *known != word) {
                    let vector = self.vectors.phrase(network.word(word));
                    batch.phrases.extend(vector.map(|vector| (word, vector)));
                }
            }
        }
        batch.given += 1;
    }

    /// The other phrases of the split's batch, the nearest to this one by cosine first; none if it has no
    /// vector.
    pub(super) fn order(&self, split: Split, phrase: u32) -> Vec<u32> {
        let phrases = &self.batches[split as usize].phrases;
        let Some((_, own)) = phrases.iter().find(|(known, _)| *known == phrase) else {
            return Vec::new();
        };
        let others = phrases.iter().filter(|(known, _)| *known != phrase);
        let mut others: Vec<(f32, u32)> = others
            .map(|(other, vector)| (dot(own, vector), *other))
            .collect();
        others.sort_by(|a, b| b.0.total_cmp(&a.0));
        others.into_iter().map(|(_, other)| other).collect()
    }
}
