//! A safetensors file whose tensors come in any order and never lie in memory together.

use std::fmt::Write;
use std::fs::File;
use std::iter::repeat_n;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

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
        let mut all = Map::from_iter([("format".to_owned(), Value::from("pt"))]);
        let texts = metadata.iter();
        all.extend(texts.map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str()))));
        let mut header = format!("{{\"__metadata__\":{}", Value::Object(all));
        let mut starts = Vec::new();
        let mut end = 0;
        for (i, length) in lengths.enumerate() {
            let start = end;
            end += (4 * length * width) as u64;
            starts.push(start);
            // Writing to a String cannot fail.
            let _ = write!(
                header,
                ",\"{i}\":{{\"dtype\":\"F32\",\"shape\":[{length},{width}],\"data_offsets\":[{start},{end}]}}"
            );
        }
        header.push('}');
        let pad = header.len().next_multiple_of(8) - header.len();
        header.extend(repeat_n(' ', pad));
        if header.len() > LONGEST_HEADER {
            return Err(Error::Config(format!(
                "{} tensors are more than a safetensors file can name: split the input",
                starts.len()
            )));
        }
        let data = 8 + header.len() as u64;
        for start in &mut starts {
            *start += data;
        }
        let temporary = beside(path);
        let file = File::create(&temporary).map_err(Error::io(&temporary))?;
        file.set_len(data + end)
            .and_then(|()| file.write_all_at(&(header.len() as u64).to_le_bytes(), 0))
            .and_then(|()| file.write_all_at(header.as_bytes(), 8))
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
