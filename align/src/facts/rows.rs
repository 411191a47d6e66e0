//! Rows of facts and their negatives.

use std::fmt::Write as _;

use kprep_schemas::{PairExample, Split, stable_id};

use super::choice::{FactPairs, GraphFact};
use super::negatives::{FactDraw, FactDrawer};
use super::neighbours::Neighbours;
use crate::draws::Dice;

/// The names of the classes in label order.
pub const FACT_CLASSES: [&str; 2] = ["fake", "real"];

/// Which name of a concept a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactNames {
    /// The preferred one.
    Label,
    /// Any of its names, by a hash of seed and row.
    Random,
}

/// Makes the rows of facts, one after the other in the order of [`FactPairs::kept`].
pub struct FactRows<'a> {
    pairs: &'a FactPairs,
    drawer: FactDrawer<'a>,
    names: FactNames,
    seed: u64,
    negatives: u64,
    draws: Vec<FactDraw>,
    neighbours: Option<Neighbours>,
    /// Rows whose head has no fact of train beside the one that is asked.
    pub alone: u64,
    /// Negatives by how they were drawn: slot, type, random.
    pub drawn: [u64; 3],
    /// Negatives of a random concept where another way of drawing found none.
    pub at_random: u64,
    /// Negatives for which no concept was found.
    pub not_found: u64,
}

impl<'a> FactRows<'a> {
    /// Rows with so many negatives a fact, drawn in these ways in alternation.
    pub fn new(
        pairs: &'a FactPairs,
        names: FactNames,
        seed: u64,
        (negatives, draws): (u64, Vec<FactDraw>),
    ) -> Self {
        Self {
            pairs,
            drawer: FactDrawer::new(pairs),
            names,
            seed,
            negatives: if draws.is_empty() { 0 } else { negatives },
            draws,
            neighbours: None,
            alone: 0,
            drawn: [0; 3],
            at_random: 0,
            not_found: 0,
        }
    }

    /// Puts facts around the head before it: at most so many that lead to it, then as many that start from
    /// it, in the order of their ids. They are facts of train, and none is of the two concepts of the row,
    /// whatever the direction, nor of those of the fact that a negative was made of: what is missing there
    /// would tell what is asked.
    #[must_use]
    pub fn with_neighbours(mut self, most: usize) -> Self {
        self.neighbours = (most > 0).then(|| Neighbours::new(self.pairs, most));
        self
    }

    /// The row of a fact, and those of its negatives, of the fact's split.
    pub fn of(&mut self, fact: &GraphFact) -> (Split, Vec<PairExample>) {
        let id = self.pairs.id(fact);
        let [head, tail] = fact.ends;
        let relation = self.pairs.relations.get(fact.relation);
        let positive = PairExample {
            group: self.pairs.group(fact.ends),
            first: self.head((head, &id), [tail; 2], &id),
            second: self.name(tail, &id, "second"),
            first_id: self.pairs.nodes.get(head).to_owned(),
            second_id: self.pairs.nodes.get(tail).to_owned(),
            relation: relation.replace('_', " "),
            relation_id: relation.to_owned(),
            label: 1,
            class: FACT_CLASSES[1].to_owned(),
            id,
            ..PairExample::default()
        };
        let mut rows = vec![positive];
        for number in 0..self.negatives {
            match self.negative(fact, &rows[0], number) {
                Some(row) => rows.push(row),
                None => self.not_found += 1,
            }
        }
        (fact.split, rows)
    }

    /// Negative `number` of a fact: they alternate between both concepts, and are drawn in the next
    /// way.
    fn negative(
        &mut self,
        fact: &GraphFact,
        positive: &PairExample,
        number: u64,
    ) -> Option<PairExample> {
        let dice = Dice {
            seed: self.seed,
            id: &positive.id,
            number,
        };
        let asked = self.draws[dice.turn("draw", self.draws.len())];
        let place = (dice.turn("replaced", 2), asked);
        let (replaced, node, draw) = self.drawer.draw(fact, place, &dice)?;
        self.drawn[draw as usize] += 1;
        self.at_random += u64::from(draw != asked);
        let place = ["first", "second"][replaced];
        let node_id = self.pairs.nodes.get(node).to_owned();
        let id = stable_id([positive.id.as_bytes(), place.as_bytes(), node_id.as_bytes()]);
        let mut row = PairExample {
            label: 0,
            class: FACT_CLASSES[0].to_owned(),
            positive: positive.id.clone(),
            replaced: place.to_owned(),
            negative: draw.name().to_owned(),
            id,
            ..positive.clone()
        };
        let [head, tail] = fact.ends;
        if replaced == 0 {
            row.first = self.head((node, &row.id), [tail; 2], &row.id);
            row.first_id = node_id;
        } else {
            // It keeps its name, but what is around it must not tell what the true tail is.
            row.first = self.head((head, &positive.id), [tail, node], &row.id);
            row.second = self.name(node, &row.id, place);
            row.second_id = node_id;
        }
        Some(row)
    }

