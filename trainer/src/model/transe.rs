//! `TransE` (Bordes et al., 2013): a vector for each entity and each relation, so that head + relation is near the tail
//! of a fact, and far from that of what is no fact.
//!
//! Shapes: n = entity, m = relation, d = number of a vector, b = fact of a batch.

use tch::{Device, Kind, Tensor};

use crate::config::embedding::Distance;

/// The vectors.
pub struct TransE {
    /// Those of the entities, of length 1 when they were last changed.
    pub entities_nd: Tensor,
    /// Those of the relations.
    pub relations_md: Tensor,
    distance: Distance,
}

/// Facts, and beside each one that is none: indexes of rows, int64.
pub struct Pairs {
    /// Heads, relations and tails of the facts.
    pub facts_b: [Tensor; 3],
    /// The same of those that are none; their relations are the facts' own.
    pub others_b: [Tensor; 3],
}

impl TransE {
    /// Vectors drawn from the seed as the paper has it: evenly between ±6/√d, those of relations then scaled to length 1.
    pub fn new(sizes: [i64; 2], dimension: i64, distance: Distance, seed: u64) -> Self {
        tch::manual_seed(seed as i64);
        let bound = 6.0 / (dimension as f64).sqrt();
        let drawn = |rows| {
            let mut drawn = Tensor::empty([rows, dimension], (Kind::Float, Device::Cpu));
            drawn.uniform_(-bound, bound)
        };
        let [entities, relations] = sizes;
        Self {
            entities_nd: drawn(entities),
            relations_md: scaled(&drawn(relations)),
            distance,
        }
    }

    /// The same on another device.
    #[must_use]
    pub fn to_device(self, device: Device) -> Self {
        Self {
            entities_nd: self.entities_nd.to_device(device),
            relations_md: self.relations_md.to_device(device),
            ..self
        }
    }

    /// One step of gradient descent on the mean over facts of max(0, margin + distance − distance of what is none), and
    /// that mean. The entities of the batch are scaled to length 1 first.
    pub fn step(&mut self, pairs: &Pairs, margin: f64, rate: f64) -> f64 {
        let _guard = tch::no_grad_guard();
        let [head_b, relation_b, tail_b] = &pairs.facts_b;
        let [other_head_b, _, other_tail_b] = &pairs.others_b;
        let touched = Tensor::cat(&[head_b, tail_b, other_head_b, other_tail_b], 0);
        let rows = scaled(&self.entities_nd.index_select(0, &touched));
        let _ = self.entities_nd.index_copy_(0, &touched, &rows);

        let gap_bd = self.gaps(&pairs.facts_b);
        let other_gap_bd = self.gaps(&pairs.others_b);
        let loss_b = margin + self.length(&gap_bd) - self.length(&other_gap_bd);
        let loss_b = loss_b.clamp_min(0.0);
        // What is far enough apart already has no gradient.
        let active_b1 = loss_b.gt(0.0).to_kind(Kind::Float).unsqueeze(-1) * rate;
        let pull_bd = self.direction(&gap_bd) * &active_b1;
        let push_bd = self.direction(&other_gap_bd) * &active_b1;
        for (rows, change_bd) in [
            (head_b, pull_bd.neg()),
            (tail_b, pull_bd.shallow_clone()),
            (other_head_b, push_bd.shallow_clone()),
            (other_tail_b, push_bd.neg()),
        ] {
            let _ = self.entities_nd.index_add_(0, rows, &change_bd);
        }
        let _ = self
            .relations_md
            .index_add_(0, relation_b, &(push_bd - pull_bd));
        loss_b.mean(Kind::Double).double_value(&[])
    }

    /// How far each entity is from where the tail (or the head) of each fact should be: b × n.
    pub fn distances(&self, facts_b: &[Tensor; 3], of_tails: bool) -> Tensor {
        let [head_b, relation_b, tail_b] = facts_b;
        let relation_bd = self.relations_md.index_select(0, relation_b);
        let place_bd = if of_tails {
            self.entities_nd.index_select(0, head_b) + relation_bd
        } else {
            self.entities_nd.index_select(0, tail_b) - relation_bd
        };
        let p = match self.distance {
            Distance::L1 => 1.0,
            Distance::L2 => 2.0,
        };
        Tensor::cdist(&place_bd, &self.entities_nd, p, None)
    }

