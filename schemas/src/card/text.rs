//! What a card says to people, section by section.

use std::fmt::{self, Write};

use super::Card;
use crate::{Column, GroupBy, Manifest, Overlap, Record, Share, Split, thousands};

/// Inputs that are listed; the manifest has all.
const INPUTS: usize = 40;

impl Card {
    pub(super) fn text<R: Record>(&self, manifest: &Manifest, out: &mut String) -> fmt::Result {
        writeln!(out, "# {}\n\n{}\n", self.title, self.summary)?;
        load(manifest, out)?;
        split_table(manifest, out)?;
        overlap_table(manifest, out)?;
        columns::<R>(out)?;
        funnel(manifest, out)?;
        out.push_str(&self.details);
        self.origin(manifest, out)?;
        self.limits(out)?;
        rebuild(manifest, out)?;
        self.citation(out)
    }

    fn origin(&self, manifest: &Manifest, out: &mut String) -> fmt::Result {
        writeln!(out, "## Source and licence\n\n{}\n", self.source)?;
        if manifest.inputs.is_empty() {
            return Ok(());
        }
        writeln!(out, "Made from these files, read in this order:\n")?;
        writeln!(out, "| file | bytes | SHA-256 |\n|---|---:|---|")?;
        for input in manifest.inputs.iter().take(INPUTS) {
            let bytes = input.bytes.map_or("not known".to_owned(), thousands);
            let sha256 = input
                .sha256
                .as_deref()
                .map_or("not known".to_owned(), |sum| format!("`{sum}`"));
            writeln!(out, "| {} | {bytes} | {sha256} |", code(&input.name))?;
        }
        if let more @ 1.. = manifest.inputs.len().saturating_sub(INPUTS) {
            writeln!(out, "\nAnd {more} more: `manifest.json` lists all.")?;
        }
        out.push('\n');
        Ok(())
    }

    fn limits(&self, out: &mut String) -> fmt::Result {
        if self.limits.is_empty() {
            return Ok(());
        }
        writeln!(out, "## Known limits\n")?;
        for limit in &self.limits {
            writeln!(out, "- {limit}")?;
        }
        out.push('\n');
        Ok(())
    }

    fn citation(&self, out: &mut String) -> fmt::Result {
        if self.citations.is_empty() {
            return Ok(());
        }
        let entries = self.citations.join("\n\n");
        writeln!(out, "\n## Citation\n\n```bibtex\n{entries}\n```")
    }
}

fn load(manifest: &Manifest, out: &mut String) -> fmt::Result {
    let name = &manifest.name;
    let split = manifest.splits().next().unwrap_or(Split::Train).name();
    writeln!(
        out,
        "## Load\n\n```python\nimport datasets, polars\n\
         datasets.load_dataset(\"path/to/{name}\")\n\
         polars.read_parquet(\"path/to/{name}/data/{split}-*.parquet\")\n```\n"
    )
}

fn split_table(manifest: &Manifest, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "## Splits\n\n| split | rows | share |\n|---|---:|---:|"
    )?;
    let all = manifest
        .splits()
        .map(|split| manifest.rows(split.name()))
        .sum();
    for split in manifest.splits() {
        let rows = manifest.rows(split.name());
        let (share, count) = (percent(rows, all), thousands(rows));
        writeln!(out, "| {} | {count} | {share} |", split.name())?;
    }
    out.push('\n');
    if manifest.splits().nth(1).is_some() {
        let by = format!("{:?}", manifest.split_by).to_lowercase();
        let seed = manifest.seed;
        let promise = match manifest.split_by {
            GroupBy::Row => "Rows are split one by one, whatever they share.".to_owned(),
            _ => format!(
                "A {by} is never divided between splits: each goes to one by a hash of it and the seed ({seed})."
            ),
        };
        writeln!(out, "{promise}\n")?;
    }
    Ok(())
}

fn overlap_table(manifest: &Manifest, out: &mut String) -> fmt::Result {
    if manifest.overlap.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "What the splits have in common: distinct ones in each, and how many stand in two splits at \
         once.\n\n\
         | | {} |\n\
         |---|---:|---:|---:|---:|---:|---:|",
        Overlap::COLUMNS.join(" | ")
    )?;
    for o in &manifest.overlap {
        let cells = o.counts().map(thousands).join(" | ");
        writeln!(out, "| {} | {cells} |", o.of)?;
    }
    out.push('\n');
    Ok(())
}

fn columns<R: Record>(out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "## Columns\n\n| column | type | meaning |\n|---|---|---|"
    )?;
    for column in R::COLUMNS {
        let (name, meaning) = (column.name, column.meaning);
        writeln!(out, "| `{name}` | {} | {meaning} |", type_of(column))?;
    }
    out.push('\n');
    Ok(())
}

/// The type of a column in words.
fn type_of<R>(column: &Column<R>) -> String {
    let list = if column.is_list() { "list of " } else { "" };
    let null = if column.is_nullable() { " or null" } else { "" };
    format!("{list}{}{null}", column.dtype())
}

fn funnel(manifest: &Manifest, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "## From the source to these rows\n\n```text\n{}```\n\n\
         Every dropped record stands in `rejects.jsonl.zst` with its place and reason.\n",
        manifest.funnel
    )
}

fn rebuild(manifest: &Manifest, out: &mut String) -> fmt::Result {
    writeln!(out, "## Build it again\n")?;
    let generator = &manifest.generator;
    if manifest.command_line.is_empty() {
        writeln!(out, "Written by {generator}, `{}`.", manifest.command)?;
    } else {
        let words = manifest.command_line.iter().map(String::as_str);
        // A word with a zero byte could not have been typed.
        let line = shlex::try_join(words).unwrap_or_default();
        writeln!(out, "```sh\n{line}\n```\n")?;
        writeln!(
            out,
            "With {generator} and the same inputs this gives the same bytes, on any machine and any number \
             of threads. Paths are as they were typed."
        )?;
    }
    writeln!(
        out,
        "\n`manifest.json` has every argument, defaults included, and the checksum of every file; \
         `sha256sum --check SHA256SUMS` compares them."
    )
}

/// A file's name as code in a table's cell, whatever it holds.
fn code(name: &str) -> String {
    let name = name.replace(['`', '\n', '\r'], "\u{fffd}");
    format!("`{}`", name.replace('|', "\\|"))
}

fn percent(count: u64, of: u64) -> String {
    let share = Share::new(count, of).share;
    share.map_or_else(String::new, |share| format!("{:.1}%", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stay_in_their_cells() {
        assert_eq!(code("a|b`\n.json"), "`a\\|b\u{fffd}\u{fffd}.json`");
    }

    #[test]
    fn a_share_of_nothing_is_not_told() {
        assert_eq!(
            (percent(1, 8), percent(0, 0)),
            ("12.5%".into(), String::new())
        );
    }
}
