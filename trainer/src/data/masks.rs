//! Masked text: which tokens of a line are to be guessed, and what stands in their place (Devlin et
//! al., 2019, section 3.1).

use crate::data::random::Random;
use crate::data::text_corpus::Lines;

/// Of all tokens so many are to be guessed.
const MASKED: f64 = 0.15;

/// What a masked line looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// Its tokens, some of them replaced.
    pub ids: Vec<i64>,
    /// Where a token is to be guessed.
    pub places: Vec<usize>,
    /// What stood there.
    pub tokens: Vec<i64>,
}

/// How to mask.
#[derive(Debug, Clone, Copy)]
pub struct Masking {
    /// The token that stands for what is to be guessed.
    pub mask: u32,
    /// How many tokens there are.
    pub tokens: usize,
    /// The seed.
    pub seed: u64,
}

impl Masking {
    /// Masks a line for an epoch: each of its tokens but the first and the last with a probability of
    /// 15%. Of those 80% become the mask, 10% any token, 10% stay. A function of the seed, the epoch
    /// and the line's number alone.
    pub fn line(&self, lines: &Lines, i: usize, epoch: u64) -> Masked {
        let mut random = Random::new(self.seed ^ epoch.rotate_left(32), i as u64);
        let mut masked = Masked {
            ids: lines.ids(i).to_vec(),
            places: Vec::new(),
            tokens: Vec::new(),
        };
        let end = masked.ids.len() - 1;
        for (place, id) in masked.ids.iter_mut().enumerate().take(end).skip(1) {
            if share(random.next()) >= MASKED {
                continue;
            }
            masked.places.push(place);
            masked.tokens.push(*id);
            let kind = share(random.next());
            if kind < 0.8 {
                *id = self.mask.into();
            } else if kind < 0.9 {
                *id = random.below(self.tokens) as i64;
            }
        }
        masked
    }
}

/// The tokens that stand in the place of masked ones.
#[derive(Debug, Clone, Copy)]
pub struct MaskTokens {
    /// The token that stands for what is to be guessed.
    pub mask: u32,
    /// How many tokens there are.
    pub tokens: usize,
}

/// How the words of an example are masked: whole words, each with the same probability.
pub struct WordMasks {
    with: MaskTokens,
    share: f64,
    random: Random,
}

impl WordMasks {
    /// The masks of an example for an epoch: a function of the seed, the epoch and the example's number alone.
    pub fn new(with: MaskTokens, share: f64, seed: u64, epoch: u64, example: u64) -> Self {
        Self {
            with,
            share,
            random: Random::new(seed ^ epoch.rotate_left(32) ^ 0x3A5C_0D0E, example),
        }
    }

    /// Which of so many words are masked, at least one of the first `needed`.
    pub(crate) fn choose(&mut self, words: usize, needed: usize) -> Vec<bool> {
        let chosen = (0..words).map(|_| share(self.random.next()) < self.share);
        let mut chosen: Vec<bool> = chosen.collect();
        if needed > 0 && !chosen[..needed].contains(&true) {
            chosen[self.random.below(needed)] = true;
        }
        chosen
    }

    /// Masks all of some tokens, or with the rest of the probability none.
    pub(crate) fn hide(&mut self, ids: &mut [i64]) {
        if share(self.random.next()) < self.share {
            ids.fill(self.with.mask.into());
        }
    }

    /// Masks a word: of 10 words 8 become masks, 1 becomes any tokens, 1 stays.
    pub(crate) fn replace(&mut self, ids: &mut [i64]) {
        let kind = share(self.random.next());
        if kind < 0.8 {
            ids.fill(self.with.mask.into());
        } else if kind < 0.9 {
            for id in ids {
                *id = self.random.below(self.with.tokens) as i64;
            }
        }
    }
}

/// A number of 64 bits as one from 0 to 1.
pub(crate) fn share(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::text_corpus::Limit;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

    #[test]
    fn masked_words_are_as_frequent_as_stated_and_a_function_of_seed_epoch_and_example() {
        let with = MaskTokens {
            mask: 4,
            tokens: 100,
        };
        let masks = |epoch, example| WordMasks::new(with, 0.15, 42, epoch, example);
        let chosen = |epoch, example| masks(epoch, example).choose(100, 1);
        let count = |chosen: Vec<bool>| chosen.into_iter().filter(|&one| one).count();
        let all: usize = (0..1000).map(|i| count(chosen(0, i)[1..].to_vec())).sum();
        assert!((all as f64 / 99_000.0 - 0.15).abs() < 0.01, "{all}");
        assert!((0..100).all(|i| count(masks(0, i).choose(3, 2)[..2].to_vec()) > 0));
        assert_eq!(chosen(3, 7), chosen(3, 7));
        assert_ne!(chosen(3, 7), chosen(4, 7));
        let replaced = (0..1000).map(|i| {
            let mut ids = [50, 51];
            masks(0, i).replace(&mut ids);
            ids
        });
        let replaced: Vec<[i64; 2]> = replaced.collect();
        let share = |what: fn(&[i64; 2]) -> bool| {
            replaced.iter().filter(|ids| what(ids)).count() as f64 / 1000.0
        };
        assert!((share(|ids| *ids == [4, 4]) - 0.8).abs() < 0.04);
        assert!((share(|ids| *ids == [50, 51]) - 0.1).abs() < 0.03);
    }

    #[test]
    fn masks_are_as_frequent_as_stated_and_a_function_of_seed_epoch_and_line() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone/bert-tiny");
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let text = "the capital of France was in space\n".repeat(2000);
        let path = Path::new("text");
        let lines = Lines::read(text.as_bytes(), path, &vocabulary, Limit::Refuse(80)).unwrap();
        let masking = Masking {
            mask: vocabulary.mask().unwrap(),
            tokens: vocabulary.len(),
            seed: 42,
        };
        let all: Vec<Masked> = (0..2000).map(|i| masking.line(&lines, i, 0)).collect();
        let (mut guessed, mut hidden, mut kept, mut others) = (0.0, 0.0, 0.0, 0.0);
        for masked in &all {
            let ids = lines.ids(0); // all lines are the same
            assert!(masked.places.iter().all(|&p| 0 < p && p < ids.len() - 1));
            for (&place, &token) in masked.places.iter().zip(&masked.tokens) {
                assert_eq!(token, ids[place]);
                guessed += 1.0;
                hidden += f64::from(u8::from(masked.ids[place] == i64::from(masking.mask)));
                kept += f64::from(u8::from(masked.ids[place] == token));
            }
            let changed = (0..ids.len()).filter(|&p| masked.ids[p] != ids[p]);
            assert!(changed.into_iter().all(|p| masked.places.contains(&p)));
            others += (ids.len() - 2) as f64;
        }
        assert!(
            (guessed / others - 0.15_f64).abs() < 0.01,
            "{}",
            guessed / others
        );
        assert!(
            (hidden / guessed - 0.8_f64).abs() < 0.02,
            "{}",
            hidden / guessed
        );
        // A random token is now and then the one that stood there.
        assert!(
            (kept / guessed - 0.1_f64).abs() < 0.02,
            "{}",
            kept / guessed
        );

        assert_eq!(masking.line(&lines, 7, 0), all[7]);
        let other =
            |masking: Masking, epoch| (0..50).any(|i| masking.line(&lines, i, epoch) != all[i]);
        assert!(other(masking, 1));
        assert!(other(
            Masking {
                seed: 43,
                ..masking
            },
            0
        ));
        assert!((1..50).any(|i| all[i] != all[0]));
    }
}
