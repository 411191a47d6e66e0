//! The tensors of a Hugging Face checkpoint's folder, in one file or in shards.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::sha256_file;
use serde::Deserialize;

use crate::files::file_kind;
use crate::files::header::{self, Shapes};
use crate::files::torch_file;
use crate::files::weights::{self, Named};
use crate::{Error, Result};

/// What lies in a backbone's folder beside its weights.
pub const SETTINGS_FILES: [&str; 7] = [
    "config.json",
    "bert_config.json",
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer_config.json",
];

/// Those of them that are read of a folder, on which features depend: one configuration, and the first tokenizer
/// that is there. What lies beside them may change.
pub(crate) fn settings_files(dir: &Path) -> Vec<&'static str> {
    let there = |name: &str| dir.join(name).is_file();
    let mut names = vec![if there("config.json") {
        "config.json"
    } else {
        "bert_config.json"
    }];
    names.extend_from_slice(if there("tokenizer.json") {
        &["tokenizer.json"]
    } else if there("vocab.json") && there("merges.txt") {
        &["vocab.json", "merges.txt"]
    } else {
        &["vocab.txt", "tokenizer_config.json"]
    });
    names
}

/// Where weights are looked for, in the order in which `transformers` does. An index names shards.
const NAMES: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];

/// SHA-256 by file name.
pub type Checksums = BTreeMap<String, String>;

/// SHA-256 of a backbone's files that its features depend on or that lie beside them, by name.
///
/// # Errors
/// [`Error::Io`].
pub fn checksums(dir: &Path) -> Result<Checksums> {
    let names = SETTINGS_FILES.iter();
    let mut paths: Vec<PathBuf> = names.map(|name| dir.join(name)).collect();
    // Loading the backbone says what is wrong where its weights cannot be found.
    if let Ok((first, shards)) = files(dir) {
        paths.push(first);
        paths.extend(shards);
    }
    let mut all = BTreeMap::new();
    for path in paths.into_iter().filter(|path| path.is_file()) {
        let sha256 = sha256_file(&path).map_err(Error::io(&path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        all.insert(name.into_owned(), sha256);
    }
    Ok(all)
}

#[derive(Deserialize)]
struct Index {
    /// The shard of each tensor.
    weight_map: BTreeMap<String, String>,
}

/// The files that a folder's tensors come from: the one that names them all, then its shards.
///
/// # Errors
/// [`Error::NoBackbone`] if there is none; [`Error::Json`] and [`Error::Weights`] for an index that
/// is damaged, or that leads out of the folder.
pub fn files(dir: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    let found = NAMES.iter().map(|name| dir.join(name));
    let first = found
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| Error::NoBackbone {
            path: dir.to_owned(),
            file: "model.safetensors or pytorch_model.bin (nor the index of either's shards)",
        })?;
    if first.extension() != Some(OsStr::new("json")) {
        return Ok((first, Vec::new()));
    }
    let bytes = fs::read(&first).map_err(Error::io(&first))?;
    let failed = |error| file_kind::or(&first, "JSON", Error::json(&first)(error));
    let index: Index = serde_json::from_slice(&bytes).map_err(failed)?;
    let names: BTreeSet<String> = index.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(file_kind::refuse(&first, "the index names no shard"));
    }
    let shard = |name: &String| {
        if Path::new(name).file_name() != Some(OsStr::new(name)) {
            let reason = format!("the shard {name:?} is no file name");
            return Err(file_kind::refuse(&first, reason));
        }
        Ok(dir.join(name))
    };
    let shards = names.iter().map(shard).collect::<Result<_>>()?;
    Ok((first, shards))
}

/// Every tensor of a folder, with the path to name in errors about them.
///
/// # Errors
/// What [`files`] and [`read_file`] say; [`Error::Weights`] for a tensor in two shards.
pub fn read(dir: &Path) -> Result<(PathBuf, Named)> {
    all(dir, read_file)
}

/// The shapes of every tensor of a folder.
///
/// # Errors
/// As [`read`].
pub fn shapes(dir: &Path) -> Result<Shapes> {
    Ok(all(dir, shapes_of_file)?.1)
}

fn all<T>(
    dir: &Path,
    read: impl Fn(&Path) -> Result<BTreeMap<String, T>>,
) -> Result<(PathBuf, BTreeMap<String, T>)> {
    let (first, shards) = files(dir)?;
    if shards.is_empty() {
        let named = read(&first)?;
        return Ok((first, named));
    }
    let mut all = BTreeMap::new();
    for shard in &shards {
        for (name, tensor) in read(shard)? {
            if all.insert(name.clone(), tensor).is_some() {
                let reason = format!("{name} is in an earlier shard, too");
                return Err(file_kind::refuse(shard, reason));
            }
        }
    }
    Ok((first, all))
}

/// Every tensor of a file: safetensors where its name says so, else PyTorch's own format.
///
/// # Errors
/// What [`weights::read`] and [`torch_file::read`] say.
pub fn read_file(path: &Path) -> Result<Named> {
    if path.extension() == Some(OsStr::new("safetensors")) {
        return Ok(weights::read(path)?.0);
    }
    torch_file::read(path)
}

/// The shapes of every tensor of a file. Of safetensors only the header is read, of PyTorch's own
/// format the whole file.
///
/// # Errors
/// What [`header::shapes`] and [`torch_file::read`] say.
pub fn shapes_of_file(path: &Path) -> Result<Shapes> {
    if path.extension() == Some(OsStr::new("safetensors")) {
        return header::shapes(path);
    }
    let named = torch_file::read(path)?.into_iter();
    Ok(named.map(|(name, tensor)| (name, tensor.size())).collect())
}
