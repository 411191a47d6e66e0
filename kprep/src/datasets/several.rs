//! A folder of several datasets, such as the tables of one run.

use std::fmt::Write;
use std::path::Path;

use kprep_schemas::{Dataset, Split, is_dataset, thousands};
use serde_json::{Value, json};

/// The datasets at any depth below a folder that is none itself; `None` if it is one, or if there are none.
pub(crate) fn below(dir: &Path) -> Option<Vec<Dataset>> {
    if is_dataset(dir) {
        return None;
    }
    // What is wrong with the folder, opening it says.
    Dataset::find(dir).ok().filter(|found| !found.is_empty())
}

/// A line each: where it is, its records, its rows.
pub(crate) fn list(dir: &Path, datasets: &[Dataset]) -> String {
    let cells = datasets.iter().map(|dataset| {
        let place = dataset.dir.display().to_string();
        (place, &dataset.manifest.record, thousands(rows(dataset)))
    });
    let cells: Vec<_> = cells.collect();
    let place = cells.iter().map(|(place, ..)| place.chars().count()).max();
    let record = cells.iter().map(|(_, record, _)| record.len()).max();
    let (place, record) = (place.unwrap_or(0), record.unwrap_or(0));
    let plural = if datasets.len() == 1 { "" } else { "s" };
    let mut out = format!("{}: {} dataset{plural}\n", dir.display(), datasets.len());
    for (folder, name, rows) in cells {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {folder:place$}  {name:record$}  {rows:>12} rows");
    }
    out
}

/// The same as JSON.
pub(crate) fn json(datasets: &[Dataset]) -> Value {
    let datasets = datasets.iter().map(|dataset| {
        json!({
            "dataset": dataset.manifest.name, "folder": dataset.dir, "record": dataset.manifest.record,
            "rows": rows(dataset),
        })
    });
    json!({"datasets": datasets.collect::<Vec<_>>()})
}

fn rows(dataset: &Dataset) -> u64 {
    let splits = Split::ALL.into_iter();
    splits
        .map(|split| dataset.manifest.rows(split.name()))
        .sum()
}
