//! The formats, and which records each can hold.

use anyhow::{Result, bail};
use clap::ValueEnum;
use kprep_schemas::{Dataset, DependencyExample, Record, RelationExample};

/// A format to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Relation datasets: TACRED's JSON array, without its Stanford columns
    Tacred,
    /// Relation datasets: train.json and dev.json of K-Adapter's released factual adapter
    Kadapter,
    /// Dependency datasets: train.json and dev.json of its linguistic adapter. The released reader
    /// skips sentences whose last word is a head; they are written all the same
    FindHead,
    /// Any dataset: a JSON object a row, with the names of the Parquet columns
    Jsonl,
    /// Dependency datasets: CoNLL-U
    Conllu,
    /// Relation datasets: T-REx's JSON documents, which `kprep trex` reads
    Trex,
}

impl Format {
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The record type that it is for; `None` if it holds any.
    fn record(self) -> Option<&'static str> {
        match self {
            Self::Tacred | Self::Kadapter | Self::Trex => Some(RelationExample::NAME),
            Self::FindHead | Self::Conllu => Some(DependencyExample::NAME),
            Self::Jsonl => None,
        }
    }

    /// Whether a file is one JSON array.
    pub(crate) fn is_array(self) -> bool {
        !matches!(self, Self::Jsonl | Self::Conllu)
    }

    /// Refuses a format that is not for the dataset's records.
    pub(crate) fn check(self, dataset: &Dataset) -> Result<()> {
        let found = dataset.manifest.record.as_str();
        let fits = |format: &Self| format.record().is_none_or(|record| record == found);
        if fits(&self) {
            return Ok(());
        }
        let formats = Self::value_variants().iter().filter(|format| fits(format));
        let names: Vec<String> = formats.map(|format| format.name()).collect();
        bail!(
            "{} holds {found}, which {} cannot hold; expected --format {}",
            dataset.dir.display(),
            self.name(),
            names.join(" or ")
        )
    }
}
