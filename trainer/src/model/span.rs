//! Spans of a paragraph: the loss of their start and end, and the best one.
//!
//! Shapes: b = paragraph, t = position; the last dimension of the logits is start and end.

use tch::{Kind, Tensor};

use crate::model::heads::outside;

/// Most tokens of an answer.
const LONGEST: i64 = 30;

/// The mean of the cross-entropies of start and end. No position behind the input's last token counts.
pub(crate) fn loss(
    logits_bt2: &Tensor,
    [start_b, end_b]: [&Tensor; 2],
    length_b: &Tensor,
) -> Tensor {
    let of = |end: i64, place_b: &Tensor| {
        let logits_bt = logits_bt2.select(-1, end);
        let outside = outside(length_b, &logits_bt);
        let inside = logits_bt.masked_fill(&outside, f64::NEG_INFINITY);
        inside.cross_entropy_for_logits(place_b)
    };
    (of(0, start_b) + of(1, end_b)) / 2.0
}

/// The span with the highest sum of its start's and end's logits, b × 3 in fp64: its first token, its last one, and by how
/// much the sum is above that of the first position, which stands for no answer. The span lies in the paragraph and
/// has at most 30 tokens.
pub(crate) fn best(logits_bt2: &Tensor, first_b: &Tensor, length_b: &Tensor) -> Tensor {
    let logits_bt2 = logits_bt2.to_kind(Kind::Double);
    let t = logits_bt2.size()[1];
    let place_t = Tensor::arange(t, (Kind::Int64, logits_bt2.device()));
    let [start_bt, end_bt] = [0, 1].map(|end| logits_bt2.select(-1, end));
    let none_b = start_bt.select(1, 0) + end_bt.select(1, 0);
    // The end token behind the paragraph is no part of an answer.
    let last_b1 = (length_b - 1).unsqueeze(1);
    let row_1t = place_t.unsqueeze(0);
    let outside_bt = row_1t
        .lt_tensor(&first_b.unsqueeze(1))
        .logical_or(&row_1t.ge_tensor(&last_b1));
    let inside = |x_bt: &Tensor| x_bt.masked_fill(&outside_bt, f64::NEG_INFINITY);
    let sum_btt = inside(&start_bt).unsqueeze(2) + inside(&end_bt).unsqueeze(1);
    let tokens_tt = row_1t - place_t.unsqueeze(1); // end - start
    let wrong_tt = tokens_tt.lt(0).logical_or(&tokens_tt.ge(LONGEST));
    let sum_btt = sum_btt.masked_fill(&wrong_tt, f64::NEG_INFINITY);
    let (best_b, place_b) = sum_btt.flatten(1, 2).max_dim(1, false);
    let number = |x: Tensor| x.to_kind(Kind::Double);
    let start_b = number(place_b.floor_divide_scalar(t));
    let end_b = number(place_b.remainder(t));
    Tensor::stack(&[start_b, end_b, best_b - none_b], 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_span_lies_in_the_paragraph_and_ends_behind_its_start() {
        // Positions: <s> question </s> a b c </s>; the best start is behind the best end.
        let start = [1.0f64, 9.0, 9.0, 1.0, 2.0, 4.0, 9.0];
        let end = [0.5f64, 9.0, 9.0, 5.0, 3.0, 1.0, 9.0];
        let logits = Tensor::stack(&[Tensor::from_slice(&start), Tensor::from_slice(&end)], -1);
        let int = |n: i64| Tensor::from_slice(&[n]);
        let best = best(&logits.unsqueeze(0), &int(3), &int(7));
        // 1 + 5 from a to a; c to c has 5, b to b 5.
        assert_eq!(
            Vec::<f64>::try_from(best.view([3])).unwrap(),
            [3.0, 3.0, 4.5]
        );
    }

    #[test]
    fn pads_do_not_count_in_the_loss() {
        let logits = Tensor::from_slice(&[1.0f64, 2.0, 3.0, 0.0, 9.0, 9.0]).view([1, 3, 2]);
        let int = |n: i64| Tensor::from_slice(&[n]);
        let ours = loss(&logits, [&int(1), &int(0)], &int(2)).double_value(&[]);
        let of = |a: f64, b: f64| -(a.exp() / (a.exp() + b.exp())).ln();
        assert!((ours - f64::midpoint(of(3.0, 1.0), of(2.0, 0.0))).abs() < 1e-6);
    }
}
