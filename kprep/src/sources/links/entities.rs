//! `entities.parquet`: every entity that the rows name.

use std::collections::BTreeMap;

use anyhow::Result;
use kprep_schemas::{Concept, Dataset, Entity, LEXFILES, Record, Split, Synset};

use crate::datasets::entity_table::Named;

/// The table of synsets.
pub(crate) fn of_synsets(named: Named, synsets: &Dataset) -> Result<Vec<Concept>> {
    table(named, synsets, |row: &Synset| {
        let lexfile = usize::try_from(row.lexfile).ok();
        let lexfile = lexfile.and_then(|file| LEXFILES.get(file));
        Concept {
            label: row.word.iter().next().unwrap_or_default().to_owned(),
            names: row.word.iter().skip(1).collect(),
            types: lexfile.into_iter().collect(),
            description: row.gloss.clone(),
            ..Concept::default()
        }
    })
}

/// The table of items.
pub(crate) fn of_items(named: Named, entities: &Dataset) -> Result<Vec<Concept>> {
    table(named, entities, |row: &Entity| Concept {
        label: row.label.clone().unwrap_or_default(),
        names: row.aliases.iter().filter(|name| !name.is_empty()).collect(),
        types: row.instance_of.clone(),
        description: row.description.clone().unwrap_or_default(),
        ..Concept::default()
    })
}

/// Rows of a dataset for the ids, in the order of the ids. One that the dataset does not have has
/// its id alone.
fn table<R: Record>(
    named: Named,
    dataset: &Dataset,
    about: impl Fn(&R) -> Concept,
) -> Result<Vec<Concept>> {
    let concepts = named.table().into_iter();
    let mut table: BTreeMap<String, Concept> = concepts
        .map(|concept| (concept.id.clone(), concept))
        .collect();
    for split in Split::ALL {
        for row in dataset.rows::<R>(split)? {
            let row = row?;
            if let Some(concept) = table.get_mut(row.id()) {
                *concept = Concept {
                    id: row.id().to_owned(),
                    count: concept.count,
                    ..about(&row)
                };
            }
        }
    }
    Ok(table.into_values().collect())
}
