//! A dataset folder: found and read, or built and published in one step.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::reject::RejectWriter;
use crate::shard_reader::row_groups;
use crate::shard_writer::{ShardWriter, write_table};
use crate::{
    Card, DataFile, Error, Funnel, GroupBy, InputFile, MANIFEST, Manifest, Record, Reject, Result,
    Shard, ShardReader, Split, sha256_file,
};

/// File name of the rejects in a dataset folder.
pub const REJECTS: &str = "rejects.jsonl.zst";

/// A complete dataset on disk.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its folder.
    pub dir: PathBuf,
    /// What the folder holds.
    pub manifest: Manifest,
}

impl Dataset {
    /// Opens the dataset in `dir`.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is none, [`Error::Json`] if its manifest is damaged.
    pub fn open(dir: &Path) -> Result<Self> {
        Ok(Self {
            dir: dir.to_owned(),
            manifest: Manifest::read(dir)?,
        })
    }

    /// All datasets at or below `root`, by path. Hidden folders, where half-built datasets are,
    /// and what lies inside a dataset are not searched.
    ///
    /// # Errors
    /// [`Error::Io`] if a folder cannot be listed, and whatever [`Dataset::open`] says.
    pub fn find(root: &Path) -> Result<Vec<Self>> {
        if root.join(MANIFEST).is_file() {
            return Ok(vec![Self::open(root)?]);
        }
        let entries = fs::read_dir(root).map_err(Error::io(root))?;
        let mut dirs = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io(root))?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !hidden && entry.path().is_dir() {
                dirs.push(entry.path());
            }
        }
        dirs.sort();
        let mut found = Vec::new();
        for dir in dirs {
            found.extend(Self::find(&dir)?);
        }
        Ok(found)
    }

    /// The rows of a split in their stored order. Memory: one batch of a few thousand rows.
    ///
    /// # Errors
    /// [`Error::WrongRecord`] if the dataset holds other records; then each row may fail with what
    /// [`ShardReader`] says.
    pub fn rows<R: Record>(
        &self,
        split: Split,
    ) -> Result<impl Iterator<Item = Result<R>> + use<R>> {
        self.manifest.expect_record::<R>(&self.dir)?;
        let shards: Vec<PathBuf> = self.shards(split).map(|s| self.dir.join(&s.path)).collect();
        let batches = shards
            .into_iter()
            .flat_map(|path| match ShardReader::<R>::open(&path) {
                Ok(reader) => Box::new(reader) as Box<dyn Iterator<Item = Result<Vec<R>>>>,
                Err(e) => Box::new(std::iter::once(Err(e))),
            });
        Ok(batches.flat_map(|batch| match batch {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(e) => vec![Err(e)],
        }))
    }

    /// The row groups of a split in their stored order, as shard and number within it: what
    /// [`ShardReader::open_row_group`] opens, for threads that share the reading.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] if a shard cannot be read as Parquet.
    pub fn row_groups(&self, split: Split) -> Result<Vec<(PathBuf, usize)>> {
        let mut all = Vec::new();
        for shard in self.shards(split) {
            let path = self.dir.join(&shard.path);
            let groups = row_groups(&path)?;
            all.extend((0..groups).map(|group| (path.clone(), group)));
        }
        Ok(all)
    }

    pub(crate) fn shards(&self, split: Split) -> impl Iterator<Item = &Shard> {
        self.manifest
            .shards
            .iter()
            .filter(move |shard| shard.split == split.name())
    }
}

/// What the manifest says of how a dataset was made.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The subcommand, e.g. `trex`.
    pub command: &'static str,
    /// Every argument that shapes the content, defaults included.
    pub arguments: Map<String, Value>,
    /// Seed of the split.
    pub seed: u64,
    /// What a split never cuts.
    pub split_by: GroupBy,
    /// The inputs, in the order they were read.
    pub inputs: Vec<InputFile>,
    /// The counts.
    pub funnel: Funnel,
}

/// Builds a dataset in `.NAME.partial` beside its final place and publishes it by a rename, so
/// that a folder with a manifest is always complete. Dropped unfinished, it removes what it wrote.
pub struct DatasetWriter<R: Record> {
    out: PathBuf,
    overwrite: bool,
    class_names: Vec<String>,
    splits: Vec<ShardWriter<R>>,
    rejects: RejectWriter,
    /// Last, so that the folder is removed when nothing writes into it any more.
    partial: PartialDir,
}

