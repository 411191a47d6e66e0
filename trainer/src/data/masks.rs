//! Masked text: which tokens of a line are to be guessed, and what stands in their place (Devlin et
//! al., 2019, section 3.1).

use crate::data::sampler::Random;
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

/// A number of 64 bits as one from 0 to 1.
fn share(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::text_corpus::Limit;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

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
