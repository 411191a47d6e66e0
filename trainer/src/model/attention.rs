//! Attention between the positions of a sentence, for the backbone and the adapters alike.
//!
//! Shapes: b = sentence, t = position, h = width, n = attention head, d = size of a head.

use tch::{IndexOp, Kind, Tensor};

use crate::model::dropout::{self, DropoutRng, dropout};
use crate::model::product;

/// What each position, in `heads` parts, makes of the others: b × t × h, from queries, keys and
/// values side by side, b × t × 3h. `mask_b11t` is false at pads. Of the attention weights, a share is
/// dropped: `dropout` has it, and the random numbers.
pub(crate) fn attend(
    qkv_bt3h: &Tensor,
    heads: i64,
    mask_b11t: Option<&Tensor>,
    dropout: Option<(f64, &DropoutRng)>,
) -> Tensor {
    if product::widens(qkv_bt3h) {
        let wide = qkv_bt3h.to_kind(Kind::Float);
        return attend(&wide, heads, mask_b11t, dropout).to_kind(qkv_bt3h.kind());
    }
    let [b, t, width] = [0, 1, 2].map(|i| qkv_bt3h.size()[i]);
    let h = width / 3;
    let qkv_3bntd = qkv_bt3h
        .view([b, t, 3, heads, h / heads])
        .permute([2, 0, 3, 1, 4]);
    let dropout = dropout.filter(|(rate, _)| *rate > 0.0);
    let ours = dropout.filter(|_| dropout::is_ours(qkv_bt3h.device()));
    let attended_bntd = if let Some((rate, rng)) = ours {
        written_out(&qkv_3bntd.contiguous(), mask_b11t, rate, rng)
    } else {
        let rate = dropout.map_or(0.0, |(rate, rng)| {
            dropout::seed_libtorch(rng);
            rate
        });
        let [q, k, v] = [0, 1, 2].map(|i| qkv_3bntd.i(i));
        Tensor::scaled_dot_product_attention(&q, &k, &v, mask_b11t, rate, false, None, false)
    };
    attended_bntd.transpose(1, 2).reshape([b, t, h])
}

/// On the CPU, libtorch has no fast kernel with dropout: what it falls back to computes in fp32.
fn written_out(
    qkv_3bntd: &Tensor,
    mask_b11t: Option<&Tensor>,
    rate: f64,
    rng: &DropoutRng,
) -> Tensor {
    let kind = qkv_3bntd.kind();
    let [b, n, t, d] = [1, 2, 3, 4].map(|i| qkv_3bntd.size()[i]);
    let [q, k, v] = [0, 1, 2].map(|i| qkv_3bntd.i(i).view([b * n, t, d]));
    let none = Tensor::zeros([1], (kind, qkv_3bntd.device()));
    let mut scores = none.baddbmm(&q, &k.transpose(1, 2), 0.0, 1.0 / (d as f64).sqrt());
    if let Some(mask_b11t) = mask_b11t {
        scores = scores
            .view([b, n, t, t])
            .masked_fill(&mask_b11t.logical_not(), f64::NEG_INFINITY)
            .view([b * n, t, t]);
    }
    let weights = dropout(&scores.softmax(-1, Kind::Float), rate, Some(rng));
    weights.to_kind(kind).bmm(&v).view([b, n, t, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    #[test]
    fn what_is_written_out_is_libtorch_s_attention() {
        let [b, t, n, d] = [3, 7, 2, 4];
        let qkv = Tensor::randn([b, t, 3 * n * d], (Kind::Float, Device::Cpu));
        let mask = Tensor::from_slice(&[7i64, 4, 5])
            .view([b, 1, 1, 1])
            .gt_tensor(&Tensor::arange(t, (Kind::Int64, Device::Cpu)));
        for mask in [None, Some(&mask)] {
            let theirs = attend(&qkv, n, mask, None);
            // A rate that no element falls below.
            let rng = DropoutRng::new(1);
            let ours = attend(&qkv, n, mask, Some((1e-9, &rng)));
            let difference = (theirs - ours).abs().max().double_value(&[]);
            assert!(difference < 1e-6, "{difference}");
        }
    }
}
