//! Words that take the place of one of a related pair's, so that the two are not related.

use kprep_schemas::Split;
use rustc_hash::FxHashSet;

use super::network::WordNetwork;
use super::positives::{Positive, WordPairs, WordPairsOptions, key};
use super::vectors::{Nearest, WordVectors};
use crate::draws::{Dice, around};

/// Draws of a word of any pair before none is found.
const TRIES: u64 = 100;

/// How the word that takes the place of another one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// The word in this place of another related pair of the same split.
    Random,
    /// A word that shares a direct hypernym with the word that stays.
    Sister,
    /// The word of the 32 pairs around it whose vector is nearest to that of the word that stays: LIBERT's
    /// way.
    Vectors,
}

impl Draw {
    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Sister => "sister",
            Self::Vectors => "vectors",
        }
    }
}

/// Draws words by hashes of seed and row: never the one of a true pair, and no pair twice.
///
/// Memory: 8 bytes a related pair and 13 a negative.
pub(super) struct Drawer<'a> {
    network: &'a WordNetwork,
    pairs: &'a WordPairs,
    options: WordPairsOptions,
    /// The kept pairs of each split.
    of_split: [Vec<u32>; 3],
    /// Pairs that are negatives by now.
    used: FxHashSet<u64>,
    nearest: Option<Nearest<'a>>,
}

impl<'a> Drawer<'a> {
    pub(super) fn new(
        network: &'a WordNetwork,
        pairs: &'a WordPairs,
        options: WordPairsOptions,
    ) -> Self {
        let mut of_split = [const { Vec::new() }; 3];
        for (number, pair) in (0..).zip(&pairs.kept) {
            of_split[pair.split as usize].push(number);
        }
        Self {
            network,
            pairs,
            options,
            of_split,
            used: FxHashSet::default(),
            nearest: None,
        }
    }

    /// Takes vectors, for [`Draw::Vectors`].
    pub(super) fn set_vectors(&mut self, vectors: &'a WordVectors) {
        self.nearest = Some(Nearest::new(vectors));
    }

    /// Goes on to the next pair of a split.
    pub(super) fn advance(&mut self, split: Split) {
        if let Some(nearest) = &mut self.nearest {
            let (of_split, pairs) = (&self.of_split[split as usize], self.pairs);
            nearest.advance((split, of_split.len()), self.network, |range| {
                let numbers = of_split[range].iter();
                numbers.flat_map(|&number| pairs.kept[number as usize].words)
            });
        }
    }

    /// A word for place `replaced` of a positive, with the way in which it was drawn: where the one asked
    /// for finds none, it is [`Draw::Random`].
    pub(super) fn draw(
        &mut self,
        positive: &Positive,
        replaced: usize,
        draw: Draw,
        dice: &Dice<'_>,
    ) -> Option<(u32, Draw)> {
        let kept = positive.words[1 - replaced];
        let word = match draw {
            Draw::Random => None,
            Draw::Sister => self.sister(positive, replaced, dice),
            Draw::Vectors => self.nearest(positive, replaced),
        };
        let found = match word {
            Some(word) => (word, draw),
            None => (self.random(positive, replaced, dice)?, Draw::Random),
        };
        self.used.insert(key(kept, found.0));
        Some(found)
    }

    fn sister(&self, positive: &Positive, replaced: usize, dice: &Dice<'_>) -> Option<u32> {
        let kept = positive.words[1 - replaced];
        let above = &self.network.above[positive.synsets[1 - replaced] as usize];
        around(above, dice.roll("hypernym", 0)).find_map(|hypernym| {
            let words = &self.network.below[hypernym.synset as usize];
            let words = around(words, dice.roll("sister", 0)).copied();
            words
                .into_iter()
                .find(|&word| self.fits(kept, word, positive.split))
        })
    }

    fn nearest(&self, positive: &Positive, replaced: usize) -> Option<u32> {
        let kept = positive.words[1 - replaced];
        let order = self.nearest.as_ref()?.order(positive.split, kept);
        let mut words = order.into_iter();
        words.find(|&word| self.fits(kept, word, positive.split))
    }

    fn random(&self, positive: &Positive, replaced: usize, dice: &Dice<'_>) -> Option<u32> {
        let kept = positive.words[1 - replaced];
        let pairs = &self.of_split[positive.split as usize];
        (0..TRIES).find_map(|attempt| {
            let number = *dice.one(pairs, "random", attempt)?;
            let word = self.pairs.kept[number as usize].words[replaced];
            self.fits(kept, word, positive.split).then_some(word)
        })
    }

    /// Whether the two make a negative of this split.
    fn fits(&self, kept: u32, word: u32, split: Split) -> bool {
        let text = self.network.word(word);
        let of_split = || self.options.splitter.split(text.as_bytes()) == split;
        let has_several = self.options.single && text.contains(' ');
        let is_elsewhere = self.options.by_word && !of_split();
        let is_known = self.pairs.is_true(kept, word) || self.used.contains(&key(kept, word));
        kept != word && !is_known && !has_several && !is_elsewhere
    }
}
