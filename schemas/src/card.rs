//! The dataset card: `README.md` with the YAML that Hugging Face reads, written from the manifest.

use std::fmt::Write;

use arrow::datatypes::{DataType, Field};

use crate::{Manifest, Record, Split, thousands};

/// What a card says beyond what the manifest knows.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// Heading.
    pub title: String,
    /// What the dataset is and what it is for: a paragraph or two.
    pub summary: String,
    /// Licence identifier of the Hugging Face hub, e.g. `cc-by-sa-4.0`.
    pub license: &'static str,
    /// Where the content comes from and under which terms.
    pub source: &'static str,
    /// Task categories of the Hugging Face hub.
    pub task_categories: &'static [&'static str],
    /// Anything more, as Markdown (a table of relations, say).
    pub details: String,
}

impl Card {
    /// The whole file. Inputs stand in the manifest alone, so that the card is the same for the
    /// same documents in another container.
    pub fn render<R: Record>(&self, manifest: &Manifest) -> String {
        let mut out = String::from("---\n");
        self.yaml::<R>(manifest, &mut out);
        out.push_str("---\n\n");
        self.text::<R>(manifest, &mut out);
        out
    }

    fn yaml<R: Record>(&self, manifest: &Manifest, out: &mut String) {
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line(&format!("pretty_name: {}", quoted(&self.title)));
        line(&format!("license: {}", self.license));
        line("language: en");
        line("task_categories:");
        for category in self.task_categories {
            line(&format!("- {category}"));
        }
        line("configs:");
        line("- config_name: default");
        line("  data_files:");
        for split in splits(manifest) {
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
        for split in splits(manifest) {
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

    fn text<R: Record>(&self, manifest: &Manifest, out: &mut String) {
        let Self {
            title,
            summary,
            source,
            details,
            ..
        } = self;
        let mut text =
            format!("# {title}\n\n{summary}\n\n## Splits\n\n| split | rows |\n|---|---|\n");
        for split in splits(manifest) {
            let rows = thousands(manifest.rows(split.name()));
            let _ = writeln!(text, "| {} | {rows} |", split.name());
        }
        if splits(manifest).nth(1).is_some() {
            let by = format!("{:?}", manifest.split_by).to_lowercase();
            let seed = manifest.seed;
            let _ = writeln!(
                text,
                "\nA split never cuts a {by}: each goes to one split by a hash of it and the seed \
                 ({seed})."
            );
        }
        text.push_str("\n## Columns\n\n| column | meaning |\n|---|---|\n");
        for (name, meaning) in R::COLUMNS {
            let _ = writeln!(text, "| `{name}` | {meaning} |");
        }
        let _ = write!(
            text,
            "\n## From the source to these rows\n\n```text\n{funnel}```\n\n\
             Every dropped record stands in `rejects.jsonl.zst` with its place and reason. Inputs \
             with their checksums, all arguments and the checksum of every file stand in \
             `manifest.json`.\n\n## Load\n\n```python\nimport datasets, polars\n\
             datasets.load_dataset(\"path/to/{name}\")\n\
             polars.read_parquet(\"path/to/{name}/data/train-*.parquet\")\n```\n\n\
             {details}## Source and licence\n\n{source}\n\nWritten by {generator}, `{command}`.\n",
            funnel = manifest.funnel,
            name = manifest.name,
            generator = manifest.generator,
            command = manifest.command,
        );
        out.push_str(&text);
    }
}

fn splits(manifest: &Manifest) -> impl Iterator<Item = Split> + '_ {
    Split::ALL
        .into_iter()
        .filter(|split| manifest.rows(split.name()) > 0)
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
        |yaml, (i, name)| format!("{yaml}\n          '{i}': {name}"),
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
