//! `manifest.json`: what a dataset folder holds and how it came to be. Written last.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Funnel, GroupBy, Overlap, Record, Result, Rules, Split};

/// File name of the manifest in a dataset folder.
pub const MANIFEST: &str = "manifest.json";

/// The manifest of a dataset. Its presence says that the dataset is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the dataset: its folder's name.
    pub name: String,
    /// Record type of the shards, e.g. `RelationExample`.
    pub record: String,
    /// Version of the record's schema.
    pub record_version: u32,
    /// Program and version that wrote it.
    pub generator: String,
    /// The subcommand, e.g. `trex`.
    pub command: String,
    /// Every argument that shapes the content, defaults included.
    pub arguments: Map<String, Value>,
    /// The command that builds the dataset again, a word each: what was typed but for what shapes no byte
    /// (threads, talk), and with the dataset's name for its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command_line: Vec<String>,
    /// Seed of the split.
    pub seed: u64,
    /// What a split never cuts.
    pub split_by: GroupBy,
    /// ISO 639 codes of the languages of the content; none where they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// The inputs, in the order they were read.
    pub inputs: Vec<InputFile>,
    /// Names of the classes in label order; empty for record types without a label.
    pub class_names: Vec<String>,
    /// The Parquet files, split by split, in reading order.
    pub shards: Vec<Shard>,
    /// What the splits have in common, a kind of thing each; empty where there is one split, or rows of
    /// which nothing is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlap: Vec<Overlap>,
    /// Every other file of the dataset but the manifest itself.
    pub files: Vec<DataFile>,
    /// How many records were read, kept and lost, stage by stage.
    pub funnel: Funnel,
}

/// One input of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// File name, with its path below a folder that was named; `stdin` for the standard input.
    pub name: String,
    /// Size as stored, in bytes. Unknown for a standard input that was not read to its end.
    pub bytes: Option<u64>,
    /// SHA-256 as stored, in hex. Unknown where the size is.
    pub sha256: Option<String>,
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Path inside the dataset, with `/`.
    pub path: String,
    /// `train`, `validation` or `test`.
    pub split: String,
    /// Rows in the file.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// One file beside the shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path inside the dataset, with `/`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

impl Manifest {
    /// Reads the manifest of the dataset in `dir`.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is none, [`Error::Json`] if it is damaged.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        if !path.is_file() {
            return Err(Error::NotADataset(dir.to_owned()));
        }
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        serde_json::from_slice(&bytes).map_err(Error::json(&path))
    }

    /// Whether the dataset in `dir` holds records of type `R` in the version this program knows.
    ///
    /// # Errors
    /// [`Error::WrongRecord`] if not.
    pub fn expect_record<R: Record>(&self, dir: &Path) -> Result<()> {
        if self.record == R::NAME && self.record_version == R::VERSION {
            return Ok(());
        }
        Err(Error::WrongRecord {
            path: dir.to_owned(),
            expected: format!("{} version {}", R::NAME, R::VERSION),
            found: format!("{} version {}", self.record, self.record_version),
        })
    }

    /// What the dataset promises of its rows.
    pub fn rules(&self) -> Rules<'_> {
        let allowed = self.arguments.get("allow-non-tree");
        Rules {
            class_names: &self.class_names,
            allow_non_tree: allowed.and_then(Value::as_bool).unwrap_or(false),
        }
    }

    /// The splits that have rows.
    pub fn splits(&self) -> impl Iterator<Item = Split> + '_ {
        let all = Split::ALL.into_iter();
        all.filter(|split| self.rows(split.name()) > 0)
    }

    /// Rows of a split.
    pub fn rows(&self, split: &str) -> u64 {
        self.shards
            .iter()
            .filter(|s| s.split == split)
            .map(|s| s.rows)
            .sum()
    }
}
