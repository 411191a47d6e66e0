//! The files that name relations: their order, and their English labels.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use kprep_align::{PropertyLabels, property};
use kprep_ingest::Input;
use kprep_schemas::{InputFile, sha256_file};
use serde_json::Value;

pub(super) fn property_labels(file: Option<&Path>) -> Result<PropertyLabels> {
    let mut labels = PropertyLabels::bundled();
    if let Some(path) = file {
        let name = || path.display().to_string();
        let tsv = fs::File::open(path).and_then(kprep_ingest::decompress);
        let tsv = tsv.and_then(io::read_to_string).with_context(name)?;
        labels.extend(&tsv).map_err(|line| {
            anyhow!(
                "{}: line {line}: expected a property, a tab and its label",
                name()
            )
        })?;
    }
    Ok(labels)
}

/// The relations of a file in label order: one a line, or as a JSON or Python list, or as a JSON
/// object that gives each its number.
pub(super) fn order(path: &Path) -> Result<Vec<String>> {
    let name = || path.display().to_string();
    let text = fs::File::open(path).and_then(kprep_ingest::decompress);
    let text = text.and_then(io::read_to_string).with_context(name)?;
    let names = names(text.trim_start_matches('\u{feff}')).with_context(name)?;
    ensure!(!names.is_empty(), "{}: no relation in it", name());
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
        bail!(
            "{}: {twice} stands twice, expected each relation once",
            name()
        );
    }
    Ok(names)
}

/// Name, size and checksum of such a file, for the manifest.
pub(super) fn described(path: &Path) -> Result<InputFile> {
    let input = Input::new(path)?;
    let sha256 = sha256_file(path).with_context(|| path.display().to_string())?;
    Ok(InputFile {
        name: input.name,
        bytes: Some(input.bytes),
        sha256: Some(sha256),
    })
}

fn names(text: &str) -> Result<Vec<String>> {
    let json = |text: &str| serde_json::from_str(text).context("expected a list of relations");
    let names: Vec<(usize, String)> = match text.trim_start().as_bytes().first() {
        Some(b'[') => {
            // A list in Python, whose quotes are single ones and which may end in a comma.
            let list = text.trim().replace('\'', "\"");
            let list = list.trim_end_matches(']').trim_end();
            let list = format!("{}]", list.strip_suffix(',').unwrap_or(list));
            let names: Vec<String> = serde_json::from_value(json(&list)?)?;
            (1..).zip(names).collect()
        }
        Some(b'{') => numbered(json(text)?)?,
        _ => {
            let lines = (1..).zip(text.lines().map(|line| line.trim().to_owned()));
            lines.filter(|(_, line)| !line.is_empty()).collect()
        }
    };
    for (number, name) in &names {
        ensure!(
            property(name) == Some(name),
            "relation {number}: expected a property like P31, found {name:?}"
        );
    }
    Ok(names.into_iter().map(|(_, name)| name).collect())
}

/// An object like `{"P17": 0, "P19": 1}`, by number.
fn numbered(object: Value) -> Result<Vec<(usize, String)>> {
    let object: BTreeMap<String, usize> =
        serde_json::from_value(object).context("expected a number for each relation")?;
    let mut names: Vec<_> = object.into_iter().map(|(name, n)| (n, name)).collect();
    names.sort();
    for (place, (number, name)) in names.iter().enumerate() {
        ensure!(
            place == *number,
            "{name} has number {number}, expected {place}: the numbers go from 0 without a gap"
        );
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_comes_in_four_forms() {
        let expected = ["P17", "P19", "P36"].map(str::to_owned).to_vec();
        for text in [
            "P17\nP19\nP36\n",
            "P17\r\n\r\nP19\r\nP36",
            r#"["P17", "P19", "P36"]"#,
            "['P17',\n 'P19', 'P36',\n]\n",
            r#"{"P36": 2, "P17": 0, "P19": 1}"#,
        ] {
            assert_eq!(names(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_relation_is_named() {
        let error = |text| format!("{:#}", names(text).unwrap_err());
        assert_eq!(
            error("P17\ncapital\nP36\n"),
            "relation 2: expected a property like P31, found \"capital\""
        );
        assert_eq!(
            error(r#"{"P17": 0, "P19": 2}"#),
            "P19 has number 2, expected 1: the numbers go from 0 without a gap"
        );
        assert!(error("[P17]").starts_with("expected a list of relations: "));
    }
}
