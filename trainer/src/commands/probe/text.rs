//! The text that layers learn from.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::Vocabulary;
use anyhow::{Context, Result, bail};
use kprep_schemas::{
    Dataset, DependencyExample, Page, Record, RelationExample, Split, stable_hash,
};

/// The lines of all files, and the distinct sentences of datasets. Eight bytes a token, and a sentence
/// of a dataset.
pub(super) fn read(paths: &[PathBuf], vocabulary: &Vocabulary, limit: Limit) -> Result<Lines> {
    let mut lines = Lines::new(vocabulary);
    for path in paths {
        if path.is_dir() {
            let dataset = Dataset::open(path)?;
            match dataset.manifest.record.as_str() {
                RelationExample::NAME => {
                    sentences(
                        &dataset,
                        vocabulary,
                        limit,
                        &mut lines,
                        |row: &RelationExample| row.text.clone(),
                    )?;
                }
                DependencyExample::NAME => {
                    sentences(
                        &dataset,
                        vocabulary,
                        limit,
                        &mut lines,
                        |row: &DependencyExample| row.token.iter().collect::<Vec<_>>().join(" "),
                    )?;
                }
                Page::NAME => {
                    sentences(&dataset, vocabulary, limit, &mut lines, |row: &Page| {
                        row.text.clone()
                    })?;
                }
                other => bail!(
                    "{}: holds {other}, which is no text; expected relations, parses or pages",
                    path.display()
                ),
            }
        } else {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            lines.append(BufReader::new(file), path, vocabulary, limit)?;
        }
    }
    Ok(lines)
}

/// Adds the distinct lines of the texts of the training split.
fn sentences<R: Record>(
    dataset: &Dataset,
    vocabulary: &Vocabulary,
    limit: Limit,
    lines: &mut Lines,
    text: impl Fn(&R) -> String,
) -> Result<()> {
    let mut words = vocabulary.words();
    let mut seen = HashSet::new();
    for row in dataset.rows::<R>(Split::Train)? {
        let text = text(&row?);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if seen.insert(stable_hash([line.as_bytes()])) {
                // Lines are cut, never refused.
                let _ = lines.push(line, &mut words, limit);
            }
        }
    }
    Ok(())
}
