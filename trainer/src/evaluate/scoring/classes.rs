//! Relation classification: TACRED's micro-F1 and SemEval-2010 Task 8's official macro-F1.

use std::collections::BTreeMap;

use super::{Prf, mean};

/// What TACRED calls the class of pairs without a relation.
pub const NO_RELATION: &str = "no_relation";

/// What SemEval-2010 Task 8 calls it.
pub const OTHER: &str = "Other";

/// Micro-averaged precision, recall and F1 over all classes but `none`, as TACRED's scorer
/// (Zhang et al., 2017) counts: a pair is predicted where the prediction is not `none`, and is gold where the label
/// is not. Where nothing is predicted, precision is 1, as the scorer has it, and F1 is 0. Pairs are (label, prediction).
pub fn micro_without<T: PartialEq + Copy>(pairs: &[(T, T)], none: Option<T>) -> Prf {
    let is_none = |class: T| none == Some(class);
    let count = |holds: fn(&(T, T)) -> bool, of: fn(&(T, T)) -> T| {
        let counted = pairs
            .iter()
            .filter(|pair| !is_none(of(pair)) && holds(pair));
        counted.count() as u64
    };
    let predicted = count(|_| true, |pair| pair.1);
    let prf = Prf::of_counts(
        count(|(gold, guess)| gold == guess, |pair| pair.1),
        predicted,
        count(|_| true, |pair| pair.0),
    );
    match predicted {
        0 => Prf {
            precision: 1.0,
            ..prf
        },
        _ => prf,
    }
}

/// Counts of a relation, whatever its direction.
#[derive(Default, Clone, Copy)]
struct Relation {
    /// Relation and direction are right.
    right: u64,
    predicted: u64,
    gold: u64,
}

/// The official score of SemEval-2010 Task 8 (Hendrickx et al., 2010): (9+1)-way macro-averaged
/// F1 with directionality taken into account. A prediction with the right relation in the wrong direction counts among
/// the predictions of the relation, but is not right; `Other` is no relation of the mean; relations that do not occur
/// among the labels are not, either. Precision and recall are the means over relations. Pairs are
/// (label, prediction), such as `Cause-Effect(e2,e1)`; without a prediction an example counts as missed.
pub fn macro_directed<'a>(pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Prf {
    let mut relations: BTreeMap<&str, Relation> = BTreeMap::new();
    for (gold, guess) in pairs {
        relations.entry(undirected(gold)).or_default().gold += 1;
        if let Some(guess) = guess {
            let relation = relations.entry(undirected(guess)).or_default();
            relation.predicted += 1;
            relation.right += u64::from(gold == guess);
        }
    }
    relations.remove(OTHER);
    relations.remove("_Other"); // the scorer's own spelling
    let each: Vec<Prf> = relations
        .values()
        .filter(|relation| relation.gold > 0)
        .map(|relation| Prf::of_counts(relation.right, relation.predicted, relation.gold))
        .collect();
    let mean = |of: fn(&Prf) -> f64| mean(&each.iter().map(of).collect::<Vec<_>>());
    Prf {
        precision: mean(|prf| prf.precision),
        recall: mean(|prf| prf.recall),
        f1: mean(|prf| prf.f1),
    }
}

/// `Cause-Effect` of `Cause-Effect(e1,e2)`.
fn undirected(class: &str) -> &str {
    class.split('(').next().unwrap_or(class)
}

/// Whether class names are those of SemEval-2010 Task 8: all but one have a direction.
pub fn are_directed<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| name.ends_with("(e1,e2)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_relation_is_neither_found_nor_missed() {
        // Predicted: 3, of which 1 is right; gold: 3.
        let pairs = [(1, 1), (1, 2), (0, 2), (2, 0), (0, 0)];
        let prf = micro_without(&pairs, Some(0));
        assert_eq!(prf, Prf::of_counts(1, 3, 3));
        assert!((prf.f1 - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(micro_without(&pairs, None), Prf::of_counts(2, 5, 5));
        let none = micro_without::<u8>(&[(0, 0), (1, 0)], Some(0));
        assert_eq!((none.precision, none.recall, none.f1), (1.0, 0.0, 0.0));
    }

    #[test]
    fn a_wrong_direction_costs_precision_and_recall() {
        let pairs = [
            ("A(e1,e2)", Some("A(e1,e2)")),
            ("A(e1,e2)", Some("A(e2,e1)")),
            ("B(e2,e1)", Some("B(e2,e1)")),
            ("B(e2,e1)", Some("Other")),
            ("B(e1,e2)", None),
            ("Other", Some("B(e1,e2)")),
            ("Other", Some("C(e1,e2)")), // no relation of the labels
        ];
        // A: 1 right of 2 predicted and 2 gold; B: 1 right of 2 predicted and 3 gold.
        let prf = macro_directed(pairs);
        assert_eq!(prf.precision, 0.5);
        assert!((prf.recall - f64::midpoint(0.5, 1.0 / 3.0)).abs() < 1e-12);
        assert!((prf.f1 - f64::midpoint(0.5, 0.4)).abs() < 1e-12);
    }
}
