//! Several datasets of one record type put into one.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::{
    Card, Dataset, DatasetWriter, Funnel, GroupBy, InputFile, MANIFEST, Manifest, OutputDir,
    Provenance, Record, Reject, Split, sha256_file, thousands,
};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use crate::datasets::dispatch::{self, Work};
use crate::datasets::entity_table;
use crate::datasets::groups::Groups;
use crate::datasets::relation_table::{RELATIONS, RelationTable, in_order, relations};
use crate::datasets::source_card;

/// Datasets of one record type, and where their rows go.
pub(crate) struct Merge {
    pub(crate) out: OutputDir,
    pub(crate) datasets: Vec<Dataset>,
    /// For the card.
    pub(crate) command_line: Vec<String>,
}

impl Work for Merge {
    type Output = Result<Manifest>;

    fn run<R: Record>(self) -> Result<Manifest> {
        let Self {
            out,
            datasets,
            command_line,
        } = self;
        let names = class_names(&datasets);
        let mut merged = Merged::<R> {
            writer: DatasetWriter::create(out, names.clone())?,
            labels: names.iter().cloned().zip(0..).collect(),
            table: RelationTable::new(names.len()),
            groups: Groups::new(split_by(&datasets)),
            seen: FxHashMap::default(),
            read: 0,
            repeated: 0,
            other_rows: 0,
        };
        for dataset in &datasets {
            for split in Split::ALL {
                for batch in dataset.batches(split)? {
                    merged.add(&dataset.manifest.name, split, batch?)?;
                }
            }
        }
        let funnel = merged.funnel();
        ensure!(
            funnel.kept() > 0,
            "no row in any of the datasets:\n{funnel}"
        );
        let Merged {
            mut writer,
            table,
            groups,
            ..
        } = merged;
        if R::RELATION_TABLE {
            let english = english_names(&datasets)?;
            let table = table.finish(&names, |relation| english.get(relation).cloned());
            writer.write_table(RELATIONS, &table)?;
        }
        entity_table::copy(&datasets, &mut writer)?;
        let provenance = Provenance {
            objective: datasets[0].manifest.objective.clone(),
            command: "merge",
            arguments: describe(&datasets),
            seed: datasets[0].manifest.seed,
            split_by: groups.promise(),
            inputs: datasets.iter().map(input).collect::<Result<_>>()?,
            funnel,
        };
        Ok(writer.finish(provenance, &card(&datasets, command_line))?)
    }
}

/// Why a row is dropped.
const REPEATED: &str = "the same row again";
/// The same, where ids are those of a source: offsets of two wordnets, items of two dumps.
const OTHER_ROW: &str = "another row with the id of an earlier one";

/// How many rows a dataset brings.
pub(crate) fn read_from(dataset: &Dataset) -> String {
    let rows = thousands(rows(&dataset.manifest));
    format!("{}: {rows} rows", dataset.dir.display())
}

/// What the rows flow into.
struct Merged<R: Record> {
    writer: DatasetWriter<R>,
    labels: FxHashMap<String, i64>,
    table: RelationTable,
    groups: Groups,
    /// Keys of the rows so far, and a hash of all that each says.
    seen: FxHashMap<u64, u64>,
    read: u64,
    repeated: u64,
    other_rows: u64,
}

