//! Tensors in PyTorch's own files (`pytorch_model.bin`), in both of their formats.
//!
//! Since torch 1.6 a file is a zip archive: `data.pkl` is the pickled dict of tensors, `data/KEY`
//! the numbers of a storage, `byteorder` their order. Before, it was four pickles one after the
//! other (magic number, version, system, dict), a pickled list of storage keys, and for each of
//! these the count and the numbers. See `torch/serialization.py`.
//!
//! Only tensors by name are read, of the types that weights have, and nothing is executed (see
//! `pickle.rs`). No length in the file is believed before the bytes are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tch::Tensor;

use crate::files::file_kind::{self, refuse};
use crate::files::weights::Named;
use crate::{Error, Result};

mod archive;
mod legacy;
mod machine;
mod pickle;
mod view;

use pickle::Fault;
use view::{Storage, View};

/// Reads every tensor of a file onto the CPU in its stored type. Tensors that share a storage
/// share memory. File and tensors are in memory together.
///
/// # Errors
/// [`Error::Io`]; [`Error::Weights`] for a file that is damaged, holds anything but a dict of
/// tensors, or needs Python code to be run.
pub fn read(path: &Path) -> Result<Named> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    let failed = |reason: String| file_kind::or(path, "a file of torch.save", refuse(path, reason));
    parse(&bytes).map_err(failed)
}

/// What is wrong, in words.
type Parsed<T> = std::result::Result<T, String>;

fn parse(bytes: &[u8]) -> Parsed<Named> {
    if bytes.starts_with(b"PK\x03\x04") {
        return archive::parse(bytes);
    }
    if bytes.starts_with(legacy::MAGIC) {
        return legacy::parse(bytes);
    }
    Err("no file of torch.save: neither a zip archive nor torch's magic number".into())
}

fn in_pickle(fault: &Fault, what: &str, start: usize) -> String {
    format!("{what}, byte {}: {}", start + fault.at, fault.reason)
}

/// A storage's numbers as a vector.
fn tensor(key: &str, storage: Storage, numbers: &[u8]) -> Parsed<Tensor> {
    let size = storage.count as usize * storage.kind.elt_size_in_bytes();
    if numbers.len() != size {
        let found = numbers.len();
        return Err(format!("storage {key} has {found} bytes, expected {size}"));
    }
    Tensor::f_from_data_size(numbers, &[storage.count], storage.kind).map_err(|e| e.to_string())
}

/// The tensors, as views of their storages.
fn materialise(views: &[View], storages: &BTreeMap<&str, Tensor>) -> Parsed<Named> {
    let mut named = Named::new();
    for view in views {
        let storage = storages
            .get(view.key)
            .ok_or_else(|| format!("{}: its storage {} is missing", view.name, view.key))?;
        let tensor = storage
            .f_as_strided(&view.shape, &view.strides, view.offset)
            .map_err(|e| format!("{}: {e}", view.name))?;
        if named.insert(view.name.to_owned(), tensor).is_some() {
            return Err(format!("{} is there twice", view.name));
        }
    }
    Ok(named)
}
