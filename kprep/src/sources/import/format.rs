//! The formats, and which record type JSON Lines hold.

use anyhow::{Result, anyhow, bail, ensure};
use clap::ValueEnum;
use kprep_ingest::{Error, JsonDocuments};
use kprep_schemas::{RECORD_NAMES, Record};
use serde_json::{Map, Value};

use super::{File, WANTED};
use crate::build::inputs::{self, Wanted};
use crate::datasets::dispatch::{self, Work};
use crate::sources::trex;

/// A format to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// TACRED's JSON array, with or without its Stanford columns: a relation dataset
    Tacred,
    /// train.json and dev.json of K-Adapter's released factual adapter: a relation dataset
    Kadapter,
    /// train.json and dev.json of its linguistic adapter: a dependency dataset
    FindHead,
    /// T-REx's JSON documents: aligned pages, with all mentions and facts
    Trex,
    /// What `kprep export --format jsonl` writes of any dataset
    Jsonl,
}

impl Format {
    /// What its files look like.
    pub(crate) fn wanted(self) -> &'static Wanted {
        match self {
            Self::Trex => &trex::WANTED,
            _ => &WANTED,
        }
    }

    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The record type whose columns are the keys of the first object in these files.
pub(crate) fn record_of(files: &[File]) -> Result<&'static str> {
    ensure!(
        !files.iter().any(|file| file.input.is_stream()),
        "what a pipe holds is not known before it is read: name the record type with --record, one of {}",
        RECORD_NAMES.join(", ")
    );
    for file in files {
        let mut keys = None;
        let visited = file.input.look(|name, content| -> Result<(), Error> {
            if keys.is_none() {
                let first = JsonDocuments::new(content).next();
                let object = first.and_then(|(batch, _)| {
                    let (_, json) = batch.documents().next()?;
                    serde_json::from_slice::<Map<String, Value>>(json.ok()?).ok()
                });
                keys = object.map(|object| (name.to_owned(), object));
            }
            Ok(())
        });
        visited?;
        if let Some((name, object)) = keys {
            return matching(&object).ok_or_else(|| {
                let keys: Vec<&str> = object.keys().map(String::as_str).collect();
                anyhow!(
                    "{name}: the keys of the first row are those of no record type ({}); name it \
                     with --record, one of {}",
                    keys.join(", "),
                    RECORD_NAMES.join(", ")
                )
            });
        }
    }
    let inputs: Vec<_> = files.iter().map(|file| file.input.clone()).collect();
    let looks = inputs::looks(&inputs, &WANTED);
    bail!(
        "{looks}no JSON object at the start of any file: is this JSON Lines? If only the first row is broken, name the record type with --record"
    )
}

fn matching(object: &Map<String, Value>) -> Option<&'static str> {
    let fits = |name: &&str| dispatch::for_record(name, HasKeys(object)).unwrap_or(false);
    RECORD_NAMES.into_iter().find(|name| fits(name))
}

struct HasKeys<'a>(&'a Map<String, Value>);

impl Work for HasKeys<'_> {
    type Output = Result<bool>;

    fn run<R: Record>(self) -> Result<bool> {
        let columns = R::COLUMNS.iter();
        let keys = columns
            .filter(|column| self.0.contains_key(column.name))
            .count();
        Ok(keys == R::COLUMNS.len() && keys == self.0.len())
    }
}
