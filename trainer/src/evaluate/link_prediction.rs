//! Link prediction: how high the right head or tail of a fact ranks among all entities ("filtered", Bordes et al., 2013:
//! other right answers do not count).

use std::collections::BTreeMap;

use kprep_schemas::Split;
use rustc_hash::FxHashMap;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::data::facts::{Facts, Numbered};
use crate::data::tensors::int64;
use crate::evaluate::ranks::Ranking;
use crate::model::transe::TransE;

/// Facts asked for together.
const BLOCK: usize = 256;

/// The ranks of both ends of each fact of a split. Among entities that are as near, the answer stands in the middle.
///
/// Memory: the distances of 256 facts to all entities.
///
/// # Errors
/// [`crate::Error::Torch`].
pub fn of_vectors(model: &TransE, facts: &Facts, split: Split) -> Result<Ranking> {
    let mut ranks = Vec::new();
    for end in [2, 0] {
        let others = facts.others(end);
        for block in facts.of_split(split).chunks(BLOCK) {
            let rows = columns(block, model.entities_nd.device());
            let distances_bn = model.distances(&rows, end == 2);
            let distances_bn = distances_bn.to_device(Device::Cpu).to_kind(Kind::Float);
            for (row, fact) in (0..).zip(block) {
                let distances = Vec::<f32>::try_from(distances_bn.get(row))?;
                let right = &others[&[fact[2 - end], fact[1]]];
                ranks.push(rank(&distances, fact[end], right));
            }
        }
    }
    Ok(Ranking::of(&ranks))
}

/// The same of a baseline that knows no vectors: the more often an entity was that end of the relation in train, the
/// higher it ranks.
pub fn of_frequencies(facts: &Facts, split: Split) -> Ranking {
    let mut ranks = Vec::new();
    for end in [2, 0] {
        let mut counts: FxHashMap<u32, BTreeMap<u32, u32>> = FxHashMap::default();
        for fact in facts.of_split(Split::Train) {
            let of_relation = counts.entry(fact[1]).or_default();
            *of_relation.entry(fact[end]).or_default() += 1;
        }
        let others = facts.others(end);
        let (none, all) = (BTreeMap::new(), facts.entities.len());
        for fact in facts.of_split(split) {
            let seen = counts.get(&fact[1]).unwrap_or(&none);
            let right = &others[&[fact[2 - end], fact[1]]];
            let count = |entity: &u32| seen.get(entity).copied().unwrap_or(0);
            let own = count(&fact[end]);
            let is_other = |entity: &u32| !right.contains(entity);
            let more = seen
                .iter()
                .filter(|(entity, count)| **count > own && is_other(entity));
            let as_many = if own > 0 {
                seen.iter()
                    .filter(|(entity, count)| **count == own && is_other(entity))
                    .count()
            } else {
                let unseen = right.iter().filter(|entity| count(entity) == 0);
                all - seen.len() - unseen.count()
            };
            ranks.push(1 + more.count() + as_many / 2);
        }
    }
    Ranking::of(&ranks)
}

/// Heads, relations and tails as tensors of int64.
pub(crate) fn columns(facts: &[Numbered], device: Device) -> [Tensor; 3] {
    [0, 1, 2].map(|i| int64(facts.iter().map(|fact| fact[i] as usize)).to_device(device))
}

/// The rank of the answer among the entities that are not right.
fn rank(distances: &[f32], answer: u32, right: &[u32]) -> usize {
    let own = distances[answer as usize];
    let nearer = |distance: &f32| *distance < own;
    let as_near = |distance: &f32| *distance == own;
    let count = |is: &dyn Fn(&f32) -> bool| {
        let all = distances.iter().filter(|distance| is(distance)).count();
        let of_right = right
            .iter()
            .filter(|&&entity| is(&distances[entity as usize]));
        all - of_right.count()
    };
    1 + count(&nearer) + count(&as_near) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_right_answers_do_not_count_and_ties_count_half() {
        let distances = [0.1, 0.5, 0.3, 0.5, 0.5, 0.5, 0.9];
        // Nearer: 0 and 2, of which 2 is right, too; as near: 3, 4, 5, of which 5 is right.
        assert_eq!(rank(&distances, 1, &[1, 2, 5]), 1 + 1 + 1);
        assert_eq!(rank(&distances, 0, &[0]), 1);
        assert_eq!(rank(&distances, 6, &[6]), 7);
    }
}
