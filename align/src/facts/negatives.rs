//! Concepts that take the place of one of a fact's, so that the fact is not one.

use rustc_hash::{FxHashMap, FxHashSet};

use super::choice::{FactPairs, GraphFact, is_same};
use crate::draws::Dice;

/// Draws before none is found.
const TRIES: u64 = 100;

/// How the concept that takes the place of another one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactDraw {
    /// The concept in the same place of another fact of the relation, of any split.
    Slot,
    /// A concept with a type of the one that it replaces.
    Type,
    /// A concept of any fact.
    Random,
}

impl FactDraw {
    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Type => "type",
            Self::Random => "random",
        }
    }
}

/// Draws concepts: never those of a fact, whatever the split, never of the same name, no negative twice.
///
/// Memory: 4 bytes a fact, 8 a concept and type, and 13 a negative.
pub(super) struct FactDrawer<'a> {
    pairs: &'a FactPairs,
    of_relation: FxHashMap<u32, Vec<u32>>,
    of_type: FxHashMap<u32, Vec<u32>>,
    /// Concepts of facts, each once, in the order of the facts.
    concepts: Vec<u32>,
    used: FxHashSet<[u32; 3]>,
}

impl<'a> FactDrawer<'a> {
    pub(super) fn new(pairs: &'a FactPairs) -> Self {
        let mut drawer = Self {
            pairs,
            of_relation: FxHashMap::default(),
            of_type: FxHashMap::default(),
            concepts: Vec::new(),
            used: FxHashSet::default(),
        };
        let mut seen = FxHashSet::default();
        for (number, fact) in (0..).zip(&pairs.kept) {
            let facts = drawer.of_relation.entry(fact.relation);
            facts.or_default().push(number);
            for node in fact.ends {
                if seen.insert(node) {
                    drawer.concepts.push(node);
                    for &kind in &pairs.types[node as usize] {
                        drawer.of_type.entry(kind).or_default().push(node);
                    }
                }
            }
        }
        drawer
    }

    /// Which place of a fact is replaced (0 is the head), by which concept, and how that was drawn. Where
    /// the place or the way that are asked for find none, the other place is taken, then
    /// [`FactDraw::Random`].
    pub(super) fn draw(
        &mut self,
        fact: &GraphFact,
        (replaced, asked): (usize, FactDraw),
        dice: &Dice<'_>,
    ) -> Option<(usize, u32, FactDraw)> {
        let ways = [asked, FactDraw::Random];
        let mut ways = ways
            .into_iter()
            .flat_map(|draw| [(replaced, draw), (1 - replaced, draw)]);
        let found = ways.find_map(|(replaced, draw)| {
            let mut tries = 0..TRIES;
            let node = tries.find_map(|attempt| {
                let node = self.one(fact, replaced, draw, dice, attempt)?;
                self.fits(fact, replaced, node).then_some(node)
            });
            Some((replaced, node?, draw))
        });
        let (replaced, node, _) = found?;
        self.used.insert(negative(fact, replaced, node));
        found
    }

    fn one(
        &self,
        fact: &GraphFact,
        replaced: usize,
        draw: FactDraw,
        dice: &Dice<'_>,
        attempt: u64,
    ) -> Option<u32> {
        let node = match draw {
            FactDraw::Slot => {
                let facts = &self.of_relation[&fact.relation];
                let other = dice.one(facts, "slot", attempt)?;
                self.pairs.kept[*other as usize].ends[replaced]
            }
            FactDraw::Type => {
                let types = &self.pairs.types[fact.ends[replaced] as usize];
                let kind = dice.one(types, "type", attempt)?;
                *dice.one(self.of_type.get(kind)?, "concept of type", attempt)?
            }
            FactDraw::Random => *dice.one(&self.concepts, "concept", attempt)?,
        };
        Some(node)
    }

    /// Whether the fact with another concept is none.
    fn fits(&self, fact: &GraphFact, replaced: usize, node: u32) -> bool {
        let [head, relation, tail] = negative(fact, replaced, node);
        let name = |node: u32| self.pairs.names[node as usize].first();
        let differs = |other: u32| match (name(node), name(other)) {
            (Some(a), Some(b)) => !is_same(a, b),
            _ => false,
        };
        fact.ends.into_iter().all(differs)
            && !self.pairs.is_fact([head, tail], relation)
            && !self.used.contains(&[head, relation, tail])
    }
}

fn negative(fact: &GraphFact, replaced: usize, node: u32) -> [u32; 3] {
    let mut ends = fact.ends;
    ends[replaced] = node;
    [ends[0], fact.relation, ends[1]]
}