    /// The head of a row: what is around it but for facts with the `hidden` concepts, and its name, which
    /// is drawn for the row `named`.
    fn head(&mut self, (head, named): (u32, &str), hidden: [u32; 2], id: &str) -> String {
        let name = self.name(head, named, "first");
        let Some(neighbours) = &self.neighbours else {
            return name;
        };
        let mut text = String::new();
        for fact in neighbours.of(self.pairs, head, hidden) {
            let [from, to] = fact.ends.map(|node| {
                if node == head {
                    name.clone()
                } else {
                    self.name(node, id, "neighbour")
                }
            });
            let relation = self.pairs.relations.get(fact.relation).replace('_', " ");
            let _ = write!(text, "{from} {relation} {to}; ");
        }
        self.alone += u64::from(text.is_empty());
        text + &name
    }

    fn name(&self, node: u32, id: &str, place: &str) -> String {
        let names = &self.pairs.names[node as usize];
        let dice = Dice {
            seed: self.seed,
            id,
            number: 0,
        };
        let name = match self.names {
            FactNames::Label => names.first(),
            FactNames::Random => dice.one(names, place, 0),
        };
        name.cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Concept, Fact, Splitter};

    use super::super::{FactLoss, FactPairsOptions, FactSplit};
    use super::*;

    fn fact(head: &str, relation: &str, tail: &str, source: &str) -> Fact {
        let [head, relation, tail, source] = [head, relation, tail, source].map(str::to_owned);
        Fact {
            head,
            relation,
            tail,
            source,
        }
    }

    fn pairs(options: &FactPairsOptions) -> FactPairs {
        let mut pairs = FactPairs::default();
        for (id, name) in [
            ("d1", "flu"),
            ("d2", "cold"),
            ("s1", "fever"),
            ("s2", "Flu"),
        ] {
            pairs.add_concept(&Concept {
                id: id.into(),
                label: name.into(),
                names: [format!("{name}?")].iter().collect(),
                types: [&id[..1]].into(),
                ..Concept::default()
            });
        }
        for row in [
            fact("d1", "has_symptom", "s1", "train.txt"),
            fact("d2", "has_symptom", "s1", "dir/valid2id.txt"),
            fact("d1", "has_symptom", "s2", "test.txt"),
            fact("d1", "has_symptom", "s1", "test.txt"),
            fact("d1", "has_symptom", "s9", "test.txt"),
            fact("d2", "has_symptom", "s2", "other.txt"),
            fact("d2", "isa", "d1", "test.tsv.gz"),
        ] {
            pairs.add_fact(&row, options);
        }
        pairs.finish(options);
        pairs
    }

    #[test]
    fn facts_are_lost_for_their_reasons() {
        let options = FactPairsOptions {
            min_facts: 2,
            split: FactSplit::Source,
        };
        let pairs = pairs(&options);
        let lost: Vec<_> = pairs
            .lost
            .iter()
            .map(|&(loss, fact)| (loss, pairs.show(fact)))
            .collect();
        let expected = [
            (FactLoss::SameName, "d1 has_symptom s2"),
            (FactLoss::Repeated, "d1 has_symptom s1"),
            (FactLoss::NoName, "d1 has_symptom s9"),
            (FactLoss::NoSplit, "d2 has_symptom s2"),
            (FactLoss::RareRelation, "d2 isa d1"),
        ];
        assert_eq!(lost, expected.map(|(loss, fact)| (loss, fact.to_owned())));
        let mut splits: Vec<_> = pairs.kept.iter().map(|fact| fact.split).collect();
        splits.sort_unstable();
        assert_eq!(splits, [Split::Train, Split::Validation]);
        assert_eq!((pairs.read, pairs.relation_count()), (7, 1));
    }

