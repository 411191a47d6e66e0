//! How high the right words rank: the figures of LAMA (Petroni et al., 2019).
//!
//! A figure of all relations is the unweighted mean over relations ("macro"), as LAMA's tables have
//! it.

use std::collections::BTreeMap;

use serde::Serialize;

/// What the facts of a relation, or of all, come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Ranking {
    /// Facts asked for.
    pub facts: u64,
    /// Share of facts whose word ranks first (P@1).
    pub first: f64,
    /// Share of facts whose word is among the first ten (P@10).
    pub ten: f64,
    /// Mean of 1 / rank (MRR).
    pub reciprocal: f64,
}

impl Ranking {
    /// What these ranks, each from 1, come to.
    pub fn of(ranks: &[usize]) -> Self {
        let mean = |value: fn(usize) -> f64| {
            let sum: f64 = ranks.iter().map(|&rank| value(rank)).sum();
            sum / ranks.len().max(1) as f64
        };
        Self {
            facts: ranks.len() as u64,
            first: mean(|rank| f64::from(u8::from(rank == 1))),
            ten: mean(|rank| f64::from(u8::from(rank <= 10))),
            reciprocal: mean(|rank| 1.0 / rank as f64),
        }
    }

    /// The mean over relations, each counting the same.
    pub fn macro_mean<'a>(relations: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        let mut count = 0.0;
        for relation in relations {
            sum.facts += relation.facts;
            sum.first += relation.first;
            sum.ten += relation.ten;
            sum.reciprocal += relation.reciprocal;
            count += 1.0;
        }
        let count = f64::max(count, 1.0);
        Self {
            facts: sum.facts,
            first: sum.first / count,
            ten: sum.ten / count,
            reciprocal: sum.reciprocal / count,
        }
    }
}

/// The figures of each relation. `relations` and `ranks` are those of the same facts.
pub fn by_relation<'a>(
    relations: impl IntoIterator<Item = &'a str>,
    ranks: &[usize],
) -> BTreeMap<String, Ranking> {
    let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (relation, &rank) in relations.into_iter().zip(ranks) {
        of.entry(relation.to_owned()).or_default().push(rank);
    }
    let ranking = |(relation, ranks): (String, Vec<usize>)| (relation, Ranking::of(&ranks));
    of.into_iter().map(ranking).collect()
}

/// The rank, from 1, of a score among others: one more than those above it.
pub fn rank(scores: &[f32], answer: usize) -> usize {
    let own = scores.get(answer).copied().unwrap_or(f32::NEG_INFINITY);
    1 + scores.iter().filter(|&&score| score > own).count()
}

/// The numbers of the highest scores, the highest first; of equal ones the first.
pub fn highest(scores: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_what_is_above() {
        let scores = [0.5, 2.0, 2.0, -1.0];
        assert_eq!([0, 1, 2, 3].map(|i| rank(&scores, i)), [3, 1, 1, 4]);
        assert_eq!(highest(&scores, 3), [1, 2, 0]);
        assert_eq!(rank(&scores, 9), 5);
    }

    #[test]
    fn a_relation_counts_as_much_as_another() {
        // By hand: a: ranks 1, 2, 20; b: rank 1.
        let relations = by_relation(["a", "b", "a", "a"], &[1, 1, 2, 20]);
        let a = relations["a"];
        assert_eq!((a.facts, a.first, a.ten), (3, 1.0 / 3.0, 2.0 / 3.0));
        assert!((a.reciprocal - (1.0 + 0.5 + 0.05) / 3.0).abs() < 1e-12);
        let all = Ranking::macro_mean(relations.values());
        assert_eq!((all.facts, all.first), (4, 2.0 / 3.0));
        assert_eq!(Ranking::macro_mean([]), Ranking::default());
    }
}
