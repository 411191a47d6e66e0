//! The card of a folder of several datasets, the tables of one run: `README.md` with a configuration for each, so that
//! `load_dataset` reads the folder.

use std::fmt::Write;

use crate::{Manifest, Split, thousands};

/// Its name.
pub(crate) const CARD: &str = "README.md";

/// The whole file. It follows from the tables alone, so that a card of this program is known as such.
pub(crate) fn render<'a>(tables: impl Iterator<Item = &'a Manifest>) -> String {
    let mut tables: Vec<&Manifest> = tables.collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let mut yaml = String::from("configs:\n");
    let mut rows = String::new();
    // What has no rows cannot be loaded.
    let with_rows = tables
        .iter()
        .filter(|table| table.splits().next().is_some());
    for (number, table) in with_rows.enumerate() {
        let name = &table.name;
        let _ = writeln!(yaml, "- config_name: {name}"); // writing to a String cannot fail
        if number == 0 {
            yaml += "  default: true\n";
        }
        yaml += "  data_files:\n";
        for split in table.splits().map(Split::name) {
            let _ = writeln!(
                yaml,
                "  - split: {split}\n    path: {name}/data/{split}-*.parquet"
            );
        }
    }
    for table in &tables {
        let (name, record) = (&table.name, &table.record);
        let count = Split::ALL
            .map(|split| table.rows(split.name()))
            .iter()
            .sum();
        let _ = writeln!(
            rows,
            "| [`{name}`]({name}/README.md) | {record} | {} |",
            thousands(count)
        );
    }
    let command = tables.first().map_or("", |table| &table.command);
    let names: Vec<&str> = tables.iter().map(|table| &*table.name).collect();
    let last = names.last().copied().unwrap_or_default();
    format!(
        "---\n{yaml}---\n\n# {}\n\nThe tables of one run of `kprep {command}`. Each is a dataset of its own, with its card, \
         manifest and checksums.\n\n| dataset | records | rows |\n|---|---|---:|\n{rows}\n```python\nimport datasets\n\
         datasets.load_dataset(\"path/to/this/folder\", \"{last}\")\n```\n",
        names.join(", ")
    )
}
