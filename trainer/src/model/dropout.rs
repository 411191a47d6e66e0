//! Dropout, drawn fast on the CPU, and the random numbers that it draws.

use std::cell::Cell;

use kprep_schemas::stable_hash;
use tch::{Device, Tensor};

use crate::libtorch;

/// Whether [`dropout`] draws by itself on this device.
pub(crate) fn is_ours(device: Device) -> bool {
    device == Device::Cpu
}

/// The random numbers of a pass's dropout: a stream that is a function of its seed alone.
pub struct DropoutRng {
    seed: u64,
    drawn: Cell<u64>,
}

impl DropoutRng {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let drawn = Cell::new(0);
        Self { seed, drawn }
    }

    /// The next number: a hash of the seed and of how many there were before.
    pub(crate) fn draw(&self) -> u64 {
        let drawn = self.drawn.replace(self.drawn.get() + 1);
        hash(self.seed, drawn)
    }

    /// One of the streams that a seed stands for.
    pub(crate) fn of_part(seed: u64, part: u64) -> Self {
        Self::new(hash(seed, part))
    }
}

fn hash(seed: u64, number: u64) -> u64 {
    stable_hash([&seed.to_le_bytes()[..], &number.to_le_bytes()])
}

/// Each element is 0 with the probability `rate`, and the others are larger, so that the mean stays; without `rng` all stay
/// as they are. What is dropped is a function of the number that `rng` draws. On the CPU the result is fp32; on other
/// devices libtorch draws, and its generator is set to that number first.
///
/// # Panics
/// Where memory is short, as tch's functions do.
pub(crate) fn dropout(x: &Tensor, rate: f64, rng: Option<&DropoutRng>) -> Tensor {
    let Some(rng) = rng.filter(|_| rate != 0.0) else {
        return x.shallow_clone();
    };
    if is_ours(x.device()) {
        return x * libtorch::dropout_mask(&x.size(), rate, rng.draw());
    }
    seed_libtorch(rng);
    x.dropout(rate, true)
}

/// Makes what libtorch draws next a function of the next number.
pub(crate) fn seed_libtorch(rng: &DropoutRng) {
    tch::manual_seed(rng.draw() as i64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn a_share_is_dropped_everywhere_and_the_mean_stays() {
        for rate in [0.1, 0.5] {
            let mask = |seed| libtorch::dropout_mask(&[1000, 999], rate, seed);
            let y = mask(7);
            let dropped = y.eq(0.0).to_kind(Kind::Float);
            let share = dropped.mean(None).double_value(&[]);
            assert!((share - rate).abs() < 0.002, "{share}");
            let mean = y.mean(Kind::Float).double_value(&[]);
            assert!((mean - 1.0).abs() < 0.003, "{mean}");
            // No row and no column is dropped more than chance has it.
            for axis in [0, 1] {
                let shares = dropped.mean_dim(axis, false, Kind::Float);
                let deviation = shares.std(true).double_value(&[]);
                let expected = (rate * (1.0 - rate) / 1000.0).sqrt();
                assert!((deviation / expected - 1.0).abs() < 0.1, "{deviation}");
            }
            assert_eq!(y, mask(7));
            assert_ne!(y, mask(8));
            let threads = tch::get_num_threads();
            tch::set_num_threads(1);
            assert_eq!(y, mask(7));
            tch::set_num_threads(threads);
        }
    }

    #[test]
    fn the_gradient_reaches_what_was_kept() {
        let x = Tensor::ones([64], (Kind::BFloat16, Device::Cpu)).set_requires_grad(true);
        assert_eq!(dropout(&x, 0.5, None), x);
        let y = dropout(&x, 0.5, Some(&DropoutRng::new(7)));
        let grads = Tensor::run_backward(&[y.sum(Kind::Float)], &[&x], false, false);
        assert_eq!(grads[0].to_kind(Kind::Float), y.detach());
    }

    #[test]
    fn numbers_are_a_function_of_the_seed_and_differ() {
        let numbers = |seed| {
            let rng = DropoutRng::new(seed);
            (0..1000).map(|_| rng.draw()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        let mut all = [numbers(7), numbers(8)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 2000);
        let of_part = |part| DropoutRng::of_part(7, part).draw();
        assert_ne!(of_part(0), of_part(1));
        assert_eq!(of_part(1), of_part(1));
    }
}
