//! The facts that are taken, and the split of each.

use kprep_schemas::{Concept, Fact, Split, Splitter, stable_id};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::interner::Interner;

/// Which facts are taken, and how they are split.
#[derive(Debug, Clone, Copy)]
pub struct FactPairsOptions {
    /// Relations with fewer facts are left out.
    pub min_facts: u64,
    /// How they are split.
    pub split: FactSplit,
}

/// What the split of a fact comes from.
#[derive(Debug, Clone, Copy)]
pub enum FactSplit {
    /// A hash of its two concepts, whatever the direction.
    Pair(Splitter),
    /// The name of the file that states it: `train`, `valid`, `validation`, `dev` or `test`.
    Source,
}

/// A fact by numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphFact {
    /// Head and tail.
    pub ends: [u32; 2],
    /// The relation.
    pub relation: u32,
    /// The split that it is in.
    pub split: Split,
}

/// Why a fact is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactLoss {
    /// It was stated before.
    Repeated,
    /// One of its concepts has no name.
    NoName,
    /// Its concepts have the same name.
    SameName,
    /// Its source is none of the splits' names.
    NoSplit,
    /// Its relation has too few facts.
    RareRelation,
}

/// The facts of a graph with the names of their concepts.
///
/// Memory: all names, and some 60 bytes a fact.
#[derive(Debug, Default)]
pub struct FactPairs {
    pub(super) nodes: Interner,
    pub(super) relations: Interner,
    /// The names of each node, the preferred one first; its types.
    pub(super) names: Vec<Vec<String>>,
    pub(super) types: Vec<Vec<u32>>,
    pub(super) type_names: Interner,
    /// In the order of their ids, which are hashes.
    pub kept: Vec<GraphFact>,
    /// How many facts were read.
    pub read: u64,
    /// Lost facts.
    pub lost: Vec<(FactLoss, [u32; 3])>,
    all: FxHashSet<[u32; 3]>,
    /// Facts that wait for the count of their relation.
    waiting: Vec<GraphFact>,
}

impl FactPairs {
    /// Takes a concept.
    pub fn add_concept(&mut self, row: &Concept) {
        let node = self.node(&row.id) as usize;
        let names = [row.label.as_str()].into_iter().chain(row.names.iter());
        self.names[node].extend(
            names
                .filter(|name| !name.trim().is_empty())
                .map(str::to_owned),
        );
        let types = row.types.iter().map(|name| self.type_names.number(name));
        let types: Vec<u32> = types.collect();
        self.types[node].extend(types);
    }

    /// Takes a fact, when all concepts are known.
    pub fn add_fact(&mut self, row: &Fact, options: &FactPairsOptions) {
        self.read += 1;
        let ends = [self.node(&row.head), self.node(&row.tail)];
        let relation = self.relations.number(&row.relation);
        let fact = [ends[0], relation, ends[1]];
        if !self.all.insert(fact) {
            self.lost.push((FactLoss::Repeated, fact));
            return;
        }
        match self.choose(row, ends, options) {
            Ok(split) => self.waiting.push(GraphFact {
                ends,
                relation,
                split,
            }),
            Err(loss) => self.lost.push((loss, fact)),
        }
    }

    /// Ends the reading: leaves out rare relations and puts the facts in order.
    pub fn finish(&mut self, options: &FactPairsOptions) {
        let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
        for fact in &self.waiting {
            *counts.entry(fact.relation).or_default() += 1;
        }
        let mut kept = Vec::new();
        for fact in std::mem::take(&mut self.waiting) {
            if counts[&fact.relation] < options.min_facts {
                let [head, tail] = fact.ends;
                let lost = (FactLoss::RareRelation, [head, fact.relation, tail]);
                self.lost.push(lost);
            } else {
                kept.push(fact);
            }
        }
        kept.sort_by_cached_key(|fact| self.id(fact));
        self.kept = kept;
    }

    /// Whether this is a fact, whether or not it was taken.
    pub(super) fn is_fact(&self, [head, tail]: [u32; 2], relation: u32) -> bool {
        self.all.contains(&[head, relation, tail])
    }

    /// The id of a fact's row.
    pub(super) fn id(&self, fact: &GraphFact) -> String {
        let [head, tail] = fact.ends.map(|node| self.nodes.get(node).as_bytes());
        stable_id([head, self.relations.get(fact.relation).as_bytes(), tail])
    }

    /// What splits must not divide: two concepts in either direction.
    pub(super) fn group(&self, [head, tail]: [u32; 2]) -> String {
        let (a, b) = (self.nodes.get(head), self.nodes.get(tail));
        format!("{}\t{}", a.min(b), a.max(b))
    }

    /// A fact as people read it.
    pub fn show(&self, [head, relation, tail]: [u32; 3]) -> String {
        let (head, tail) = (self.nodes.get(head), self.nodes.get(tail));
        format!("{head} {} {tail}", self.relations.get(relation))
    }

    /// Relations with facts that are kept.
    pub fn relation_count(&self) -> usize {
        let relations = self.kept.iter().map(|fact| fact.relation);
        relations.collect::<FxHashSet<u32>>().len()
    }

    /// Pairs of concepts with facts in several splits.
    pub fn divided_pairs(&self) -> u64 {
        let mut splits: FxHashMap<[u32; 2], u8> = FxHashMap::default();
        for fact in &self.kept {
            let [a, b] = fact.ends;
            *splits.entry([a.min(b), a.max(b)]).or_default() |= 1 << fact.split as u8;
        }
        let several = splits.values().filter(|splits| splits.count_ones() > 1);
        several.count() as u64
    }

    fn node(&mut self, id: &str) -> u32 {
        let node = self.nodes.number(id);
        if node as usize == self.names.len() {
            self.names.push(Vec::new());
            self.types.push(Vec::new());
        }
        node
    }

    fn choose(
        &self,
        row: &Fact,
        ends: [u32; 2],
        options: &FactPairsOptions,
    ) -> Result<Split, FactLoss> {
        let names = ends.map(|node| self.names[node as usize].first());
        let [Some(head), Some(tail)] = names else {
            return Err(FactLoss::NoName);
        };
        if is_same(head, tail) {
            return Err(FactLoss::SameName);
        }
        match options.split {
            FactSplit::Pair(splitter) => Ok(splitter.split(self.group(ends).as_bytes())),
            FactSplit::Source => split_of_source(&row.source).ok_or(FactLoss::NoSplit),
        }
    }
}

/// Whether two names are the same for a reader.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The split that a file's name tells: `train.txt`, `valid2id.txt`, `test.tsv.gz`.
pub fn split_of_source(source: &str) -> Option<Split> {
    let name = source.rsplit('/').next().unwrap_or(source);
    let stem = name.split('.').next().unwrap_or(name);
    match stem.strip_suffix("2id").unwrap_or(stem) {
        "train" => Some(Split::Train),
        "valid" | "validation" | "dev" => Some(Split::Validation),
        "test" => Some(Split::Test),
        _ => None,
    }
}
