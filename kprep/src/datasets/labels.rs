//! What ids are called: by the tables of the same run that lie beside a dataset.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use kprep_schemas::{Concept, Dataset, Entity, Property, Record, Synset, is_dataset};

/// Rows of each table that are looked at: names are to be had at once, also beside all of Wikidata.
const ROWS: usize = 1_000_000;

/// Labels by id.
pub(crate) type Labels = BTreeMap<String, String>;

/// What these ids are called, as far as the first million rows of a table beside the dataset say it.
pub(crate) fn beside(dataset: &Dataset, ids: &BTreeSet<String>) -> Result<Labels> {
    let mut labels = Labels::new();
    for table in tables(dataset)? {
        match table.manifest.record.as_str() {
            Entity::NAME => add(&table, ids, &mut labels, |row: &Entity| row.label.clone())?,
            Property::NAME => add(&table, ids, &mut labels, |row: &Property| row.label.clone())?,
            Concept::NAME => {
                add(&table, ids, &mut labels, |row: &Concept| {
                    Some(row.label.clone())
                })?;
            }
            Synset::NAME => {
                let words = |row: &Synset| Some(row.word.join(", "));
                add(&table, ids, &mut labels, words)?;
            }
            _ => {}
        }
    }
    Ok(labels)
}

/// An id with its label, if it has one: `Douglas Adams (Q42)`.
pub(crate) fn called(id: &str, labels: &Labels) -> String {
    match labels.get(id) {
        Some(label) if !label.is_empty() => format!("{label} ({id})"),
        _ => id.to_owned(),
    }
}

/// The other tables of the run that wrote the dataset.
fn tables(dataset: &Dataset) -> Result<Vec<Dataset>> {
    let above = dataset.dir.join("..");
    let entries = fs::read_dir(&above).with_context(|| above.display().to_string())?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let mut tables = Vec::new();
    for folder in folders.iter().filter(|folder| is_dataset(folder)) {
        // A folder beside it that is damaged is not what was asked for.
        let Ok(table) = Dataset::open(folder) else {
            continue;
        };
        let (one, other) = (&table.manifest, &dataset.manifest);
        if one.command == other.command && one.arguments == other.arguments {
            tables.push(table);
        }
    }
    Ok(tables)
}

fn add<R: Record>(
    table: &Dataset,
    ids: &BTreeSet<String>,
    labels: &mut Labels,
    label: impl Fn(&R) -> Option<String>,
) -> Result<()> {
    for split in table.manifest.splits() {
        for row in table.rows::<R>(split)?.take(ROWS) {
            if labels.len() == ids.len() {
                return Ok(());
            }
            let row = row?;
            if ids.contains(row.id())
                && let Some(label) = label(&row)
            {
                labels.insert(row.id().to_owned(), label);
            }
        }
    }
    Ok(())
}
