//! What a page says of a dataset beside its figures: rows as examples, and where they come from.

use std::fs;

use anyhow::Result;
use kprep_report::Section;
use kprep_schemas::Dataset;

use super::preview;

/// Rows that a page shows.
const EXAMPLES: usize = 5;

/// The first rows, as `kprep head` prints them.
pub(crate) fn examples(dataset: &Dataset) -> Result<Option<Section>> {
    let Some(split) = dataset.manifest.splits().next() else {
        return Ok(None);
    };
    let mut rows = Vec::new();
    preview::each(dataset, split, EXAMPLES, &mut |row| {
        rows.push(row.to_owned());
        Ok(())
    })?;
    let line = format!("the first rows of {}", split.name());
    Ok(Some(Section::examples("Examples", &line, rows)))
}

/// Source and licence, as the card says them, and the command that builds the dataset again.
pub(crate) fn origin(dataset: &Dataset) -> Vec<(String, String)> {
    let manifest = &dataset.manifest;
    let card = fs::read_to_string(dataset.dir.join("README.md")).unwrap_or_default();
    let inputs = manifest.inputs.iter().map(|input| input.name.as_str());
    let inputs: Vec<&str> = inputs.collect();
    let splits = manifest.splits().count();
    let seed = (splits > 1).then(|| manifest.seed.to_string());
    let rows = [
        ("Source", source(&card)),
        ("Licence", licence(&card)),
        ("Inputs", Some(few(&inputs))),
        ("Command", Some(manifest.command_line.join(" "))),
        ("Seed of the splits", seed),
        ("Written by", Some(manifest.generator.clone())),
    ];
    let told = rows
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    told.filter(|(_, value)| !value.is_empty()).collect()
}

/// The first paragraph of the card about it.
fn source(card: &str) -> Option<String> {
    let (_, rest) = card.split_once("\n## Source and licence\n")?;
    let paragraph = rest.trim_start().split("\n\n").next()?;
    Some(paragraph.replace('\n', " "))
}

/// What the head of the card says.
fn licence(card: &str) -> Option<String> {
    let head = card.strip_prefix("---\n")?.split("\n---").next()?;
    let mut lines = head.lines();
    lines
        .find_map(|line| line.strip_prefix("license: "))
        .map(str::to_owned)
}

/// The first names, and how many more there are.
fn few(names: &[&str]) -> String {
    const FEW: usize = 6;
    let shown = names
        .iter()
        .take(FEW)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_and_licence_are_those_of_the_card() {
        let card = "---\npretty_name: \"x\"\nlicense: cc0-1.0\n---\n\n# x\n\n## Source and licence\n\nWikidata,\nCC0.\n\nMade from\n";
        assert_eq!(source(card).unwrap(), "Wikidata, CC0.");
        assert_eq!(licence(card).unwrap(), "cc0-1.0");
        assert_eq!((source(""), licence("license: x")), (None, None));
    }
}