    /// head + relation − tail.
    fn gaps(&self, [head_b, relation_b, tail_b]: &[Tensor; 3]) -> Tensor {
        let entity = |rows: &Tensor| self.entities_nd.index_select(0, rows);
        entity(head_b) + self.relations_md.index_select(0, relation_b) - entity(tail_b)
    }

    fn length(&self, gap_bd: &Tensor) -> Tensor {
        match self.distance {
            Distance::L1 => gap_bd.abs().sum_dim_intlist(-1, false, Kind::Float),
            Distance::L2 => gap_bd
                .square()
                .sum_dim_intlist(-1, false, Kind::Float)
                .sqrt(),
        }
    }

    /// The gradient of the length.
    fn direction(&self, gap_bd: &Tensor) -> Tensor {
        match self.distance {
            Distance::L1 => gap_bd.sign(),
            Distance::L2 => scaled(gap_bd),
        }
    }
}

/// Rows scaled to length 1.
fn scaled(rows: &Tensor) -> Tensor {
    let squares = rows.square().sum_dim_intlist(-1, true, Kind::Float);
    rows / squares.sqrt().clamp_min(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(numbers: [[i64; 2]; 3]) -> [Tensor; 3] {
        numbers.map(|column| Tensor::from_slice(&column))
    }

    /// The loss of the same vectors by libtorch's autograd, and its gradients.
    fn by_autograd(model: &TransE, pairs: &Pairs, margin: f64) -> (f64, [Tensor; 2]) {
        let leaf = |tensor: &Tensor| tensor.copy().set_requires_grad(true);
        let copy = TransE {
            entities_nd: leaf(&model.entities_nd),
            relations_md: leaf(&model.relations_md),
            distance: model.distance,
        };
        let near = copy.length(&copy.gaps(&pairs.facts_b));
        let far = copy.length(&copy.gaps(&pairs.others_b));
        let loss_b = (margin + near - far).relu();
        let leaves = [copy.entities_nd, copy.relations_md];
        let sum = loss_b.sum(Kind::Float);
        let grads = Tensor::run_backward(&[sum], &leaves, false, false);
        let mean = loss_b.mean(Kind::Double).double_value(&[]);
        (mean, grads.try_into().unwrap())
    }

    #[test]
    fn a_step_goes_against_the_gradient_of_autograd() {
        for distance in [Distance::L1, Distance::L2] {
            let mut model = TransE::new([4, 2], 3, distance, 42);
            // Of length 1 already, so that a step moves by the gradient alone.
            model.entities_nd = scaled(&model.entities_nd);
            let pairs = Pairs {
                facts_b: rows([[0, 1], [0, 1], [1, 2]]),
                others_b: rows([[0, 3], [0, 1], [3, 2]]),
            };
            let (expected, grads) = by_autograd(&model, &pairs, 2.0);
            let before = [&model.entities_nd, &model.relations_md].map(Tensor::copy);
            let loss = model.step(&pairs, 2.0, 0.01);
            assert!(expected > 0.0 && (loss - expected).abs() < 1e-6);
            let after = [&model.entities_nd, &model.relations_md];
            for ((before, after), grad) in before.iter().zip(after).zip(&grads) {
                let difference = (before - grad * 0.01 - after).abs().max();
                assert!(difference.double_value(&[]) < 1e-6, "{distance:?}");
            }
        }
    }

    #[test]
    fn distances_are_those_of_the_replaced_end() {
        for distance in [Distance::L1, Distance::L2] {
            let model = TransE::new([5, 2], 3, distance, 7);
            let facts = rows([[0, 4], [1, 0], [2, 3]]);
            for of_tails in [true, false] {
                let all_bn = model.distances(&facts, of_tails);
                for (row, other) in [(0, 3), (1, 1)] {
                    let mut replaced = [0, 1, 2].map(|i: usize| facts[i].get(row).unsqueeze(0));
                    replaced[if of_tails { 2 } else { 0 }] = Tensor::from_slice(&[other]);
                    let expected = model.length(&model.gaps(&replaced)).double_value(&[0]);
                    let found = all_bn.double_value(&[row, other]);
                    assert!((expected - found).abs() < 1e-5, "{distance:?}");
                }
            }
        }
    }
}
