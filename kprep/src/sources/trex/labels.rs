//! The files that name relations: their order, and their English labels.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use kprep_align::{PropertyLabels, property};
use kprep_ingest::{SideFile, class_names};
use kprep_schemas::InputFile;

use crate::build::inputs;

pub(crate) fn property_labels(file: Option<&Path>) -> Result<PropertyLabels> {
    let mut labels = PropertyLabels::bundled();
    if let Some(path) = file {
        let side = SideFile::read(path)?;
        labels.extend(side.text()?).map_err(|line| {
            anyhow!(
                "{}: line {line}: expected a property, a tab and its label",
                path.display()
            )
        })?;
    }
    Ok(labels)
}

/// The relations of a file in label order, as [`class_names`] reads them, and the file as it was
/// read.
pub(crate) fn order(path: &Path) -> Result<(Vec<String>, InputFile)> {
    let side = SideFile::read(path)?;
    let name = || path.display().to_string();
    let names = names(side.text()?).with_context(name)?;
    ensure!(!names.is_empty(), "{}: no relation in it", name());
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
        bail!(
            "{}: {twice} is there twice, expected each relation once",
            name()
        );
    }
    Ok((names, inputs::describe(&side.input, true)?))
}

fn names(text: &str) -> Result<Vec<String>> {
    let names = class_names(text).map_err(|expected| anyhow!(expected))?;
    for (number, name) in (1..).zip(&names) {
        ensure!(
            property(name) == Some(name),
            "relation {number}: expected a property like P31, found {name:?}"
        );
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_relation_is_named() {
        let error = |text| format!("{:#}", names(text).unwrap_err());
        assert_eq!(
            error("P17\ncapital\nP36\n"),
            "relation 2: expected a property like P31, found \"capital\""
        );
        assert!(error("[P17]").starts_with("expected a list of class names: "));
    }
}
