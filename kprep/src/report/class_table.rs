//! What one gets right who knows one value of a row: the class that it had most often in train.

use std::collections::BTreeMap;

use anyhow::Result;
use kprep_schemas::{Dataset, Share, Split};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::count;
use super::counted::Counted;

/// How often the class is right that a value, such as the first phrase, has most often in train; of a
/// value that is not in train, the majority class.
#[derive(Debug, Serialize)]
pub(crate) struct ClassTable {
    /// What is looked up, e.g. `first phrase`.
    pub(crate) by: &'static str,
    /// Distinct values of it in train.
    pub(crate) values: u64,
    pub(crate) train: Share,
    pub(crate) validation: Share,
    pub(crate) test: Share,
}

/// How often each class was with each value, and without one.
///
/// Memory: some 40 bytes a value and class.
#[derive(Default)]
struct Counts {
    values: BTreeMap<&'static str, FxHashMap<u64, BTreeMap<String, u64>>>,
    all: BTreeMap<String, u64>,
}

/// The tables of a dataset; none of records that are guessed by nothing.
pub(crate) fn tables<R: Counted>(dataset: &Dataset) -> Result<Vec<ClassTable>> {
    let counts = count::split(dataset, Split::Train, add::<R>, merge)?;
    let mut right: [BTreeMap<&'static str, (u64, u64)>; 3] = Default::default();
    for (split, right) in Split::ALL.into_iter().zip(&mut right) {
        if counts.values.is_empty() {
            break;
        }
        let judge = |right: &mut BTreeMap<&'static str, (u64, u64)>, row: &R| {
            let Some(class) = row.class() else { return };
            for (by, value) in row.guessed_by() {
                let table = counts.values.get(by).and_then(|table| table.get(&value));
                let guess = most_frequent(table.unwrap_or(&counts.all));
                let (yes, of) = right.entry(by).or_default();
                *yes += u64::from(guess == Some(&*class));
                *of += 1;
            }
        };
        *right = count::split(dataset, split, judge, |all, more| {
            for (by, (yes, of)) in more {
                let (all_yes, all_of) = all.entry(by).or_default();
                (*all_yes, *all_of) = (*all_yes + yes, *all_of + of);
            }
        })?;
    }
    let table = |(by, values): (&&'static str, &FxHashMap<_, _>)| {
        let [train, validation, test] = [0, 1, 2].map(|split: usize| {
            let (yes, of) = right[split].get(by).copied().unwrap_or_default();
            Share::new(yes, of)
        });
        ClassTable {
            by,
            values: values.len() as u64,
            train,
            validation,
            test,
        }
    };
    Ok(counts.values.iter().map(table).collect())
}

fn add<R: Counted>(counts: &mut Counts, row: &R) {
    let by = row.guessed_by();
    let Some(class) = row.class().filter(|_| !by.is_empty()) else {
        return;
    };
    for (by, value) in by {
        let classes = counts.values.entry(by).or_default();
        more(classes.entry(value).or_default(), &class, 1);
    }
    more(&mut counts.all, &class, 1);
}

fn merge(all: &mut Counts, part: &Counts) {
    for (by, values) in &part.values {
        let table = all.values.entry(by).or_default();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "sums do not depend on the order"
        )]
        for (value, classes) in values {
            let counts = table.entry(*value).or_default();
            for (class, rows) in classes {
                more(counts, class, *rows);
            }
        }
    }
    for (class, rows) in &part.all {
        more(&mut all.all, class, *rows);
    }
}

fn more(counts: &mut BTreeMap<String, u64>, class: &str, rows: u64) {
    match counts.get_mut(class) {
        Some(count) => *count += rows,
        None => drop(counts.insert(class.to_owned(), rows)),
    }
}

/// The class with most rows; of several, the first by its name.
fn most_frequent(counts: &BTreeMap<String, u64>) -> Option<&str> {
    let found = counts.iter().rev().max_by_key(|(_, rows)| **rows);
    found.map(|(class, _)| class.as_str())
}
