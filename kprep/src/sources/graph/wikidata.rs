//! The tables of `kprep wikidata` to a graph: items are concepts, statements with an item as value are
//! facts.

use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Result, ensure};
use kprep_align::PropertyLabels;
use kprep_schemas::{
    Concept, Dataset, Entity, InputFile, Property, Rank, Record, Split, Statement, Triple, Value,
};
use rustc_hash::FxHashMap;

use super::args::Args;
use super::reading::{NO_CONCEPT, OTHER_RELATION, Of, REPEATED, Reading};
use crate::build::{inputs, shards};
use crate::sources::align::sources::bytes;

/// Who states the facts.
const SOURCE: &str = "Wikidata";

/// The tables that are read.
pub(crate) struct Tables {
    entities: Dataset,
    properties: Dataset,
    triples: Dataset,
}

impl Tables {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self {
            entities: shards::open::<Entity>(dir, "entities")?,
            properties: shards::open::<Property>(dir, "properties")?,
            triples: shards::open::<Triple>(dir, "triples")?,
        })
    }

    fn all(&self) -> [(&'static str, &Dataset); 3] {
        [
            ("entities", &self.entities),
            ("properties", &self.properties),
            ("triples", &self.triples),
        ]
    }

    /// Stored bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.all().into_iter().map(|(_, table)| bytes(table)).sum()
    }

    /// For the manifest.
    pub(crate) fn described(&self) -> Vec<InputFile> {
        inputs::of_datasets(&self.all())
    }

    /// The languages of the names.
    pub(crate) fn languages(&self) -> Vec<String> {
        self.entities.manifest.languages.clone()
    }
}

/// Reads all tables.
pub(crate) fn read(reading: &mut Reading, tables: &Tables, args: &Args) -> Result<()> {
    each::<Entity>(&tables.entities, |item| {
        if reading.graph.has_concept(&item.id) {
            reading.count(Of::Concept, "id of an earlier concept");
        } else {
            let id = item.id.clone();
            *reading.graph.concept(&id) = concept(item);
        }
    })?;
    let names = Names::read(&tables.properties)?;
    for split in Split::ALL {
        for statement in tables.triples.views::<Statement>(split)? {
            add(reading, &statement?, &names, &args.relation);
        }
    }
    reading.read.fetch_add(tables.bytes(), Ordering::Relaxed);
    ensure!(
        reading.graph.concept_count() > 0,
        "{}: no item is there",
        tables.entities.dir.display()
    );
    Ok(())
}

fn each<R: Record>(table: &Dataset, mut take: impl FnMut(R)) -> Result<()> {
    for split in Split::ALL {
        for row in table.rows::<R>(split)? {
            take(row?);
        }
    }
    Ok(())
}

fn concept(item: Entity) -> Concept {
    Concept {
        id: item.id,
        label: item.label.unwrap_or_default(),
        names: item
            .aliases
            .iter()
            .filter(|name| !name.is_empty())
            .collect(),
        types: item.instance_of,
        description: item.description.unwrap_or_default(),
        ..Concept::default()
    }
}

/// What properties are called.
struct Names {
    /// By their ids: the labels of the table. Of several with the same one, each has its id behind it.
    own: FxHashMap<String, String>,
    /// How many properties have a label.
    counts: FxHashMap<String, u32>,
    /// For those that the table does not have.
    english: PropertyLabels,
}

impl Names {
    fn read(properties: &Dataset) -> Result<Self> {
        let mut labels = Vec::new();
        each::<Property>(properties, |row| {
            let label = row.label.filter(|label| !label.trim().is_empty());
            labels.extend(label.map(|label| (row.id, label)));
        })?;
        Ok(Self::new(labels))
    }

    fn new(labels: Vec<(String, String)>) -> Self {
        let mut counts: FxHashMap<String, u32> = FxHashMap::default();
        for (_, label) in &labels {
            *counts.entry(label.clone()).or_default() += 1;
        }
        let named = labels.into_iter().map(|(id, label)| {
            let is_shared = counts.get(&label).is_some_and(|&count| count > 1);
            let name = if is_shared {
                format!("{label} ({id})")
            } else {
                label
            };
            (id, name)
        });
        Self {
            own: named.collect(),
            english: PropertyLabels::bundled(),
            counts,
        }
    }

    /// The label in the table, else the English one unless another property has it, else the id.
    fn of<'a>(&'a self, property: &'a str) -> &'a str {
        if let Some(name) = self.own.get(property) {
            return name;
        }
        let english = self.english.get(property);
        let english = english.filter(|label| !self.counts.contains_key(*label));
        english.unwrap_or(property)
    }
}

fn add(reading: &mut Reading, statement: &Statement, names: &Names, asked: &[String]) {
    let item = match statement.value {
        Some(Value::Entity(id)) if id.as_item().is_some() => Some(id.to_string()),
        _ => None,
    };
    let (head, property) = (
        statement.subject.to_string(),
        statement.property.to_string(),
    );
    let relation = names.of(&property);
    let is_asked = asked.is_empty()
        || asked
            .iter()
            .any(|name| *name == property || name == relation);
    let reason = match item {
        _ if statement.rank == Rank::Deprecated => "deprecated",
        _ if !is_asked => OTHER_RELATION,
        None => "whose value is no item",
        Some(tail) if tail == head => "of a concept to itself",
        Some(tail) => {
            let graph = &mut reading.graph;
            match graph.add_fact_between_concepts(&head, relation, &tail, SOURCE) {
                Some(true) => return,
                Some(false) => REPEATED,
                None => NO_CONCEPT,
            }
        }
    };
    reading.count(Of::Fact, reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_have_names_of_their_own() {
        let labels = [
            ("P1", "part of"),
            ("P2", "part of"),
            ("P3", "isa"),
            ("P4", "capital"),
        ];
        let labels = labels.map(|(id, label)| (id.to_owned(), label.to_owned()));
        let names = Names::new(labels.into());
        let found = ["P1", "P2", "P3"].map(|id| names.of(id));
        assert_eq!(found, ["part of (P1)", "part of (P2)", "isa"]);
        // P17 is `country`, P36 would be `capital`.
        let found = ["P17", "P36", "P999999"].map(|id| names.of(id));
        assert_eq!(found, ["country", "P36", "P999999"]);
    }
}
