//! `Graph`: concepts and the facts between them, put together by ids.

use kprep_schemas::{Concept, Fact};
use rustc_hash::FxHashSet;

use crate::interner::Interner;

/// A knowledge graph on its way to tables of [`Concept`] and [`Fact`] rows.
///
/// Memory: all names, and 28 bytes a fact.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Interner,
    relations: Interner,
    sources: Interner,
    concepts: Vec<Concept>,
    /// The concept of each node that is one, by the node's number.
    places: Vec<Option<u32>>,
    facts: Vec<[u32; 4]>,
    seen: FxHashSet<[u32; 3]>,
}

impl Graph {
    /// The concept of this id, with the id alone if it is new.
    pub fn concept(&mut self, id: &str) -> &mut Concept {
        let node = self.nodes.number(id);
        let next = self.concepts.len() as u32;
        let place = self.place(node).unwrap_or(next);
        if place == next {
            self.put(node, place);
            self.concepts.push(Concept {
                id: id.to_owned(),
                ..Concept::default()
            });
        }
        &mut self.concepts[place as usize]
    }

    /// The place of a node among the concepts, if it is one.
    fn place(&self, node: u32) -> Option<u32> {
        self.places.get(node as usize).copied().flatten()
    }

    fn put(&mut self, node: u32, place: u32) {
        let least = node as usize + 1;
        if self.places.len() < least {
            self.places.resize(least, None);
        }
        self.places[node as usize] = Some(place);
    }

    /// Whether there is a concept of this id.
    pub fn has_concept(&self, id: &str) -> bool {
        let node = self.nodes.find(id);
        node.is_some_and(|node| self.place(node).is_some())
    }

    /// Leaves out the concepts that are not `kept`. Returns their ids.
    pub fn retain_concepts(&mut self, kept: impl Fn(&Concept) -> bool) -> Vec<String> {
        let (concepts, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.concepts)
            .into_iter()
            .partition(kept);
        self.places.clear();
        for (place, concept) in (0..).zip(&concepts) {
            let node = self.nodes.number(&concept.id);
            self.put(node, place);
        }
        self.concepts = concepts;
        others.into_iter().map(|concept| concept.id).collect()
    }

    /// Adds a fact. False if it was stated before, whoever stated it.
    pub fn add_fact(&mut self, head: &str, relation: &str, tail: &str, source: &str) -> bool {
        let ends = [self.nodes.number(head), self.nodes.number(tail)];
        self.add(ends, relation, source)
    }

    /// Adds a fact between two concepts, as [`Self::add_fact`] does; `None` if one of them is not there.
    pub fn add_fact_between_concepts(
        &mut self,
        head: &str,
        relation: &str,
        tail: &str,
        source: &str,
    ) -> Option<bool> {
        let ends = [self.nodes.find(head)?, self.nodes.find(tail)?];
        let are_concepts = ends.iter().all(|&node| self.place(node).is_some());
        are_concepts.then(|| self.add(ends, relation, source))
    }

    fn add(&mut self, [head, tail]: [u32; 2], relation: &str, source: &str) -> bool {
        let relation = self.relations.number(relation);
        let is_new = self.seen.insert([head, relation, tail]);
        if is_new {
            let source = self.sources.number(source);
            self.facts.push([head, relation, tail, source]);
        }
        is_new
    }

    /// How many concepts there are.
    pub fn concept_count(&self) -> usize {
        self.concepts.len()
    }

    /// How many facts there are.
    pub fn fact_count(&self) -> usize {
        self.facts.len()
    }

    /// How many relations there are.
    pub fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// Facts about a concept that is not there, or that lead to one.
    pub fn loose_facts(&self) -> usize {
        let is_loose = |fact: &&[u32; 4]| {
            let ends = [fact[0], fact[2]];
            !ends.iter().all(|&node| self.place(node).is_some())
        };
        self.facts.iter().filter(is_loose).count()
    }

    /// Counts for each concept the facts that it is in.
    pub fn count(&mut self) {
        for &[head, _, tail, _] in &self.facts {
            let ends = if head == tail {
                &[head][..]
            } else {
                &[head, tail]
            };
            for &node in ends {
                if let Some(place) = self.place(node) {
                    self.concepts[place as usize].count += 1;
                }
            }
        }
    }

    /// The concepts, in the order in which they were first met.
    pub fn take_concepts(&mut self) -> Vec<Concept> {
        self.places.clear();
        std::mem::take(&mut self.concepts)
    }

    /// The facts, in the order in which they were added.
    pub fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        self.facts
            .iter()
            .map(|&[head, relation, tail, source]| Fact {
                head: self.nodes.get(head).to_owned(),
                relation: self.relations.get(relation).to_owned(),
                tail: self.nodes.get(tail).to_owned(),
                source: self.sources.get(source).to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_and_facts_are_there_once() {
        let mut graph = Graph::default();
        graph.concept("a").label = "A".into();
        assert!(graph.add_fact("a", "isa", "b", "x"));
        assert!(!graph.add_fact("a", "isa", "b", "y"));
        assert!(graph.add_fact("a", "isa", "a", "x"));
        assert_eq!(graph.concept("a").label, "A");
        assert!(!graph.has_concept("b"));
        assert_eq!(
            graph.add_fact_between_concepts("a", "isa", "a", "y"),
            Some(false)
        );
        assert_eq!(graph.add_fact_between_concepts("a", "isa", "b", "y"), None);
        assert_eq!(graph.add_fact_between_concepts("c", "isa", "a", "y"), None);
        assert_eq!((graph.fact_count(), graph.loose_facts()), (2, 1));
        graph.count();
        let fact = graph.facts().next().unwrap();
        assert_eq!((&*fact.head, &*fact.tail, &*fact.source), ("a", "b", "x"));
        let concepts = graph.take_concepts();
        assert_eq!((concepts.len(), concepts[0].count), (1, 2));
    }
}
