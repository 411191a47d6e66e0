//! One piece of work for records of any type.

use std::any::Any;

use anyhow::{Result, bail};
use kprep_schemas::{
    AlignedPage, Dataset, Entity, HeadExample, JsonLines, Page, Property, Record, Redirect,
    RelationExample, ShardReader, Split, Triple, stable_hash,
};

/// Names of all record types.
pub(crate) const NAMES: [&str; 8] = [
    RelationExample::NAME,
    HeadExample::NAME,
    AlignedPage::NAME,
    Entity::NAME,
    Property::NAME,
    Triple::NAME,
    Page::NAME,
    Redirect::NAME,
];

/// What can be done with records of any type.
pub(crate) trait Work {
    /// What it gives.
    type Output;

    fn run<R: Record>(self) -> Result<Self::Output>;
}

/// Does the work for the record type of this name.
pub(crate) fn run<W: Work>(record: &str, work: W) -> Result<W::Output> {
    match record {
        RelationExample::NAME => work.run::<RelationExample>(),
        HeadExample::NAME => work.run::<HeadExample>(),
        AlignedPage::NAME => work.run::<AlignedPage>(),
        Entity::NAME => work.run::<Entity>(),
        Property::NAME => work.run::<Property>(),
        Triple::NAME => work.run::<Triple>(),
        Page::NAME => work.run::<Page>(),
        Redirect::NAME => work.run::<Redirect>(),
        other => bail!(
            "{other}: no such record type in this version, expected {}",
            NAMES.join(", ")
        ),
    }
}

/// The rows of a split in their stored order, some thousands at a time.
pub(crate) fn batches<R: Record>(
    dataset: &Dataset,
    split: Split,
) -> Result<impl Iterator<Item = Result<Vec<R>>>> {
    dataset.manifest.expect_record::<R>(&dataset.dir)?;
    let shards = dataset.manifest.shards.iter();
    let shards = shards.filter(move |shard| shard.split == split.name());
    Ok(shards.flat_map(|shard| {
        let path = dataset.dir.join(&shard.path);
        let (reader, error) = match ShardReader::<R>::open(&path) {
            Ok(reader) => (Some(reader), None),
            Err(error) => (None, Some(Err(error))),
        };
        let batches = reader.into_iter().flatten().chain(error);
        batches.map(|batch| Ok(batch?))
    }))
}

/// Whether some of these datasets have heads that need not form a tree.
pub(crate) fn allow_non_tree(datasets: &[Dataset]) -> bool {
    let mut datasets = datasets.iter();
    datasets.any(|dataset| dataset.manifest.rules().allow_non_tree)
}

/// The row as one of a relation set, if it is.
pub(crate) fn relation<R: Record>(row: &R) -> Option<&RelationExample> {
    (row as &dyn Any).downcast_ref()
}

/// The same, to be changed.
pub(crate) fn relation_mut<R: Record>(row: &mut R) -> Option<&mut RelationExample> {
    (row as &mut dyn Any).downcast_mut()
}

/// What stands for each row where rows are told apart: a hash of its id, or of all that it says where
/// the record type has no ids (statements).
pub(crate) fn keys<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    if rows.iter().all(|row| !row.id().is_empty()) {
        let ids = rows.iter().map(|row| stable_hash([row.id().as_bytes()]));
        return Ok(ids.collect());
    }
    contents(rows)
}

/// A hash of all that each row says.
pub(crate) fn contents<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    let lines = JsonLines::of(rows)?;
    // JSON has no line breaks within a line.
    let lines = lines.split_inclusive(|&byte| byte == b'\n');
    Ok(lines.map(|line| stable_hash([line])).collect())
}
