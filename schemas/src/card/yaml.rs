//! The YAML at the head of a card.

use arrow::datatypes::{DataType, Field};

use super::Card;
use crate::{Manifest, Record, printable};

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
        for field in R::arrow_schema(&manifest.class_names).fields() {
            line(&format!("  - name: {}", field.name()));
            line(&feature(field, &manifest.class_names));
        }
        line("  splits:");
        for split in manifest.splits() {
            let shards = manifest.shards.iter();
            let shards = shards.filter(|shard| shard.split == split.name());
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
fn feature(field: &Field, class_names: &[String]) -> String {
    match field.data_type() {
        DataType::Int64 if field.name() == "label" && !class_names.is_empty() => {
            class_label("dtype", class_names)
        }
        DataType::List(_) if field.name() == "labels" && !class_names.is_empty() => {
            class_label("sequence", class_names)
        }
        DataType::List(element) => format!("    sequence: {}", dtype(element.data_type())),
        other => format!("    dtype: {}", dtype(other)),
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

fn dtype(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::Float64 => "float64",
        _ => "string",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