    #[test]
    fn negatives_are_no_facts_and_keep_the_relation() {
        let options = FactPairsOptions {
            min_facts: 1,
            split: FactSplit::Pair(Splitter {
                seed: 1,
                validation: 0,
                test: 0,
            }),
        };
        let pairs = pairs(&options);
        for draw in [FactDraw::Slot, FactDraw::Type, FactDraw::Random] {
            let mut rows = FactRows::new(&pairs, FactNames::Random, 1, (3, vec![draw]));
            let all: Vec<_> = pairs.kept.iter().flat_map(|fact| rows.of(fact).1).collect();
            let asked = 3 * pairs.kept.len() as u64;
            assert_eq!(rows.drawn.iter().sum::<u64>() + rows.not_found, asked);
            let negatives: Vec<_> = all.iter().filter(|row| row.label == 0).collect();
            assert!(!negatives.is_empty());
            for row in negatives {
                assert_eq!(row.relation, row.relation_id.replace('_', " "));
                let node = |id: &str| pairs.nodes.find(id).unwrap();
                let ends = [node(&row.first_id), node(&row.second_id)];
                let relation = pairs.relations.find(&row.relation_id).unwrap();
                assert!(!pairs.is_fact(ends, relation), "{row:?}");
            }
        }
    }

    fn around_the_flu() -> FactPairs {
        let options = FactPairsOptions {
            min_facts: 1,
            split: FactSplit::Source,
        };
        let mut pairs = FactPairs::default();
        for id in ["flu", "ill", "virus", "aspirin", "fever", "rest"] {
            pairs.add_concept(&Concept {
                id: id.into(),
                label: id.into(),
                ..Concept::default()
            });
        }
        for row in [
            fact("flu", "is_a", "ill", "train.txt"),
            fact("ill", "inverse_is_a", "flu", "train.txt"),
            fact("aspirin", "treats", "flu", "train.txt"),
            fact("flu", "caused_by", "virus", "train.txt"),
            fact("flu", "has_symptom", "fever", "test.txt"),
            fact("virus", "part_of", "rest", "train.txt"),
        ] {
            pairs.add_fact(&row, &options);
        }
        pairs.finish(&options);
        pairs
    }

    #[test]
    fn facts_of_train_around_the_head_are_before_it_and_never_of_the_two_concepts() {
        let pairs = around_the_flu();
        let rows = |most| {
            let mut rows = FactRows::new(&pairs, FactNames::Label, 1, (4, vec![FactDraw::Random]))
                .with_neighbours(most);
            let all: Vec<_> = pairs.kept.iter().flat_map(|fact| rows.of(fact).1).collect();
            (all, rows.alone)
        };
        let first = |rows: &[PairExample], relation: &str| {
            let mut rows = rows.iter().filter(|row| row.positive.is_empty());
            rows.find(|row| row.relation_id == relation)
                .unwrap()
                .first
                .clone()
        };
        let (all, alone) = rows(4);
        // The fact that is asked, and its inverse, are missing; that of test is nowhere.
        assert_eq!(
            first(&all, "is_a"),
            "aspirin treats flu; flu caused by virus; flu"
        );
        let parts = first(&all, "has_symptom");
        let mut parts: Vec<_> = parts.split("; ").collect();
        assert_eq!(parts.pop(), Some("flu"));
        parts.sort_unstable();
        let expected = [
            "aspirin treats flu",
            "flu caused by virus",
            "flu is a ill",
            "ill inverse is a flu",
        ];
        assert_eq!(parts, expected);
        assert_eq!(first(&all, "treats"), "aspirin");
        assert!(alone > 0);
        assert!(all.iter().all(|row| !row.first.contains("symptom")));
        // A negative with another tail does not see the true one either.
        let mut of_is_a = all.iter().filter(|row| row.relation_id == "is_a");
        assert!(of_is_a.any(|row| row.replaced == "second"));
        for row in all
            .iter()
            .filter(|row| row.relation_id == "is_a" && row.first_id == "flu")
        {
            assert!(!row.first.contains("ill"), "{row:?}");
        }
        // One in each direction; none: the name alone.
        let one = first(&rows(1).0, "has_symptom");
        assert_eq!(one.matches("; ").count(), 2);
        assert_eq!(first(&rows(0).0, "has_symptom"), "flu");
    }
}
