//! A safetensors file whose tensors come in any order and never lie in memory together.

use std::path::Path;

use kprep_schemas::{FolderLock, resolve_out};

use crate::files::header::Header;
use crate::files::partial_file::PartialFile;
use crate::{Error, Result};

/// Readers of safetensors refuse longer headers.
const LONGEST_HEADER: usize = 100_000_000;

/// A file of fp32 tensors named `0`, `1`, …, of one width and different lengths. Dropped unfinished, it leaves
/// nothing.
pub struct FeatureFile {
    file: PartialFile,
    /// No other process writes the same file.
    _lock: FolderLock,
    /// Where each tensor's bytes start.
    starts: Vec<u64>,
}

impl FeatureFile {
    /// Starts the file beside its place. Tensor `i` will have the shape `lengths[i]` × `width`.
    ///
    /// # Errors
    /// [`Error::TooManyTensors`] if there are more tensors than the format's header can name (about a
    /// million); [`Error::Dataset`] if another process writes the same file; [`Error::Io`].
    pub fn create(
        path: &Path,
        lengths: impl Iterator<Item = usize>,
        width: usize,
        metadata: &[(&str, String)],
    ) -> Result<Self> {
        let tensors = lengths.enumerate().map(|(i, length)| {
            let shape = vec![length as i64, width as i64];
            (i.to_string(), "F32", shape, (4 * length * width) as u64)
        });
        let Header { bytes, starts, end } = Header::new(metadata, tensors);
        if bytes.len() > LONGEST_HEADER {
            return Err(Error::TooManyTensors {
                tensors: starts.len(),
            });
        }
        let path = resolve_out(path)?;
        let lock = FolderLock::of(&path)?;
        let file = PartialFile::create(&path)?;
        file.set_len(end)?;
        file.write_at(&bytes, 0)?;
        Ok(Self {
            file,
            _lock: lock,
            starts,
        })
    }

    /// Writes tensor `i`, row by row, little-endian.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, i: usize, bytes: &[u8]) -> Result<()> {
        self.file.write_at(bytes, self.starts[i])
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<()> {
        self.file.publish()
    }
}
