//! A dataset folder, found and read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::batches::{Part, batches};
use crate::parquet_file::{ParquetFile, read_table};
use crate::{
    Error, JsonLines, MANIFEST, Manifest, Record, Result, Shard, ShardReader, Split, UntilError,
    file_below,
};

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

    /// The rows of a split in their stored order. After an error it ends. Memory: one row group as
    /// it is stored, and one batch of a few thousand rows.
    ///
    /// # Errors
    /// [`Error::WrongRecord`] if the dataset holds other records; then each row may fail with what
    /// [`ShardReader`] says.
    pub fn rows<R: Record>(
        &self,
        split: Split,
    ) -> Result<impl Iterator<Item = Result<R>> + use<R>> {
        Ok(flattened(self.batches(split)?))
    }

    /// The rows of a split, a few thousand at a time. After an error it ends.
    ///
    /// # Errors
    /// As [`Dataset::rows`].
    pub fn batches<R: Record>(
        &self,
        split: Split,
    ) -> Result<impl Iterator<Item = Result<Vec<R>>> + use<R>> {
        self.manifest.expect_record::<R>(&self.dir)?;
        Ok(self.each_shard(split, |file| ShardReader::read(file, &Part::default())))
    }

    /// The rows of a split as JSON Lines, a few thousand at a time. After an error it ends.
    pub fn json_lines(&self, split: Split) -> impl Iterator<Item = Result<(u64, Vec<u8>)>> + use<> {
        self.each_shard(split, |file| {
            JsonLines::new(batches(file, &Part::default()))
        })
    }

    /// The row groups of a split in their stored order, as shard and number within it: what
    /// [`Dataset::row_group`] reads, for threads that share the reading.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Parquet`] or [`Error::Damaged`] if a shard cannot be read as
    /// Parquet.
    pub fn row_groups(&self, split: Split) -> Result<Vec<(&Shard, usize)>> {
        let mut all = Vec::new();
        for shard in self.shards(split) {
            let file = self.shard_file(shard)?;
            let groups = file.metadata().metadata().num_row_groups();
            all.extend((0..groups).map(|group| (shard, group)));
        }
        Ok(all)
    }

    /// The rows of one row group of a shard.
    ///
    /// # Errors
    /// As [`Dataset::row_groups`].
    pub fn row_group<R: Record>(&self, shard: &Shard, row_group: usize) -> Result<ShardReader<R>> {
        let part = Part {
            row_group: Some(row_group),
            ..Part::default()
        };
        Ok(ShardReader::read(self.shard_file(shard)?, &part))
    }

    /// The rows of one shard.
    ///
    /// # Errors
    /// As [`Dataset::row_groups`].
    pub fn shard<R: Record>(&self, shard: &Shard) -> Result<ShardReader<R>> {
        Ok(ShardReader::read(self.shard_file(shard)?, &Part::default()))
    }

    /// A whole small table beside the shards, such as `relations.parquet`.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the manifest does not list it or its SHA-256 is another one, and what
    /// [`ShardReader`] says.
    pub fn table<T: Record>(&self, name: &str) -> Result<Vec<T>> {
        let path = self.dir.join(name);
        let listed = self.manifest.files.iter().find(|file| file.path == name);
        let Some(listed) = listed else {
            let found = "the manifest does not list it".to_owned();
            return Err(Error::Damaged { path, found });
        };
        let path = file_below(&self.dir, name).map_err(Error::io(&path))?;
        let mut rows = Vec::new();
        for batch in read_table(&path, listed)? {
            rows.extend(T::from_batch(&batch)?);
        }
        Ok(rows)
    }

    /// Reads the shards of a split one after the other, up to the first error.
    pub(crate) fn each_shard<T, I: Iterator<Item = Result<T>>, F: Fn(ParquetFile) -> I>(
        &self,
        split: Split,
        read: F,
    ) -> UntilError<impl Iterator<Item = Result<T>> + use<T, I, F>> {
        let dir = self.dir.clone();
        let shards: Vec<Shard> = self.shards(split).cloned().collect();
        UntilError::new(shards.into_iter().flat_map(move |shard| {
            let (rows, error) = match open_shard(&dir, &shard) {
                Ok(file) => (Some(read(file)), None),
                Err(error) => (None, Some(Err(error))),
            };
            rows.into_iter().flatten().chain(error)
        }))
    }

    pub(crate) fn shard_file(&self, shard: &Shard) -> Result<ParquetFile> {
        open_shard(&self.dir, shard)
    }

    pub(crate) fn shards(&self, split: Split) -> impl Iterator<Item = &Shard> {
        self.manifest
            .shards
            .iter()
            .filter(move |shard| shard.split == split.name())
    }
}

fn open_shard(dir: &Path, shard: &Shard) -> Result<ParquetFile> {
    let path = file_below(dir, &shard.path).map_err(Error::io(&dir.join(&shard.path)))?;
    ParquetFile::of_shard(&path, shard)
}

/// The rows of batches, one by one.
pub(crate) fn flattened<T>(
    batches: impl Iterator<Item = Result<Vec<T>>>,
) -> impl Iterator<Item = Result<T>> {
    batches.flat_map(|batch| {
        let (rows, error) = match batch {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        rows.into_iter().map(Ok).chain(error)
    })
}
