//! `entities.parquet`: what the ids in a dataset of links stand for, kept where rows come and go.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Result;
use kprep_schemas::{Concept, Dataset, DatasetWriter, Record, Split};

/// File name of the table in the folder of a dataset of links.
pub(crate) const ENTITIES: &str = "entities.parquet";

/// Writes the table of datasets that are put together, if they have one: of entities with the same
/// id the first one stays, and counts are added.
pub(crate) fn copy<R: Record>(datasets: &[Dataset], writer: &mut DatasetWriter<R>) -> Result<()> {
    if !R::ENTITY_TABLE {
        return Ok(());
    }
    let mut table: BTreeMap<String, Concept> = BTreeMap::new();
    for dataset in datasets {
        for concept in dataset.table::<Concept>(ENTITIES)? {
            match table.entry(concept.id.clone()) {
                Entry::Vacant(place) => drop(place.insert(concept)),
                Entry::Occupied(mut known) => known.get_mut().count += concept.count,
            }
        }
    }
    let table: Vec<Concept> = table.into_values().collect();
    Ok(writer.write_table(ENTITIES, &table)?)
}

/// The ids that rows name, for a table of rows that come without one.
///
/// Memory: some 60 bytes an entity.
#[derive(Debug, Default)]
pub(crate) struct Named {
    counts: BTreeMap<String, i64>,
}

impl Named {
    /// Adds those of a row of a split: how often rows of train mean an entity is its count.
    pub(crate) fn add<R: Record>(&mut self, split: Split, row: &R) {
        for (id, is_meant) in row.entities() {
            let more = i64::from(is_meant && split == Split::Train);
            match self.counts.get_mut(id) {
                Some(count) => *count += more,
                None => drop(self.counts.insert(id.to_owned(), more)),
            }
        }
    }

    /// The table of ids and counts alone, in the order of the ids.
    pub(crate) fn table(self) -> Vec<Concept> {
        let table = self.counts.into_iter().map(|(id, count)| Concept {
            id,
            count,
            ..Concept::default()
        });
        table.collect()
    }

    /// Writes the table, if the record type has one: ids and counts alone.
    pub(crate) fn write<R: Record>(self, writer: &mut DatasetWriter<R>) -> Result<()> {
        if !R::ENTITY_TABLE {
            return Ok(());
        }
        Ok(writer.write_table(ENTITIES, &self.table())?)
    }
}