impl<R: Record> Merged<R> {
    /// Adds rows of the dataset that is called `name`.
    fn add(&mut self, name: &str, split: Split, mut batch: Vec<R>) -> Result<()> {
        self.read += batch.len() as u64;
        for row in &mut batch {
            if let Err(class) = row.relabel(|name| self.labels.get(name).copied()) {
                bail!(
                    "row {}: {class:?} is none of the classes: `kprep validate` tells what is wrong \
                     with the dataset",
                    row.id()
                );
            }
        }
        let contents = dispatch::contents(&batch)?;
        let keys = dispatch::ids(&batch).unwrap_or_else(|| contents.clone());
        for ((row, key), content) in batch.into_iter().zip(keys).zip(contents) {
            // A repetition in another split is one, too: it is what the splits share.
            self.groups.add(split, &row);
            let repeats = match self.seen.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(content);
                    None
                }
                Entry::Occupied(first) => Some(*first.get() == content),
            };
            if let Some(is_same) = repeats {
                self.repeated += u64::from(is_same);
                self.other_rows += u64::from(!is_same);
                self.writer.reject(&Reject {
                    source: Some(name.to_owned()),
                    reason: if is_same { REPEATED } else { OTHER_ROW },
                    detail: row.id().to_owned(),
                    ..Reject::default()
                })?;
                continue;
            }
            self.table.add(split, &row);
            self.writer.push(split, row)?;
        }
        Ok(())
    }

    fn funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("rows", self.read);
        let lost = [(REPEATED, self.repeated), (OTHER_ROW, self.other_rows)];
        funnel.stage("distinct", lost);
        funnel.within([(self.groups.reason(), self.groups.several())]);
        funnel
    }
}

/// The classes of all datasets; in their own order where they have the same.
fn class_names(datasets: &[Dataset]) -> Vec<String> {
    let mut lists = datasets.iter().map(|dataset| &dataset.manifest.class_names);
    let first = &datasets[0].manifest.class_names;
    if lists.clone().all(|names| names == first) {
        return first.clone();
    }
    in_order(lists.by_ref().flatten().cloned())
}

/// The group that no split of any of the datasets divides.
fn split_by(datasets: &[Dataset]) -> GroupBy {
    let first = datasets[0].manifest.split_by;
    let mut others = datasets.iter().map(|dataset| dataset.manifest.split_by);
    if others.all(|by| by == first) {
        first
    } else {
        GroupBy::Row
    }
}

/// English names of the relations: the first that a dataset has.
fn english_names(datasets: &[Dataset]) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for dataset in datasets {
        for row in relations(dataset)? {
            if let Some(name) = row.name {
                names.entry(row.relation).or_insert(name);
            }
        }
    }
    Ok(names)
}

fn rows(manifest: &Manifest) -> u64 {
    manifest.shards.iter().map(|shard| shard.rows).sum()
}

/// A dataset as an input: its manifest, which has the checksums of all its files.
pub(crate) fn input(dataset: &Dataset) -> Result<InputFile> {
    let path = dataset.dir.join(MANIFEST);
    let shown = || path.display().to_string();
    Ok(InputFile {
        name: format!("{}/{MANIFEST}", dataset.manifest.name),
        bytes: Some(fs::metadata(&path).with_context(shown)?.len()),
        sha256: Some(sha256_file(&path).with_context(shown)?),
    })
}

pub(crate) fn describe(datasets: &[Dataset]) -> Map<String, Value> {
    let about = |dataset: &Dataset| {
        let Manifest {
            name,
            command,
            arguments,
            seed,
            ..
        } = &dataset.manifest;
        let rows = rows(&dataset.manifest);
        json!({"name": name, "rows": rows, "command": command, "seed": seed, "arguments": arguments})
    };
    let arguments = json!({
        "datasets": datasets.iter().map(about).collect::<Vec<_>>(),
        "allow-non-tree": dispatch::allow_non_tree(datasets),
    });
    arguments.as_object().cloned().unwrap_or_default()
}

fn card(datasets: &[Dataset], command_line: Vec<String>) -> Card {
    let common = source_card::card(datasets, command_line);
    let mut details =
        String::from("## Merged from\n\n| dataset | rows | made by |\n|---|---|---|\n");
    for Dataset { manifest, .. } in datasets {
        let (name, command) = (&manifest.name, &manifest.command);
        let rows = thousands(rows(manifest));
        let _ = writeln!(details, "| {name} | {rows} | `{command}` |");
    }
    details.push('\n');
    Card {
        title: format!("{}, merged", common.title),
        summary:
            "The rows of several datasets, each with the split that it had there; of rows with \
                  the same id the first one stays."
                .into(),
        source: "The rows are those of the datasets named above, and stand under the terms that \
                 their cards name.",
        details,
        ..common
    }
}
