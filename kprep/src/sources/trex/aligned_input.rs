//! Datasets that `kprep align` wrote, and their Parquet files, as inputs.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kprep_ingest::Input;
use kprep_schemas::{AlignedPage, Dataset, ShardReader, is_dataset};

/// Puts the shards of a dataset in the place of its folder, and leaves everything else as it is.
pub(crate) fn shards_of(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        if !is_dataset(&path) {
            inputs.push(path);
            continue;
        }
        let dataset = Dataset::open(&path)?;
        dataset.manifest.expect_record::<AlignedPage>(&path)?;
        let shards = dataset.manifest.shards.iter();
        inputs.extend(shards.map(|shard| path.join(&shard.path)));
    }
    Ok(inputs)
}

/// The languages of the datasets among the inputs. T-REx's own files are English, and so is what
/// does not say it.
pub(crate) fn languages(paths: &[PathBuf]) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    for path in paths {
        // A shard is two levels below its dataset.
        let above = path.ancestors().nth(2).filter(|_| is_parquet(path));
        let mut dirs = [Some(path.as_path()), above].into_iter().flatten();
        match dirs.find(|dir| is_dataset(dir)) {
            Some(dir) => tags.extend(Dataset::open(dir)?.manifest.languages),
            None => tags.push("en".to_owned()),
        }
    }
    if tags.is_empty() {
        tags.push("en".to_owned());
    }
    Ok(kprep_schemas::languages(tags.iter().map(String::as_str)))
}

/// Whether a file is Parquet, by its first bytes.
pub(crate) fn is_parquet(path: &Path) -> bool {
    let mut magic = [0; 4];
    let file = File::open(path);
    file.is_ok_and(|mut file| file.read_exact(&mut magic).is_ok()) && magic == *b"PAR1"
}

/// Pages that a worker takes at a time.
const BATCH: usize = 256;

/// The pages of a shard, some at a time.
pub(crate) fn pages(
    input: &Input,
) -> impl Iterator<Item = kprep_schemas::Result<Vec<AlignedPage>>> + use<> {
    let (reader, error) = match ShardReader::<AlignedPage>::open(&input.path) {
        Ok(reader) => (Some(reader), None),
        Err(error) => (None, Some(Err(error))),
    };
    let batches = reader.into_iter().flatten().chain(error);
    batches.flat_map(|pages| match pages {
        Ok(mut pages) => {
            let mut parts = Vec::new();
            while pages.len() > BATCH {
                let rest = pages.split_off(BATCH);
                parts.push(Ok(std::mem::replace(&mut pages, rest)));
            }
            parts.push(Ok(pages));
            parts
        }
        Err(error) => vec![Err(error)],
    })
}
