//! The rows of two datasets, compared by their ids.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use kprep_schemas::{Dataset, JsonLines, Record, Split};
use serde::Serialize;

use crate::datasets::dispatch;

/// Row counts and what differs, with a few ids of each kind.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rows {
    pub(crate) a: u64,
    pub(crate) b: u64,
    /// In both, and nothing differs.
    pub(crate) same: u64,
    pub(crate) added: Change,
    pub(crate) removed: Change,
    pub(crate) other_relation: Change,
    pub(crate) other_split: Change,
    pub(crate) other_content: Change,
}

/// Rows of one kind of change.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) count: u64,
    pub(crate) examples: Vec<String>,
}

impl Change {
    fn add(&mut self, most: usize, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < most {
            self.examples.push(example());
        }
    }
}

/// A relation, or a type, with its rows in both, where these differ.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RelationRows {
    pub(crate) relation: String,
    pub(crate) a: u64,
    pub(crate) b: u64,
}

/// A row in 16 bytes. Another content with the same 32 bits of hash passes for the same once in
/// four billion changed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    key: u64,
    content: u32,
    /// Number of its relation, or of its types together, among those met, and its split.
    place: u32,
}

impl Seen {
    fn relation(self) -> u32 {
        self.place / Split::ALL.len() as u32
    }

    fn split(self) -> Split {
        Split::ALL[self.place as usize % Split::ALL.len()]
    }
}

/// Holds the rows of A, sorted by key, and passes over those of B.
pub(crate) fn compare_rows<R: Record>(
    a: &Dataset,
    b: &Dataset,
    most: usize,
) -> Result<(Vec<RelationRows>, Rows)> {
    let mut relations = Relations::default();
    let expected = a
        .manifest
        .shards
        .iter()
        .map(|shard| shard.rows)
        .sum::<u64>();
    // To the row: a list that grows has room for twice as many.
    let mut seen = Vec::with_capacity(expected as usize);
    for_each::<R>(a, |row, split, key, content| {
        let relation = relations.count(row, 0);
        seen.push(relations.seen(key, content, relation, split));
    })?;
    seen.sort_unstable();
    let mut matched = vec![false; seen.len()];
    let mut rows = Rows {
        a: seen.len() as u64,
        ..Rows::default()
    };
    for_each::<R>(b, |row, split, key, content| {
        rows.b += 1;
        let relation = relations.count(row, 1);
        let new = relations.seen(key, content, relation, split);
        let first = seen.partition_point(|old| old.key < key);
        let equal = seen[first..]
            .iter()
            .take_while(|old| old.key == key)
            .count();
        let Some(at) = (first..first + equal).find(|&at| !matched[at]) else {
            rows.added.add(most, || name(row));
            return;
        };
        matched[at] = true;
        let old = seen[at];
        if old.relation() != new.relation() {
            let (from, to) = (relations.name(old), relations.name(new));
            rows.other_relation
                .add(most, || format!("{}: {from} -> {to}", name(row)));
        }
        if old.split() != new.split() {
            let (from, to) = (old.split().name(), new.split().name());
            rows.other_split
                .add(most, || format!("{}: {from} -> {to}", name(row)));
        }
        if old.content != new.content {
            rows.other_content.add(most, || name(row));
        }
        rows.same += u64::from(old == new);
    })?;
    rows.removed.count = matched.iter().filter(|matched| !**matched).count() as u64;
    name_removed::<R>(a, &seen, &matched, most, &mut rows.removed)?;
    Ok((relations.changed(), rows))
}

/// Names a few rows of A that B does not have, in their stored order.
fn name_removed<R: Record>(
    a: &Dataset,
    seen: &[Seen],
    matched: &[bool],
    most: usize,
    removed: &mut Change,
) -> Result<()> {
    if removed.count == 0 || most == 0 {
        return Ok(());
    }
    for_each::<R>(a, |row, _, key, _| {
        let first = seen.partition_point(|old| old.key < key);
        let equal = seen[first..]
            .iter()
            .take_while(|old| old.key == key)
            .count();
        let gone = matched[first..first + equal].iter().any(|matched| !matched);
        if gone && removed.examples.len() < most {
            removed.examples.push(name(row));
        }
    })
}

/// Visits all rows with their split, key and content, which leaves out classes and their labels.
fn for_each<R: Record>(
    dataset: &Dataset,
    mut visit: impl FnMut(&Row<R>, Split, u64, u32),
) -> Result<()> {
    for split in Split::ALL {
        for batch in dataset.batches::<R>(split)? {
            let mut batch = batch?;
            let classes: Vec<_> = batch.iter_mut().map(R::take_classes).collect();
            let contents = dispatch::contents(&batch)?;
            let keys = dispatch::keys(&batch)?;
            let parts = keys.into_iter().zip(contents).zip(classes);
            for (row, ((key, content), classes)) in batch.into_iter().zip(parts) {
                let row = Row { row, classes };
                visit(&row, split, key, content as u32);
            }
        }
    }
    Ok(())
}

/// A row without its classes, and these.
struct Row<R> {
    row: R,
    classes: Vec<String>,
}

/// What people find the row by: its id, or all of it where there is none.
fn name<R: Record>(row: &Row<R>) -> String {
    if !row.row.id().is_empty() {
        return row.row.id().to_owned();
    }
    let line = JsonLines::of(std::slice::from_ref(&row.row)).unwrap_or_default();
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

/// The relations met, with their rows in A and B; or the types, of which a row can have several.
#[derive(Default)]
struct Relations {
    rows: BTreeMap<String, [u64; 2]>,
    /// Numbers of what rows have, all their types together.
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
}

impl Relations {
    /// Counts a row and gives the number of its classes together, 0 if it has none.
    fn count<R>(&mut self, row: &Row<R>, dataset: usize) -> u32 {
        for class in &row.classes {
            if !self.rows.contains_key(class) {
                self.rows.insert(class.clone(), [0; 2]);
            }
            if let Some(rows) = self.rows.get_mut(class) {
                rows[dataset] += 1;
            }
        }
        let together = match &row.classes[..] {
            [] => return 0,
            [one] => Cow::Borrowed(one),
            several => Cow::Owned(several.join(", ")),
        };
        if let Some(&number) = self.numbers.get(&*together) {
            return number;
        }
        let together = together.into_owned();
        self.names.push(together.clone());
        let number = self.names.len() as u32;
        self.numbers.insert(together, number);
        number
    }

    fn seen(&self, key: u64, content: u32, relation: u32, split: Split) -> Seen {
        debug_assert!(relation as usize <= self.names.len());
        Seen {
            key,
            content,
            place: relation * Split::ALL.len() as u32 + split as u32,
        }
    }

    fn name(&self, row: Seen) -> &str {
        let number = (row.relation() as usize).checked_sub(1);
        number.map_or("no label", |number| &self.names[number])
    }

    /// Those whose rows differ, the largest difference first.
    fn changed(self) -> Vec<RelationRows> {
        let rows = self
            .rows
            .into_iter()
            .map(|(relation, [a, b])| RelationRows { relation, a, b });
        let mut changed: Vec<_> = rows.filter(|row| row.a != row.b).collect();
        changed.sort_by_key(|row| Reverse(row.a.abs_diff(row.b)));
        changed
    }
}
