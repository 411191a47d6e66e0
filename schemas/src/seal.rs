//! What makes a folder of shards a dataset: card, checksums and manifest.

use std::fs;
use std::path::{Path, PathBuf};

use crate::croissant::{self, CROISSANT};
use crate::file_sums::sums;
use crate::manifest::{FORMAT, FORMAT_VERSION};
use crate::{
    Card, DataFile, Error, Manifest, Overlap, Provenance, Record, Result, Shard, Split, sha256_file,
};

/// Name of the file for `sha256sum --check`.
const SHA256SUMS: &str = "SHA256SUMS";

/// What is known of the rows of a dataset when all are written.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) class_names: Vec<String>,
    pub(crate) shards: Vec<Shard>,
    pub(crate) overlap: Vec<Overlap>,
}

/// Writes card, checksums and manifest of the dataset in `dir`, the manifest last.
pub(crate) fn seal<R: Record>(
    dir: &Path,
    name: &str,
    rows: Rows,
    provenance: Provenance,
    card: &Card,
) -> Result<Manifest> {
    let mut manifest = Manifest {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        name: name.to_owned(),
        record: R::NAME.to_owned(),
        record_version: R::VERSION,
        generator: concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned(),
        command: provenance.command.to_owned(),
        objective: provenance.objective,
        arguments: provenance.arguments,
        command_line: card.command_line.clone(),
        seed: provenance.seed,
        split_by: provenance.split_by,
        languages: card.languages.clone(),
        inputs: provenance.inputs,
        class_names: rows.class_names,
        shards: rows.shards,
        overlap: rows.overlap,
        files: Vec::new(),
        funnel: provenance.funnel,
    };
    write(dir, "README.md", card.render::<R>(&manifest).as_bytes())?;
    let croissant = croissant::render::<R>(card, &manifest);
    write(dir, CROISSANT, format!("{croissant:#}\n").as_bytes())?;
    manifest.files = other_files(dir)?;
    write(dir, SHA256SUMS, sha256sums(&manifest).as_bytes())?;
    manifest.files = other_files(dir)?;
    manifest.write(dir)?;
    Ok(manifest)
}

/// Shards of a split, at these paths with these rows, as the manifest of the dataset in `dir` lists
/// them.
pub(crate) fn describe_shards(
    dir: &Path,
    split: Split,
    shards: Vec<(PathBuf, u64)>,
) -> Result<Vec<Shard>> {
    let describe = |(path, rows): (PathBuf, u64)| {
        let (bytes, sha256, blocks) = sums(&path)?;
        Ok(Shard {
            path: inside(dir, &path),
            split: split.name().to_owned(),
            rows,
            bytes,
            sha256,
            blocks,
        })
    };
    shards.into_iter().map(describe).collect()
}

fn describe(dir: &Path, path: &Path) -> Result<DataFile> {
    let bytes = fs::metadata(path).map_err(Error::io(path))?.len();
    let sha256 = sha256_file(path).map_err(Error::io(path))?;
    Ok(DataFile {
        path: inside(dir, path),
        bytes,
        sha256,
    })
}

/// A path as the manifest has it.
fn inside(dir: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(dir).unwrap_or(path);
    inside.to_string_lossy().into_owned()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    fs::write(&path, bytes).map_err(Error::io(&path))
}

/// The files in the dataset's own folder; the shards lie one level down.
fn other_files(dir: &Path) -> Result<Vec<DataFile>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::io(dir))? {
        let path = entry.map_err(Error::io(dir))?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| describe(dir, path)).collect()
}

/// The dataset's files in the format of `sha256sum --check`.
fn sha256sums(manifest: &Manifest) -> String {
    let shards = manifest.shards.iter().map(|s| (&s.path, &s.sha256));
    let files = manifest.files.iter().map(|f| (&f.path, &f.sha256));
    let mut lines: Vec<String> = shards
        .chain(files)
        .map(|(path, sha256)| format!("{sha256}  {path}\n"))
        .collect();
    lines.sort_by(|a, b| a[64..].cmp(&b[64..]));
    lines.concat()
}
