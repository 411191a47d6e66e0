//! `manifest.json`: what a dataset folder holds and how it came to be. Written last.
//!
//! Its last value is the SHA-256 of all bytes of the file before it: `head -c -68 manifest.json |
//! sha256sum` gives it. `SHA256SUMS` has the other files; the manifest lists `SHA256SUMS` itself.

mod bytes;

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::bytes::{FORMAT, FORMAT_VERSION};
use self::bytes::{check_format, check_sum};
use crate::block::Block;
use crate::{
    Error, Funnel, GroupBy, Overlap, Record, Result, Rules, Split, file_below, is_below,
    is_plain_name, printable,
};

/// File name of the manifest in a dataset folder.
pub const MANIFEST: &str = "manifest.json";

/// The manifest of a dataset. Its presence says that the dataset is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `kprep-dataset`.
    pub format: String,
    /// Version of the manifest's format.
    pub format_version: u32,
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
    /// What an adapter learns from these rows, by the name of the system whose objective it is
    /// (`libert`), where the record type alone does not say it. Datasets made of this one keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// Every argument that shapes the content, defaults included.
    pub arguments: Map<String, Value>,
    /// The command that builds the dataset again, a word each: what was typed but for what shapes
    /// no byte (threads, talk), and with the dataset's name for its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command_line: Vec<String>,
    /// Seed of the split.
    pub seed: u64,
    /// The group that is never divided between splits.
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
    /// What the splits have in common, a kind of thing each; empty where there is one split, or
    /// rows of which nothing is compared.
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
    /// Checksums of its bytes, block by block: readers compare those of the blocks that they read.
    pub blocks: Vec<Block>,
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
    /// Reads the manifest of the dataset in `dir`, and makes sure that it is whole and that each
    /// file that it lists lies in the dataset.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is none or it is not one of kprep, [`Error::OtherFormat`] if
    /// it is one of another version, [`Error::Json`] or [`Error::Damaged`] if it is not as it was
    /// written, [`Error::UnsafePath`] if it names what is not in the dataset.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        if !path.is_file() {
            return Err(no_dataset(dir));
        }
        let manifest = Self::read_file(&path)?;
        manifest.check_files(dir)?;
        Ok(manifest)
    }

    /// Reads a manifest that may have another name than it should.
    pub(crate) fn read_file(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        check_format(&bytes, path)?;
        check_sum(&bytes, path)?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(Error::json(path))?;
        manifest.check_names(path)?;
        Ok(manifest)
    }

    /// Writes the manifest of the dataset in `dir`, with its checksum.
    ///
    /// # Errors
    /// [`Error::Json`] or [`Error::Io`].
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(MANIFEST);
        let bytes = bytes::sealed(self).map_err(Error::json(&path))?;
        fs::write(&path, bytes).map_err(Error::io(&path))
    }

    /// Every file of the dataset but the manifest: path, size in bytes, SHA-256.
    pub fn listed(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        let shards = self
            .shards
            .iter()
            .map(|s| (s.path.as_str(), s.bytes, s.sha256.as_str()));
        let files = self.files.iter();
        shards.chain(files.map(|f| (f.path.as_str(), f.bytes, f.sha256.as_str())))
    }

    /// Text of the manifest that becomes a path is a plain name, or leads below the dataset.
    fn check_names(&self, path: &Path) -> Result<()> {
        let refuse = |text: &str, reason: &str| {
            Err(Error::UnsafePath {
                path: path.to_owned(),
                text: printable(text).into_owned(),
                reason: reason.to_owned(),
            })
        };
        if !is_plain_name(&self.name) {
            return refuse(
                &self.name,
                "expected a name without / and control characters",
            );
        }
        for (listed, ..) in self.listed() {
            if !is_below(listed) {
                return refuse(listed, "expected a path below the dataset's folder");
            }
        }
        for shard in &self.shards {
            let ends = shard.blocks.iter().map(|block| block.end);
            let last = shard.blocks.last().map(|block| block.end);
            if !ends.is_sorted_by(|a, b| a < b) || last != Some(shard.bytes) {
                return refuse(&shard.path, "its blocks do not cover it");
            }
        }
        Ok(())
    }

    /// The files that are there are regular files in the dataset. Those that are missing are
    /// noticed when they are read.
    fn check_files(&self, dir: &Path) -> Result<()> {
        for (listed, ..) in self.listed() {
            match file_below(dir, listed) {
                Err(e) if e.kind() == io::ErrorKind::InvalidInput => {
                    return Err(Error::UnsafePath {
                        path: dir.join(MANIFEST),
                        text: printable(listed).into_owned(),
                        reason: e.to_string(),
                    });
                }
                _ => {}
            }
        }
        Ok(())
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

/// Whether `dir` has a manifest of this program, whole or not: to tell a dataset from a folder of
/// inputs.
pub fn is_dataset(dir: &Path) -> bool {
    let path = dir.join(MANIFEST);
    let Ok(bytes) = fs::read(&path) else {
        return false;
    };
    let found = check_format(&bytes, &path);
    matches!(found, Ok(()) | Err(Error::OtherFormat(_)))
}

/// Why a folder without a manifest is no dataset: a user may have named the folder above several.
fn no_dataset(dir: &Path) -> Error {
    let Ok(entries) = fs::read_dir(dir) else {
        return Error::NoFolder(dir.to_owned());
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(MANIFEST).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_unstable();
    match names.first() {
        Some(first) => Error::SeveralDatasets {
            path: dir.to_owned(),
            first: first.clone(),
            names: names.join(", "),
        },
        None => Error::NotADataset(dir.to_owned()),
    }
}
