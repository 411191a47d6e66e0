//! `entities.parquet`: every entity that the rows name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use kprep_align::chunks;
use kprep_schemas::{
    AlignedPage, Concept, Dataset, Entity, LEXFILES, Record, Split, Splitter, Synset,
};
use rustc_hash::FxHashMap;

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

/// The table of items by the texts that mention them in pages of the training split: the most frequent one is
/// the label, of equal ones the first by the alphabet. Memory: each distinct text of an item.
pub(crate) fn of_mentions(
    named: Named,
    pages: &Dataset,
    splitter: Splitter,
) -> Result<Vec<Concept>> {
    let mut table = named.table();
    let places = table.iter().enumerate();
    let places: FxHashMap<String, usize> = places.map(|(i, row)| (row.id.clone(), i)).collect();
    let mut texts: Vec<BTreeMap<String, u64>> = vec![BTreeMap::new(); table.len()];
    let sources = ["link".to_owned(), "name".to_owned()];
    for page in pages.rows::<AlignedPage>(Split::Train)? {
        let page = page?;
        if splitter.split(page.id.as_bytes()) != Split::Train {
            continue;
        }
        for sentence in chunks(&page, 1, &sources).chunks {
            for slot in &sentence.slots {
                if let Some(&place) = places.get(&format!("Q{}", slot.item)) {
                    let text = sentence.text(slot.start..slot.end + 1);
                    *texts[place].entry(text).or_default() += 1;
                }
            }
        }
    }
    for (concept, texts) in table.iter_mut().zip(texts) {
        let mut texts: Vec<(String, u64)> = texts.into_iter().collect();
        texts.sort_by_key(|&(_, count)| Reverse(count)); // stable: equal ones stay by the alphabet
        let mut texts = texts.into_iter().map(|(text, _)| text);
        concept.label = texts.next().unwrap_or_default();
        concept.names = texts.collect();
    }
    Ok(table)
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
