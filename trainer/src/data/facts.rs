//! Facts of a knowledge graph as numbers: entities and relations by their places in sorted lists.

use std::collections::BTreeSet;

use kprep_schemas::{Dataset, Fact, GroupBy, Record, Split, Splitter};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::data::random::Random;
use crate::{Error, Result};

/// Head, relation, tail.
pub type Numbered = [u32; 3];

/// The facts of a dataset, each once.
///
/// Memory: the ids, and about 80 bytes a fact.
pub struct Facts {
    /// Ids of the entities, sorted.
    pub entities: Vec<String>,
    /// Names of the relations, sorted.
    pub relations: Vec<String>,
    splits: [Vec<Numbered>; 3],
    /// All of them, to tell what is no fact.
    known: FxHashSet<Numbered>,
}

impl Facts {
    /// Reads them. Of a dataset without splits a share is held out for the test: `test_percent` of the pairs in
    /// either direction, so that no inverse of a fact gives it away.
    ///
    /// # Errors
    /// What [`Dataset::rows`] says; [`Error::Unusable`] for a dataset without facts to learn from or to test with.
    pub fn read(dataset: &Dataset, test_percent: u8, seed: u64) -> Result<Self> {
        let splitter = Splitter {
            seed,
            validation: 0,
            test: test_percent,
        };
        let has_splits = dataset.manifest.splits().nth(1).is_some();
        let mut rows: Vec<(Split, Fact)> = Vec::new();
        for split in Split::ALL {
            for row in dataset.rows::<Fact>(split)? {
                let row = row?;
                let own = || splitter.split(&row.group(GroupBy::Pair));
                rows.push((if has_splits { split } else { own() }, row));
            }
        }
        let facts = Self::of(&rows);
        if facts.of_split(Split::Train).is_empty() || facts.of_split(Split::Test).is_empty() {
            return Err(Error::Unusable {
                path: dataset.dir.clone(),
                reason: "has no facts to learn from, or none to test with".to_owned(),
            });
        }
        Ok(facts)
    }

    fn of(rows: &[(Split, Fact)]) -> Self {
        let sorted = |names: BTreeSet<&str>| -> Vec<String> {
            names.into_iter().map(str::to_owned).collect()
        };
        let ends = rows.iter().flat_map(|(_, row)| [&*row.head, &*row.tail]);
        let entities = sorted(ends.collect());
        let relations = sorted(rows.iter().map(|(_, row)| &*row.relation).collect());
        let number = |names: &[String], name: &str| {
            let place = names.binary_search_by(|other| other.as_str().cmp(name));
            place.unwrap_or_default() as u32 // every name is there
        };
        let mut splits: [Vec<Numbered>; 3] = Default::default();
        let mut known = FxHashSet::default();
        for (split, row) in rows {
            let fact = [
                number(&entities, &row.head),
                number(&relations, &row.relation),
                number(&entities, &row.tail),
            ];
            if known.insert(fact) {
                splits[*split as usize].push(fact);
            }
        }
        Self {
            entities,
            relations,
            splits,
            known,
        }
    }

    /// The facts of a split.
    pub fn of_split(&self, split: Split) -> &[Numbered] {
        &self.splits[split as usize]
    }

    /// The fact with its head or its tail replaced by any other entity, so that it is no fact of any split. Where
    /// there seems to be none, it is replaced by chance alone.
    pub(crate) fn corrupted(&self, fact: Numbered, random: &mut Random) -> Numbered {
        const TRIES: usize = 100;
        let end = if random.below(2) == 0 { 0 } else { 2 };
        let mut other = fact;
        for _ in 0..TRIES {
            other[end] = random.below(self.entities.len()) as u32;
            if !self.known.contains(&other) {
                break;
            }
        }
        other
    }

    /// For each pair of one end and a relation, the other ends of its facts. `end` is where the other end stands: 0 for
    /// heads, 2 for tails.
    pub(crate) fn others(&self, end: usize) -> FxHashMap<[u32; 2], Vec<u32>> {
        let mut others: FxHashMap<[u32; 2], Vec<u32>> = FxHashMap::default();
        for fact in self.splits.iter().flatten() {
            let key = [fact[2 - end], fact[1]];
            others.entry(key).or_default().push(fact[end]);
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let fact = |head: &str, relation: &str, tail: &str| Fact {
            head: head.into(),
            relation: relation.into(),
            tail: tail.into(),
            source: String::new(),
        };
        Facts::of(&[
            (Split::Train, fact("b", "r", "a")),
            (Split::Train, fact("b", "r", "a")),
            (Split::Test, fact("b", "r", "c")),
            (Split::Train, fact("a", "q", "c")),
        ])
    }

    #[test]
    fn they_are_numbered_in_the_order_of_their_names_and_counted_once() {
        let facts = facts();
        assert_eq!(facts.entities, ["a", "b", "c"]);
        assert_eq!(facts.relations, ["q", "r"]);
        assert_eq!(facts.of_split(Split::Train), [[1, 1, 0], [0, 0, 2]]);
        assert_eq!(facts.of_split(Split::Test), [[1, 1, 2]]);
        assert_eq!(facts.others(2)[&[1, 1]], [0, 2]);
        assert_eq!(facts.others(0)[&[2, 0]], [0]);
    }

    #[test]
    fn what_is_corrupted_is_no_fact_and_keeps_one_end() {
        let facts = facts();
        let mut random = Random::new(42, 0);
        for _ in 0..200 {
            let other = facts.corrupted([1, 1, 0], &mut random);
            assert!(!facts.known.contains(&other), "{other:?}");
            let [head, relation, tail] = other;
            assert!(relation == 1 && (head == 1) != (tail == 0), "{other:?}");
        }
    }
}