impl<R: Record> DatasetWriter<R> {
    /// Starts a dataset that will appear at `out`. Parts that a killed run left are removed.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something at `out` and `overwrite` is off; [`Error::Io`] if
    /// the folder cannot be made.
    pub fn create(out: &Path, overwrite: bool, class_names: Vec<String>) -> Result<Self> {
        check_free(out, overwrite)?;
        let partial = PartialDir(hidden_sibling(out, "partial"));
        remove_dir(&partial.0)?;
        let data = partial.0.join("data");
        fs::create_dir_all(&data).map_err(Error::io(&data))?;
        let schema = R::arrow_schema(&class_names);
        let splits = Split::ALL
            .map(|split| ShardWriter::new(&data, split, &schema))
            .into();
        let rejects = RejectWriter::create(&partial.0.join(REJECTS))?;
        Ok(Self {
            out: out.to_owned(),
            overwrite,
            class_names,
            splits,
            rejects,
            partial,
        })
    }

    /// Adds a row. Rows of a split keep the order in which they are added.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when a row group cannot be written.
    pub fn push(&mut self, split: Split, row: R) -> Result<()> {
        self.splits[split as usize].push(row)
    }

    /// Notes a dropped record.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn reject(&mut self, reject: &Reject) -> Result<()> {
        self.rejects.write(reject)
    }

    /// Adds a small table as a Parquet file of its own in the dataset's folder.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when it cannot be written.
    pub fn write_table<T: Record>(&mut self, name: &str, rows: &[T]) -> Result<()> {
        write_table(&self.partial.0.join(name), rows)
    }

    /// Writes shards, card, checksums and manifest, and puts the dataset in its place.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Parquet`] when something cannot be written; nothing is published
    /// then.
    pub fn finish(self, provenance: Provenance, card: &Card) -> Result<Manifest> {
        let Self {
            out,
            overwrite,
            partial,
            class_names,
            splits,
            rejects,
        } = self;
        let mut shards = Vec::new();
        for (split, writer) in Split::ALL.into_iter().zip(splits) {
            for (path, rows) in writer.finish()? {
                let DataFile {
                    path,
                    bytes,
                    sha256,
                } = partial.describe(&path)?;
                shards.push(Shard {
                    path,
                    split: split.name().to_owned(),
                    rows,
                    bytes,
                    sha256,
                });
            }
        }
        rejects.finish()?;
        let mut manifest = Manifest {
            name: out
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            record: R::NAME.to_owned(),
            record_version: R::VERSION,
            generator: concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned(),
            command: provenance.command.to_owned(),
            arguments: provenance.arguments,
            seed: provenance.seed,
            split_by: provenance.split_by,
            inputs: provenance.inputs,
            class_names,
            shards,
            files: Vec::new(),
            funnel: provenance.funnel,
        };
        partial.write("README.md", card.render::<R>(&manifest).as_bytes())?;
        manifest.files = partial.other_files()?;
        partial.write("SHA256SUMS", sha256sums(&manifest).as_bytes())?;
        let mut json = serde_json::to_vec_pretty(&manifest).map_err(Error::json(&partial.0))?;
        json.push(b'\n');
        partial.write(MANIFEST, &json)?;
        partial.publish(&out, overwrite)?;
        Ok(manifest)
    }
}

/// The folder in which a dataset grows. Removed when dropped; after publishing nothing is there.
struct PartialDir(PathBuf);

impl PartialDir {
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.0.join(name);
        fs::write(&path, bytes).map_err(Error::io(&path))
    }

    fn describe(&self, path: &Path) -> Result<DataFile> {
        let inside = path.strip_prefix(&self.0).unwrap_or(path);
        let bytes = fs::metadata(path).map_err(Error::io(path))?.len();
        let sha256 = sha256_file(path).map_err(Error::io(path))?;
        Ok(DataFile {
            path: inside.to_string_lossy().replace('\\', "/"),
            bytes,
            sha256,
        })
    }

    /// The files in the dataset's own folder; the shards lie one level down.
    fn other_files(&self) -> Result<Vec<DataFile>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(Error::io(&self.0))? {
            let path = entry.map_err(Error::io(&self.0))?.path();
            if path.is_file() {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().map(|path| self.describe(path)).collect()
    }

    fn publish(&self, out: &Path, overwrite: bool) -> Result<()> {
        // Someone may have put something there meanwhile.
        check_free(out, overwrite)?;
        let old = hidden_sibling(out, "old");
        remove_dir(&old)?;
        if out.exists() {
            fs::rename(out, &old).map_err(Error::io(out))?;
        }
        fs::rename(&self.0, out).map_err(Error::io(out))?;
        remove_dir(&old)
    }
}

impl Drop for PartialDir {
    fn drop(&mut self) {
        // On the way out of an error, that error is what the user needs to see.
        let _ = fs::remove_dir_all(&self.0);
    }
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
    if !out.join(MANIFEST).exists() {
        // --overwrite must not delete a folder that is no dataset (a home folder, say).
        return Err(Error::NotADataset(out.to_owned()));
    }
    Ok(())
}

fn is_empty_dir(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

fn hidden_sibling(out: &Path, suffix: &str) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{suffix}"))
}

fn remove_dir(path: &Path) -> Result<()> {
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
