//! The file of `--vectors`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use kprep_align::synonyms::{WordNetwork, WordPairs, WordVectors};
use kprep_ingest::{Input, word_vectors};

/// Vectors of the words that occur in pairs, and the file that they are from.
pub(crate) fn read(
    path: &Path,
    network: &WordNetwork,
    pairs: &WordPairs,
) -> Result<(WordVectors, Input)> {
    let input = Input::new(path)?;
    let mut vectors = WordVectors::of(network, pairs);
    input.visit(&Arc::default(), |name, content| -> Result<()> {
        for line in word_vectors(content) {
            let (position, line) = line.map_err(|error| anyhow!("{name}, {error}"))?;
            if !vectors.wants(&line.word) {
                continue;
            }
            let vector = line.vector(position);
            let vector = vector.map_err(|error| anyhow!("{name}, {error}"))?;
            vectors.add(&line.word, &vector).map_err(|expected| {
                let found = vector.len();
                anyhow!("{name}, {position}: expected {expected} numbers, found {found}")
            })?;
        }
        Ok(())
    })?;
    let [words, without] = vectors.counts();
    ensure!(
        words > without,
        "{}: none of the {words} words of the pairs has a vector there",
        path.display()
    );
    Ok((vectors, input))
}
