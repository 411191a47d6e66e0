//! Matrix products in any precision on any processor.
//!
//! Where oneDNN multiplies bf16 matrices, bf16 operands go there as they are. On other processors
//! libtorch multiplies them in a plain loop, ten times as slow as it multiplies fp32 (measured with AVX2). There both
//! operands are widened to fp32, which holds each bf16 number exactly, and the result is rounded to
//! bf16: bf16 products with fp32 sums, as oneDNN's are.

use tch::{Device, Kind, Tensor};

use crate::libtorch;

/// Whether products with this operand are computed in fp32 and rounded.
pub(crate) fn widens(x: &Tensor) -> bool {
    x.kind() == Kind::BFloat16 && x.device() == Device::Cpu && !libtorch::multiplies_bf16()
}

/// `x · weightᵀ + bias`, in the operands' precision. All must be of one.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    if !widens(x) {
        return x.linear(weight, bias);
    }
    let wide = |tensor: &Tensor| tensor.to_kind(Kind::Float);
    wide(x)
        .linear(&wide(weight), bias.map(wide))
        .to_kind(Kind::BFloat16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding to bf16 costs at most 2^-8 of a number; sums in fp32 hardly add to it.
    #[test]
    fn a_product_in_bf16_is_the_exact_one_rounded_once_and_so_are_its_gradients() {
        tch::manual_seed(1);
        let random = |shape: [i64; 2]| Tensor::randn(shape, (Kind::Float, Device::Cpu));
        let operands = [random([5, 64]), random([7, 64])].map(|x| x.to_kind(Kind::BFloat16));
        let results = |kind: Kind| {
            let [x, weight] = operands
                .each_ref()
                .map(|x| x.to_kind(kind).set_requires_grad(true));
            let y = linear(&x, &weight, None);
            let grads = Tensor::run_backward(&[y.sum(kind)], &[&x, &weight], false, false);
            [&y, &grads[0], &grads[1]].map(|tensor| tensor.detach().to_kind(Kind::Double))
        };
        let (rounded, exact) = (results(Kind::BFloat16), results(Kind::Double));
        for (rounded, exact) in rounded.iter().zip(&exact) {
            let off = ((rounded - exact).abs() / (exact.abs() + 1e-2)).max();
            assert!(off.double_value(&[]) < 1.1 / 256.0, "{off}");
        }
    }
}
