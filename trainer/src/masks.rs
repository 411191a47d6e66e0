//! Masked text: which pieces of a line are to be guessed, and what stands in their place (Devlin et
//! al., 2019, section 3.1).

use crate::lines::Lines;
use crate::order::Random;

/// Of all pieces so many are to be guessed.
const MASKED: f64 = 0.15;

/// What a masked line looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// Its pieces, some of them replaced.
    pub ids: Vec<i64>,
    /// Where a piece is to be guessed.
    pub places: Vec<usize>,
    /// What stood there.
    pub pieces: Vec<i64>,
}

/// How to mask.
#[derive(Debug, Clone, Copy)]
pub struct Masking {
    /// The piece that stands for what is to be guessed.
    pub mask: u32,
    /// How many pieces there are.
    pub pieces: usize,
    /// The seed.
    pub seed: u64,
}

impl Masking {
    /// Masks a line for an epoch: each of its pieces but the first and the last with a probability of
    /// 15%. Of those 80% become the mask, 10% any piece, 10% stay. A function of the seed, the epoch
    /// and the line's number alone.
    pub fn line(&self, lines: &Lines, i: usize, epoch: u64) -> Masked {
        let mut random = Random::new(self.seed ^ epoch.rotate_left(32), i as u64);
        let mut masked = Masked {
            ids: lines.ids(i).to_vec(),
            places: Vec::new(),
            pieces: Vec::new(),
        };
        let end = masked.ids.len() - 1;
        for (place, id) in masked.ids.iter_mut().enumerate().take(end).skip(1) {
            if share(random.next()) >= MASKED {
                continue;
            }
            masked.places.push(place);
            masked.pieces.push(*id);
            let kind = share(random.next());
            if kind < 0.8 {
                *id = self.mask.into();
            } else if kind < 0.9 {
                *id = random.below(self.pieces) as i64;
            }
        }
        masked
    }
}

/// A number of 64 bits as one from 0 to 1.
fn share(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
