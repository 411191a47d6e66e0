//! The classes of a relation dataset, and in which order they stand.

use rustc_hash::FxHashMap;

use crate::RelationTotal;

/// The relations that reach the threshold, as classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    /// The classes in label order. One with zero rows is a class all the same: the list that gave
    /// the order has it.
    pub listed: Vec<(String, RelationTotal)>,
    /// Relations that reach the threshold and are no class, as the list does not have them.
    pub unlisted: Vec<String>,
}

impl Relations {
    /// Every relation that reaches the threshold, in the order given.
    pub fn all(kept: Vec<(String, RelationTotal)>) -> Self {
        Self {
            listed: kept,
            unlisted: Vec::new(),
        }
    }

    /// The relations of `order`, as label ids of a trained head want it: the first has label 0.
    pub fn in_order_of(order: &[String], kept: Vec<(String, RelationTotal)>) -> Self {
        let totals: FxHashMap<&str, RelationTotal> = kept
            .iter()
            .map(|(name, total)| (name.as_str(), *total))
            .collect();
        let total = |name: &String| totals.get(name.as_str()).copied().unwrap_or_default();
        let listed = order
            .iter()
            .map(|name| (name.clone(), total(name)))
            .collect();
        let names = kept.into_iter().map(|(name, _)| name);
        Self {
            listed,
            unlisted: names.filter(|name| !order.contains(name)).collect(),
        }
    }

    /// Rows of all classes.
    pub fn row_count(&self) -> u64 {
        self.listed.iter().map(|(_, total)| total.rows).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_the_order_and_keeps_classes_without_rows() {
        let total = |rows| RelationTotal { pairs: 1, rows };
        let kept = [("P17", 3), ("P19", 4), ("P36", 5)].map(|(p, n)| (p.to_owned(), total(n)));
        let order = ["P36", "P999", "P17"].map(str::to_owned);
        let relations = Relations::in_order_of(&order, kept.to_vec());
        let listed = [
            ("P36", total(5)),
            ("P999", RelationTotal::default()),
            ("P17", total(3)),
        ];
        assert_eq!(
            relations,
            Relations {
                listed: listed.map(|(p, t)| (p.to_owned(), t)).to_vec(),
                unlisted: vec!["P19".to_owned()],
            }
        );
        assert_eq!(relations.row_count(), 8);
        assert_eq!(Relations::all(kept.to_vec()).row_count(), 12);
    }
}
