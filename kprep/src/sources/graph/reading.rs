//! What the records of a graph's files flow into.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Result, bail};
use kprep_align::Graph;
use kprep_align::facts::split_of_source;
use kprep_ingest::Input;
use kprep_ingest::graph::{GraphError, GraphResult};
use kprep_schemas::{Fact, Funnel, Position, Reject, Table};

use super::WANTED;
use super::args::Args;
use crate::build::errors::Errors;
use crate::build::inputs;

/// Why a record is lost that is no record of its format.
const MALFORMED: &str = "malformed";
pub(crate) const REPEATED: &str = "stated before";
const INVERSE: &str = "stated before, by its inverse or by another source";
pub(crate) const OTHER_RELATION: &str = "of another relation";
pub(crate) const NO_CONCEPT: &str = "of a concept that is not there";
const NO_SPLIT: &str = "of a source that is no split";

/// The records of a file, by its reader.
pub(crate) type Records<'a, T> = Box<dyn Iterator<Item = GraphResult<(Position, T)>> + 'a>;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Fact,
    Concept,
    /// A name, a type, an inverse relation: something of a concept or a relation.
    Name,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) file: &'a str,
    pub(crate) position: Position,
}

/// A graph on its way, and what is lost of its files.
pub(crate) struct Reading {
    pub(crate) graph: Graph,
    pub(crate) errors: Errors,
    /// The rejects of all files are those of this table.
    pub(crate) facts: Table<Fact>,
    /// Counts the stored bytes read.
    pub(crate) read: Arc<AtomicU64>,
    /// Only facts of these, if there are any.
    relations: Vec<String>,
    /// A fact has the split that its source names.
    by_source: bool,
    lost_facts: BTreeMap<&'static str, u64>,
    lost_concepts: BTreeMap<&'static str, u64>,
    lost_names: BTreeMap<&'static str, u64>,
}

impl Reading {
    pub(crate) fn new(
        facts: Table<Fact>,
        errors: Errors,
        read: &Arc<AtomicU64>,
        args: &Args,
    ) -> Self {
        Self {
            graph: Graph::default(),
            errors,
            facts,
            read: Arc::clone(read),
            relations: args.relation.clone(),
            by_source: args.split_by.is_some(),
            lost_facts: BTreeMap::new(),
            lost_concepts: BTreeMap::new(),
            lost_names: BTreeMap::new(),
        }
    }

    /// Takes each record of an input; one that is malformed is lost, and a file that breaks off is held
    /// against `--max-errors`.
    pub(crate) fn each<T>(
        &mut self,
        input: &Input,
        of: Of,
        records: for<'a> fn(&'a mut dyn BufRead) -> Records<'a, T>,
        mut take: impl FnMut(&mut Self, At<'_>, T) -> Result<()>,
    ) -> Result<()> {
        let read = Arc::clone(&self.read);
        input.visit(&read, |file, content| -> Result<()> {
            if let Some(other) = inputs::refused(content, &WANTED) {
                bail!("{file}: {other}");
            }
            for record in records(content) {
                match record {
                    Ok((position, record)) => take(self, At { file, position }, record)?,
                    Err(error) if error.ends() => self.errors.file(&format!("{file}, {error}"))?,
                    Err(error) => self.malformed(file, of, &error)?,
                }
            }
            Ok(())
        })
    }

    fn malformed(&mut self, file: &str, of: Of, error: &GraphError) -> Result<()> {
        self.errors.record(&format!("{file}, {error}"));
        let position = error.position();
        self.lose(At { file, position }, of, MALFORMED, error.to_string())
    }

    /// Counts a lost record and notes where it stood.
    pub(crate) fn lose(
        &mut self,
        at: At<'_>,
        of: Of,
        reason: &'static str,
        detail: String,
    ) -> Result<()> {
        self.count(of, reason);
        let reject = Reject::at(at.file, at.position, reason, detail);
        Ok(self.facts.reject(&reject)?)
    }

    /// Counts a lost record.
    pub(crate) fn count(&mut self, of: Of, reason: &'static str) {
        let lost = match of {
            Of::Fact => &mut self.lost_facts,
            Of::Concept => &mut self.lost_concepts,
            Of::Name => &mut self.lost_names,
        };
        *lost.entry(reason).or_default() += 1;
    }

    /// Adds a fact, unless it was stated before or is of a relation that nobody asked for.
    pub(crate) fn fact(&mut self, at: At<'_>, fact: [&str; 3], source: &str) -> Result<()> {
        let [head, relation, tail] = fact;
        if let Some(reason) = self.unwanted(relation, source) {
            return self.lose(at, Of::Fact, reason, fact.join(" "));
        }
        if !self.graph.add_fact(head, relation, tail, source) {
            return self.lose(at, Of::Fact, REPEATED, fact.join(" "));
        }
        Ok(())
    }

    /// Adds a fact as [`Self::fact`] does, if both its ends are concepts. A fact that has an inverse stands twice
    /// in its source: what is met again is counted, and not noted one by one.
    pub(crate) fn fact_between_concepts(
        &mut self,
        at: At<'_>,
        fact: [&str; 3],
        source: &str,
        has_inverse: bool,
    ) -> Result<()> {
        let [head, relation, tail] = fact;
        if let Some(reason) = self.unwanted(relation, source) {
            return self.lose(at, Of::Fact, reason, fact.join(" "));
        }
        let graph = &mut self.graph;
        match graph.add_fact_between_concepts(head, relation, tail, source) {
            Some(true) => Ok(()),
            Some(false) if has_inverse => {
                self.count(Of::Fact, INVERSE);
                Ok(())
            }
            Some(false) => self.lose(at, Of::Fact, REPEATED, fact.join(" ")),
            None => self.lose(at, Of::Fact, NO_CONCEPT, fact.join(" ")),
        }
    }

    /// Why nobody asked for a fact of this relation and this source.
    fn unwanted(&self, relation: &str, source: &str) -> Option<&'static str> {
        if !self.relations.is_empty() && !self.relations.iter().any(|r| r == relation) {
            return Some(OTHER_RELATION);
        }
        (self.by_source && split_of_source(source).is_none()).then_some(NO_SPLIT)
    }

    /// read = kept + lost by reason, of the concepts.
    pub(crate) fn concepts_funnel(&self) -> Funnel {
        let mut funnel = funnel("concepts", self.graph.concept_count(), &self.lost_concepts);
        funnel.within(reasons(&self.lost_names));
        funnel
    }

    /// The same of the facts.
    pub(crate) fn facts_funnel(&self) -> Funnel {
        let mut funnel = funnel("facts", self.graph.fact_count(), &self.lost_facts);
        let loose = self.graph.loose_facts() as u64;
        funnel.within([("with a concept that is not there", loose)]);
        funnel
    }
}

fn funnel(unit: &str, kept: usize, lost: &BTreeMap<&'static str, u64>) -> Funnel {
    let mut funnel = Funnel::new(unit, kept as u64 + lost.values().sum::<u64>());
    funnel.stage("kept", reasons(lost));
    funnel
}

fn reasons(lost: &BTreeMap<&'static str, u64>) -> impl Iterator<Item = (&'static str, u64)> {
    lost.iter().map(|(&reason, &count)| (reason, count))
}

/// A name as people read it: `has_symptom` is `has symptom`.
pub(crate) fn readable(name: &str) -> String {
    name.replace('_', " ")
}
