//! The datasets that are aligned.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kprep_schemas::{Dataset, Entity, Page, Property, Record, Redirect, Split, Triple, is_dataset};

use super::args::Args;

/// Pages that a worker takes at a time.
const BATCH: usize = 32;

/// The datasets that are read.
pub(crate) struct Sources {
    pub(crate) pages: Dataset,
    /// Parquet files of redirects.
    pub(crate) redirects: Vec<PathBuf>,
    pub(crate) entities: Dataset,
    pub(crate) triples: Dataset,
    pub(crate) properties: Dataset,
}

impl Sources {
    pub(crate) fn open(args: &Args) -> Result<Self> {
        let pages = args.wikipedia.join("pages");
        let pages = if is_dataset(&args.wikipedia) {
            args.wikipedia.clone()
        } else {
            pages
        };
        let redirects = redirects(&args.wikipedia)?;
        Ok(Self {
            pages: open::<Page>(&pages)?,
            redirects,
            entities: open::<Entity>(&args.wikidata.join("entities"))?,
            triples: open::<Triple>(&args.wikidata.join("triples"))?,
            properties: open::<Property>(&args.wikidata.join("properties"))?,
        })
    }

    /// The first pages, some at a time.
    pub(crate) fn batches(
        &self,
        limit: Option<usize>,
        mut send: impl FnMut(Vec<Page>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut left = limit.unwrap_or(usize::MAX);
        for split in Split::ALL {
            for page in self.pages.rows::<Page>(split)?.take(left) {
                batch.push(page?);
                left -= 1;
                if batch.len() == BATCH && send(std::mem::take(&mut batch)).is_break() {
                    return Ok(());
                }
            }
        }
        let _ = send(batch);
        Ok(())
    }
}

/// The redirects beside the pages: a table, or a dataset of their own.
fn redirects(dir: &Path) -> Result<Vec<PathBuf>> {
    let table = dir.join("redirects.parquet");
    if table.is_file() {
        return Ok(vec![table]);
    }
    let dir = dir.join("redirects");
    if !is_dataset(&dir) {
        return Ok(Vec::new());
    }
    let dataset = open::<Redirect>(&dir)?;
    let shards = dataset.manifest.shards.iter();
    Ok(shards.map(|shard| dir.join(&shard.path)).collect())
}

/// A dataset with records of one kind.
fn open<R: Record>(dir: &Path) -> Result<Dataset> {
    let dataset = Dataset::open(dir)?;
    dataset.manifest.expect_record::<R>(dir)?;
    Ok(dataset)
}

/// The size of a dataset's rows on disk.
pub(crate) fn bytes(dataset: &Dataset) -> u64 {
    dataset
        .manifest
        .shards
        .iter()
        .map(|shard| shard.bytes)
        .sum()
}
