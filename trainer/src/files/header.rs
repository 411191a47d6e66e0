//! The header of a safetensors file: which tensors it holds, and where they lie.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::iter::repeat_n;
use std::path::Path;

use safetensors::SafeTensorError;
use safetensors::tensor::Metadata;
use serde_json::{Map, Value};

use crate::files::file_kind;
use crate::{Error, Result};

/// Shapes of tensors by name.
pub type Shapes = BTreeMap<String, Vec<i64>>;

/// The longest header that the safetensors library reads, too.
const LONGEST: u64 = 100_000_000;

/// What a file holds. Only its header is read, whose length is all that memory depends on.
///
/// # Errors
/// [`Error::Io`]; [`Error::Tensors`] for a file that is damaged, or of another size than its header
/// says.
pub fn shapes(path: &Path) -> Result<Shapes> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let size = file.metadata().map_err(Error::io(path))?.len();
    let wrong = |error| file_kind::or(path, "safetensors", Error::tensors(path)(error));
    if size < 8 {
        return Err(wrong(SafeTensorError::HeaderTooSmall));
    }
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(Error::io(path))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(wrong(SafeTensorError::HeaderTooLarge));
    }
    if length > size - 8 {
        return Err(wrong(SafeTensorError::InvalidHeaderLength));
    }
    let mut json = vec![0; length as usize];
    file.read_exact(&mut json).map_err(Error::io(path))?;
    let header: Metadata = serde_json::from_slice(&json)
        .map_err(|e| wrong(SafeTensorError::InvalidHeaderDeserialization(e)))?;
    if 8 + length + header.data_len() as u64 != size {
        return Err(wrong(SafeTensorError::MetadataIncompleteBuffer));
    }
    let tensors = header.tensors().into_iter();
    let shape = |shape: &[usize]| shape.iter().map(|&n| n as i64).collect();
    Ok(tensors
        .map(|(name, info)| (name, shape(&info.shape)))
        .collect())
}

/// The beginning of a safetensors file, and where its tensors lie behind it.
pub(crate) struct Header {
    /// The header with its length before it.
    pub(crate) bytes: Vec<u8>,
    /// Where in the file each tensor starts.
    pub(crate) starts: Vec<u64>,
    /// Where the file ends.
    pub(crate) end: u64,
}

impl Header {
    /// For tensors of these names, types, shapes and sizes in bytes, one behind the other.
    /// `format: pt` joins the metadata.
    pub(crate) fn new<N: Into<Value>>(
        metadata: &[(&str, String)],
        tensors: impl IntoIterator<Item = (N, &'static str, Vec<i64>, u64)>,
    ) -> Self {
        let mut all = Map::from_iter([("format".to_owned(), Value::from("pt"))]);
        let texts = metadata.iter();
        all.extend(texts.map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str()))));
        let mut text = format!("{{\"__metadata__\":{}", Value::Object(all));
        let (mut starts, mut end) = (Vec::new(), 0);
        for (name, dtype, shape, size) in tensors {
            let start = end;
            end += size;
            starts.push(start);
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                ",{}:{{\"dtype\":\"{dtype}\",\"shape\":{},\"data_offsets\":[{start},{end}]}}",
                name.into(),
                Value::from(shape)
            );
        }
        text.push('}');
        text.extend(repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
        let bytes = [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
        let data = bytes.len() as u64;
        for start in &mut starts {
            *start += data;
        }
        Self {
            bytes,
            starts,
            end: data + end,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Its data would not fit into any memory.
    #[test]
    fn the_header_of_a_file_is_enough_to_know_what_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.safetensors");
        let (rows, width) = (1 << 20, 1 << 16);
        let tensors = [("x", "F32", vec![rows, width], (4 * rows * width) as u64)];
        let header = Header::new(&[], tensors);
        fs::write(&path, &header.bytes).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(header.end).unwrap(); // a hole
        let expected = Shapes::from([("x".to_owned(), vec![rows, width])]);
        assert_eq!(shapes(&path).unwrap(), expected);
        file.set_len(header.end - 1).unwrap();
        let message = shapes(&path).unwrap_err().to_string();
        assert!(message.contains("large.safetensors: "), "{message}");
    }

    #[test]
    fn a_file_without_a_header_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.safetensors");
        let long = 1u64 << 40;
        for bytes in [
            &b"short"[..],
            &long.to_le_bytes(),
            b"\x09\0\0\0\0\0\0\0{}",
            b"\x02\0\0\0\0\0\0\0[]",
        ] {
            fs::write(&path, bytes).unwrap();
            let message = shapes(&path).unwrap_err().to_string();
            assert!(message.contains("x.safetensors: "), "{message}");
        }
    }
}
