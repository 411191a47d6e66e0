//! A safetensors file whose tensors come in any order and never lie in memory together.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::header::Header;
use crate::weights::{beside, publish};
use crate::{Error, Result};

/// Readers of safetensors refuse longer headers.
const LONGEST_HEADER: usize = 100_000_000;

/// A file of fp32 tensors named `0`, `1`, …, of one width and different lengths.
pub struct FeatureFile {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    /// Where each tensor's bytes start.
    starts: Vec<u64>,
}

impl FeatureFile {
    /// Starts the file beside its place. Tensor `i` will have the shape `lengths[i]` × `width`.
    ///
    /// # Errors
    /// [`Error::Config`] if there are more tensors than the format's header can name (about a
    /// million); [`Error::Io`].
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
            return Err(Error::Config(format!(
                "{} tensors are more than a safetensors file can name: split the input",
                starts.len()
            )));
        }
        let temporary = beside(path);
        let file = File::create(&temporary).map_err(Error::io(&temporary))?;
        file.set_len(end)
            .and_then(|()| file.write_all_at(&bytes, 0))
            .map_err(Error::io(&temporary))?;
        Ok(Self {
            file,
            temporary,
            path: path.to_owned(),
            starts,
        })
    }

    /// Writes tensor `i`, row by row, little-endian.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, i: usize, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all_at(bytes, self.starts[i])
            .map_err(Error::io(&self.temporary))
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<()> {
        publish(&self.temporary, &self.path)
    }
}
