//! Dropout, drawn fast on the CPU.

use tch::{Device, Kind, Tensor};

use crate::libtorch;

/// Whether [`dropout`] draws by itself on this device.
pub(crate) fn is_ours(device: Device) -> bool {
    device == Device::Cpu
}

/// While training: each element is 0 with the probability `rate`, and the others are larger, so that
/// the mean stays. What is dropped is a function of the state of libtorch's generator
/// (`tch::manual_seed`). On the CPU the result is fp32.
///
/// # Panics
/// Where memory is short, as tch's functions do.
pub(crate) fn dropout(x: &Tensor, rate: f64, train: bool) -> Tensor {
    if !train || rate == 0.0 {
        return x.shallow_clone();
    }
    if is_ours(x.device()) {
        let seed = Tensor::empty([1], (Kind::Int64, Device::Cpu)).random_();
        let seed = seed.int64_value(&[0]) as u64;
        return x * libtorch::dropout_mask(&x.size(), rate, seed);
    }
    x.dropout(rate, true)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(dropout(&x, 0.5, false), x);
        let y = dropout(&x, 0.5, true);
        let grads = Tensor::run_backward(&[y.sum(Kind::Float)], &[&x], false, false);
        assert_eq!(grads[0].to_kind(Kind::Float), y.detach());
    }
}
