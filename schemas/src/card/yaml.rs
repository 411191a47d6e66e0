//! The YAML at the head of a card.

use super::Card;
use crate::{Column, Manifest, Record, printable};

impl Card {
    pub(super) fn yaml<R: Record>(&self, manifest: &Manifest, out: &mut String) {
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line(&format!("pretty_name: {}", quoted(&self.title)));
        line(&format!("license: {}", self.license));
        if !self.languages.is_empty() {
            line("language:");
            // Norwegian is `no`, which YAML takes for a truth value.
            for language in &self.languages {
                line(&format!("- {}", quoted(language)));
            }
        }
        line("task_categories:");
        for category in self.task_categories {
            line(&format!("- {category}"));
        }
        line("configs:");
        line("- config_name: default");
        line("  data_files:");
        for split in manifest.splits() {
            line(&format!("  - split: {}", split.name()));
            line(&format!("    path: data/{}-*.parquet", split.name()));
        }
        line("dataset_info:");
        line("  features:");
        for column in R::COLUMNS {
            line(&format!("  - name: {}", column.name));
            line(&feature(column, &manifest.class_names));
        }
        line("  splits:");
        for split in manifest.splits() {
            let shards = manifest
                .shards
                .iter()
                .filter(|shard| shard.split == split.name());
            let bytes: u64 = shards.map(|shard| shard.bytes).sum();
            line(&format!("  - name: {}", split.name()));
            // Since version 5, `datasets` passes over splits that lack one of the two.
            line(&format!("    num_bytes: {bytes}"));
            line(&format!(
                "    num_examples: {}",
                manifest.rows(split.name())
            ));
        }
    }
}

/// The YAML lines of a column's type.
fn feature<R>(column: &Column<R>, class_names: &[String]) -> String {
    let key = if column.is_list() {
        "sequence"
    } else {
        "dtype"
    };
    if column.is_class_label() && !class_names.is_empty() {
        class_label(key, class_names)
    } else {
        format!("    {key}: {}", column.dtype())
    }
}

/// A column of classes, or of lists of them.
fn class_label(of: &str, class_names: &[String]) -> String {
    let names = class_names.iter().enumerate();
    names.fold(
        format!("    {of}:\n      class_label:\n        names:"),
        |yaml, (i, name)| format!("{yaml}\n          '{i}': {}", printable(name)),
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
