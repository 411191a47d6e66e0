//! Cloze questions: at which rank the right word stands among all words (LAMA; Petroni et al., 2019).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{mean, share};

/// What some ranks come to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ranks {
    /// Questions.
    pub questions: u64,
    /// Share of the questions whose first word is right (P@1).
    pub p1: f64,
    /// Share of those with the right word among the first ten (P@10).
    pub p10: f64,
    /// Mean of 1 / rank (MRR).
    pub mrr: f64,
}

/// Over the ranks, from 1, of a relation's right words.
pub fn of_relation(ranks: &[u64]) -> Ranks {
    let within = |most: u64| {
        let found = ranks.iter().filter(|&&rank| rank <= most);
        share(found.count() as u64, ranks.len() as u64)
    };
    let inverse: Vec<f64> = ranks.iter().map(|&rank| 1.0 / rank.max(1) as f64).collect();
    Ranks {
        questions: ranks.len() as u64,
        p1: within(1),
        p10: within(10),
        mrr: mean(&inverse),
    }
}

/// The unweighted mean over relations, by which LAMA is ranked. Relations without a question do not count.
pub fn over_relations(relations: &BTreeMap<String, Vec<u64>>) -> Ranks {
    let each = relations.values().filter(|ranks| !ranks.is_empty());
    let each: Vec<Ranks> = each.map(|ranks| of_relation(ranks)).collect();
    let mean = |of: fn(&Ranks) -> f64| mean(&each.iter().map(of).collect::<Vec<_>>());
    Ranks {
        questions: each.iter().map(|ranks| ranks.questions).sum(),
        p1: mean(|ranks| ranks.p1),
        p10: mean(|ranks| ranks.p10),
        mrr: mean(|ranks| ranks.mrr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_count_alike_however_many_questions_they_have() {
        let relations = BTreeMap::from([
            ("P1".to_owned(), vec![1, 1, 1, 20]),
            ("P2".to_owned(), vec![2]),
            ("P3".to_owned(), vec![]),
        ]);
        let ranks = over_relations(&relations);
        assert_eq!((ranks.questions, ranks.p1, ranks.p10), (5, 0.375, 0.875));
        assert!((ranks.mrr - f64::midpoint(3.05 / 4.0, 0.5)).abs() < 1e-12);
    }
}
