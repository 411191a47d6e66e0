//! Spans pooled: what stands for each of several spans, from the features of its tokens.
//!
//! Shapes: s = slot (a span, or one side of it), n = token that a slot reads, h = width of a feature.

use tch::{Device, Kind, Tensor};

use crate::model::heads::side_by_side;

/// The tokens that each slot reads, one slot after the other.
pub struct Pooled {
    /// The tokens, as indexes into the batch's positions one sentence after the other, int64.
    pub place_n: Tensor,
    /// The slot that each is a token of, int64.
    pub slot_n: Tensor,
    /// Its share of the slot, fp32.
    pub weight_n: Tensor,
    /// How many slots there are.
    pub slots: i64,
    /// The place of each in a table of all slots, int64.
    at_n: Tensor,
    /// Most tokens of a slot: the width of the table.
    longest: i64,
}

impl Pooled {
    /// Slots by their tokens, all of which have the same share of it. None is empty.
    pub fn new(slots: &[Vec<usize>]) -> Self {
        let each = || {
            let slots = slots.iter().enumerate();
            slots.flat_map(|(slot, places)| places.iter().map(move |&place| (slot, place)))
        };
        let longest = slots.iter().map(Vec::len).max().unwrap_or(0);
        let at = slots.iter().enumerate();
        let at = at.flat_map(|(slot, places)| (0..places.len()).map(move |i| slot * longest + i));
        let int64 = |values: Vec<i64>| Tensor::from_slice(&values);
        let weights = slots
            .iter()
            .flat_map(|places| places.iter().map(|_| 1.0 / places.len() as f32));
        Self {
            place_n: int64(each().map(|(_, place)| place as i64).collect()),
            slot_n: int64(each().map(|(slot, _)| slot as i64).collect()),
            weight_n: Tensor::from_slice(&weights.collect::<Vec<f32>>()),
            slots: slots.len() as i64,
            at_n: int64(at.map(|at| at as i64).collect()),
            longest: longest as i64,
        }
    }

    /// The same on a device.
    #[must_use]
    pub fn to_device(&self, device: Device) -> Self {
        Self {
            place_n: self.place_n.to_device(device),
            slot_n: self.slot_n.to_device(device),
            weight_n: self.weight_n.to_device(device),
            slots: self.slots,
            at_n: self.at_n.to_device(device),
            longest: self.longest,
        }
    }

    /// The mean of each slot's features, s × h in fp32, from those of its tokens, n × h.
    pub fn mean(&self, features_nh: &[Tensor]) -> Tensor {
        self.sum(&side_by_side(features_nh), &self.weight_n)
    }

    /// The mean weighted by the softmax of `score_n` within each slot, s × h.
    pub fn attended(&self, all_nh: &Tensor, score_n: &Tensor) -> Tensor {
        let none = (Kind::Float, score_n.device());
        let table = Tensor::full([self.slots * self.longest], f64::NEG_INFINITY, none);
        let score_sl = table
            .scatter(0, &self.at_n, score_n)
            .view([self.slots, self.longest]);
        let share_sl = score_sl.softmax(-1, Kind::Float);
        self.sum(all_nh, &share_sl.view([-1]).index_select(0, &self.at_n))
    }

    fn sum(&self, all_nh: &Tensor, weight_n: &Tensor) -> Tensor {
        let none = Tensor::zeros(
            [self.slots, all_nh.size()[1]],
            (Kind::Float, all_nh.device()),
        );
        let weighted_nh = all_nh * weight_n.unsqueeze(1);
        none.index_add(0, &self.slot_n, &weighted_nh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(x: &Tensor) -> Vec<Vec<f64>> {
        let x = x.to_kind(Kind::Double);
        (0..x.size()[0])
            .map(|i| Vec::try_from(x.get(i)).unwrap())
            .collect()
    }

    #[test]
    fn slots_are_means_of_their_tokens() {
        let pooled = Pooled::new(&[vec![4, 6], vec![5]]);
        assert_eq!(Vec::<i64>::try_from(&pooled.place_n).unwrap(), [4, 6, 5]);
        let one = Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]).view([3, 2]);
        let other = Tensor::from_slice(&[7.0f32, 8.0, 9.0]).view([3, 1]);
        let found = rows(&pooled.mean(&[one, other]));
        assert_eq!(found, [vec![2.0, 3.0, 7.5], vec![5.0, 6.0, 9.0]]);
    }

    #[test]
    fn attention_is_a_softmax_within_each_slot() {
        let pooled = Pooled::new(&[vec![0, 1], vec![2]]);
        let all = Tensor::from_slice(&[1.0f32, 2.0, 5.0]).view([3, 1]);
        // e^100 is no fp32 number.
        let scores = Tensor::from_slice(&[100.0f32, 100.0 + 3f32.ln(), -100.0]);
        let found = rows(&pooled.attended(&all, &scores));
        assert!(
            (found[0][0] - (0.25 * 1.0 + 0.75 * 2.0)).abs() < 1e-5,
            "{found:?}"
        );
        assert_eq!(found[1], [5.0]);
    }
}
