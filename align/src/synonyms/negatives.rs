//! Words that take the place of one of a related pair's, so that the two are not related.

use kprep_schemas::{Split, Splitter, stable_hash};
use rustc_hash::FxHashSet;

use super::network::WordNetwork;
use super::positives::{Positive, WordPairs, key};

/// Draws of a word of any pair before none is found.
const TRIES: u64 = 100;

/// How the word that takes the place of another one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// The word in this place of another related pair of the same split.
    Random,
    /// A word that shares a direct hypernym with the word that stays.
    Sister,
}

impl Draw {
    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Sister => "sister",
        }
    }
}

/// Draws words by hashes of seed and row: never the one of a true pair, and no pair twice.
///
/// Memory: 8 bytes a related pair and 13 a negative.
pub(super) struct Drawer<'a> {
    network: &'a WordNetwork,
    pairs: &'a WordPairs,
    splitter: Splitter,
    by_word: bool,
    /// The kept pairs of each split.
    of_split: [Vec<u32>; 3],
    /// Pairs that are negatives by now.
    used: FxHashSet<u64>,
}

impl<'a> Drawer<'a> {
    pub(super) fn new(
        network: &'a WordNetwork,
        pairs: &'a WordPairs,
        splitter: Splitter,
        by_word: bool,
    ) -> Self {
        let mut of_split = [const { Vec::new() }; 3];
        for (number, pair) in (0..).zip(&pairs.kept) {
            of_split[pair.split as usize].push(number);
        }
        Self {
            network,
            pairs,
            splitter,
            by_word,
            of_split,
            used: FxHashSet::default(),
        }
    }

    /// A word for place `replaced` of a positive, with the way in which it was drawn: where the one asked
    /// for finds none, it is [`Draw::Random`]. `hash` gives a number for each name and try.
    pub(super) fn draw(
        &mut self,
        positive: &Positive,
        replaced: usize,
        draw: Draw,
        hash: &dyn Fn(&str, u64) -> u64,
    ) -> Option<(u32, Draw)> {
        let kept = positive.words[1 - replaced];
        let sister = (draw == Draw::Sister).then(|| self.sister(positive, replaced, hash));
        let found = match sister.flatten() {
            Some(word) => (word, Draw::Sister),
            None => (self.random(positive, replaced, hash)?, Draw::Random),
        };
        self.used.insert(key(kept, found.0));
        Some(found)
    }

    fn sister(
        &self,
        positive: &Positive,
        replaced: usize,
        hash: &dyn Fn(&str, u64) -> u64,
    ) -> Option<u32> {
        let kept = positive.words[1 - replaced];
        let above = &self.network.above[positive.synsets[1 - replaced] as usize];
        around(above, hash("hypernym", 0)).find_map(|hypernym| {
            let words = &self.network.below[hypernym.synset as usize];
            let words = around(words, hash("sister", 0)).copied();
            words
                .into_iter()
                .find(|&word| self.fits(kept, word, positive.split))
        })
    }

    fn random(
        &self,
        positive: &Positive,
        replaced: usize,
        hash: &dyn Fn(&str, u64) -> u64,
    ) -> Option<u32> {
        let kept = positive.words[1 - replaced];
        let pairs = &self.of_split[positive.split as usize];
        (0..TRIES).find_map(|attempt| {
            let number = pairs[(hash("random", attempt) % pairs.len() as u64) as usize];
            let word = self.pairs.kept[number as usize].words[replaced];
            self.fits(kept, word, positive.split).then_some(word)
        })
    }

    /// Whether the two make a negative of this split.
    fn fits(&self, kept: u32, word: u32, split: Split) -> bool {
        kept != word
            && !self.pairs.is_true(kept, word)
            && !self.used.contains(&key(kept, word))
            && (!self.by_word || self.splitter.split(self.network.word(word).as_bytes()) == split)
    }
}

/// All of a list, from a place in it on and around its end.
fn around<T>(list: &[T], from: u64) -> impl Iterator<Item = &T> {
    let start = from.checked_rem(list.len() as u64).unwrap_or(0) as usize;
    list[start..].iter().chain(&list[..start])
}

/// What is drawn for a row, by name and try.
pub(super) fn hash_of(seed: u64, id: &str, number: u64, what: &str, attempt: u64) -> u64 {
    stable_hash([
        &seed.to_le_bytes()[..],
        id.as_bytes(),
        &number.to_le_bytes(),
        what.as_bytes(),
        &attempt.to_le_bytes(),
    ])
}
