//! The hidden folder in which datasets grow, and how they are sealed and put in their place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::croissant::{self, CROISSANT};
use crate::{
    Card, DataFile, Error, MANIFEST, Manifest, Overlap, Provenance, Record, Result, Shard, Split,
    sha256_file,
};

/// The folder in which output grows. Removed when dropped, unless it is [kept](PartialDir::keep);
/// after publishing nothing is there.
pub(crate) struct PartialDir {
    path: PathBuf,
    keep: bool,
}

impl PartialDir {
    /// `.NAME.partial` beside `out`. Nothing is made yet.
    pub(crate) fn beside(out: &Path) -> Self {
        Self {
            path: partial_path(out),
            keep: false,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the folder where it is when the run ends: there is something in it to go on from.
    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }

    /// Puts the folder in the place of `out`.
    pub(crate) fn publish(&self, out: &Path, overwrite: bool) -> Result<()> {
        // Someone may have put something there meanwhile.
        check_free(out, overwrite)?;
        let old = hidden_sibling(out, "old");
        remove_dir(&old)?;
        if out.exists() {
            fs::rename(out, &old).map_err(Error::io(out))?;
        }
        fs::rename(&self.path, out).map_err(Error::io(out))?;
        remove_dir(&old)
    }
}

impl Drop for PartialDir {
    fn drop(&mut self) {
        if !self.keep {
            // On the way out of an error, that error is what the user needs to see.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

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
        name: name.to_owned(),
        record: R::NAME.to_owned(),
        record_version: R::VERSION,
        generator: concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned(),
        command: provenance.command.to_owned(),
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
    write(dir, "SHA256SUMS", sha256sums(&manifest).as_bytes())?;
    let mut json = serde_json::to_vec_pretty(&manifest).map_err(Error::json(dir))?;
    json.push(b'\n');
    write(dir, MANIFEST, &json)?;
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
        let DataFile {
            path,
            bytes,
            sha256,
        } = describe(dir, &path)?;
        Ok(Shard {
            path,
            split: split.name().to_owned(),
            rows,
            bytes,
            sha256,
        })
    };
    shards.into_iter().map(describe).collect()
}

fn describe(dir: &Path, path: &Path) -> Result<DataFile> {
    let inside = path.strip_prefix(dir).unwrap_or(path);
    let bytes = fs::metadata(path).map_err(Error::io(path))?.len();
    let sha256 = sha256_file(path).map_err(Error::io(path))?;
    Ok(DataFile {
        path: inside.to_string_lossy().replace('\\', "/"),
        bytes,
        sha256,
    })
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

/// Refuses an output that exists, before any work is done.
///
/// # Errors
/// [`Error::Exists`].
pub fn check_free(out: &Path, overwrite: bool) -> Result<()> {
    if !out.exists() || is_empty_dir(out) {
        return Ok(());
    }
    if !overwrite {
        return Err(Error::Exists(out.to_owned()));
    }
    if !out.join(MANIFEST).exists() && !holds_one_run(out) {
        // --overwrite must not delete a folder that is no dataset (a home folder, say).
        return Err(Error::NotADataset(out.to_owned()));
    }
    Ok(())
}

fn is_empty_dir(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Whether a folder holds the tables of one run and nothing else. A folder in which someone gathers
/// datasets is not that.
fn holds_one_run(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else {
        return false;
    };
    let mut tables = Vec::new();
    for entry in entries {
        match entry.map(|entry| Manifest::read(&entry.path())) {
            Ok(Ok(manifest)) => tables.push(manifest),
            _ => return false,
        }
    }
    let run = |table: &Manifest| (table.command.clone(), table.arguments.clone());
    tables.len() > 1 && tables.iter().all(|table| run(table) == run(&tables[0]))
}

/// The name of a dataset: its folder's.
pub(crate) fn name_of(out: &Path) -> String {
    let name = out.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Where what shall appear at `out` grows.
pub(crate) fn partial_path(out: &Path) -> PathBuf {
    hidden_sibling(out, "partial")
}

pub(crate) fn hidden_sibling(out: &Path, suffix: &str) -> PathBuf {
    out.with_file_name(format!(".{}.{suffix}", name_of(out)))
}

pub(crate) fn remove_dir(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).map_err(Error::io(path))
    } else {
        Ok(())
    }
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
