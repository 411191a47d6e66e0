//! The facts around a concept.

use kprep_schemas::Split;
use rustc_hash::FxHashMap;

use super::choice::{FactPairs, GraphFact};

/// The facts of train by their heads and by their tails, in the order of [`FactPairs::kept`].
///
/// Memory: 8 bytes a fact and some 60 a concept.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// Facts that are shown in each direction.
    most: usize,
    /// By tails, by heads.
    of: [FxHashMap<u32, Vec<u32>>; 2],
}

impl Neighbours {
    /// At most so many facts that lead to a concept, and as many that start from it.
    pub(super) fn new(pairs: &FactPairs, most: usize) -> Self {
        let mut neighbours = Self {
            most,
            ..Self::default()
        };
        let of_train = (0..).zip(&pairs.kept);
        for (number, fact) in of_train.filter(|(_, fact)| fact.split == Split::Train) {
            for (of, end) in neighbours.of.iter_mut().zip([1, 0]) {
                of.entry(fact.ends[end]).or_default().push(number);
            }
        }
        neighbours
    }

    /// The first facts of train that lead to a concept, then the first that start from it, but none with
    /// one of `hidden` at its other end.
    pub(super) fn of<'a>(
        &'a self,
        pairs: &'a FactPairs,
        node: u32,
        hidden: [u32; 2],
    ) -> impl Iterator<Item = &'a GraphFact> {
        [0, 1].into_iter().flat_map(move |direction| {
            let numbers = self.of[direction].get(&node).into_iter().flatten();
            let facts = numbers.map(|&number| &pairs.kept[number as usize]);
            let shown = facts.filter(move |fact| !hidden.contains(&fact.ends[direction]));
            shown.take(self.most)
        })
    }
}
