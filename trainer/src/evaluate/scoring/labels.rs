//! Entity typing: several types an entity.

use super::{Prf, mean, share};

/// The types of an entity, and those predicted: ascending and without repetition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// The labels.
    pub gold: Vec<u32>,
    /// The predictions.
    pub predicted: Vec<u32>,
}

impl Typed {
    fn right(&self) -> u64 {
        let both = self
            .gold
            .iter()
            .filter(|class| self.predicted.contains(class));
        both.count() as u64
    }
}

/// Micro-averaged precision, recall and F1 over all pairs of an entity and a type: OpenEntity's score, and FIGER's
/// loose micro.
pub fn micro(all: &[Typed]) -> Prf {
    let sum = |of: fn(&Typed) -> u64| all.iter().map(of).sum();
    Prf::of_counts(
        sum(Typed::right),
        sum(|one| one.predicted.len() as u64),
        sum(|one| one.gold.len() as u64),
    )
}

/// Loose macro of FIGER (Ling and Weld, 2012): precision is the mean over entities, recall, too, and F1 is that of
/// the two means. An entity without a prediction has precision 0.
pub fn loose_macro(all: &[Typed]) -> Prf {
    let mean_of = |whole: fn(&Typed) -> usize| {
        let shares = all.iter().map(|one| share(one.right(), whole(one) as u64));
        mean(&shares.collect::<Vec<_>>())
    };
    Prf::of_shares(
        mean_of(|one| one.predicted.len()),
        mean_of(|one| one.gold.len()),
    )
}

/// Share of the entities whose types are predicted exactly: FIGER's strict accuracy.
pub fn strict(all: &[Typed]) -> f64 {
    let exact = all.iter().filter(|one| one.gold == one.predicted);
    share(exact.count() as u64, all.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_pairs_are_averaged_as_by_hand() {
        let typed = |gold: &[u32], predicted: &[u32]| Typed {
            gold: gold.to_vec(),
            predicted: predicted.to_vec(),
        };
        let all = [
            typed(&[0, 1], &[0, 1]),
            typed(&[2], &[1, 2]),
            typed(&[0, 3], &[]),
        ];
        assert_eq!(strict(&all), 1.0 / 3.0);
        assert_eq!(micro(&all), Prf::of_counts(3, 4, 5));
        assert_eq!(loose_macro(&all), Prf::of_shares(0.5, 2.0 / 3.0));
    }
}
