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

use crate::weights::{Named, refuse};
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
    parse(&bytes).map_err(|wrong| match wrong {
        Wrong::Content(reason) => refuse(path, reason),
        Wrong::Torch(error) => error.into(),
    })
}

/// What [`parse`] stumbles over.
enum Wrong {
    Content(String),
    Torch(tch::TchError),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Content(reason)
    }
}

impl From<&str> for Wrong {
    fn from(reason: &str) -> Self {
        Self::Content(reason.into())
    }
}

impl From<tch::TchError> for Wrong {
    fn from(error: tch::TchError) -> Self {
        Self::Torch(error)
    }
}

type Parsed<T> = std::result::Result<T, Wrong>;

fn parse(bytes: &[u8]) -> Parsed<Named> {
    if bytes.starts_with(b"PK\x03\x04") {
        return archive::parse(bytes);
    }
    if bytes.starts_with(legacy::MAGIC) {
        return legacy::parse(bytes);
    }
    Err("no file of torch.save: neither a zip archive nor torch's magic number".into())
}

fn in_pickle(fault: &Fault, what: &str, start: usize) -> Wrong {
    format!("{what}, byte {}: {}", start + fault.at, fault.reason).into()
}

/// A storage's numbers as a vector.
fn tensor(key: &str, storage: Storage, numbers: &[u8]) -> Parsed<Tensor> {
    let size = storage.count as usize * storage.kind.elt_size_in_bytes();
    if numbers.len() != size {
        let found = numbers.len();
        return Err(format!("storage {key} has {found} bytes, expected {size}").into());
    }
    Ok(Tensor::f_from_data_size(
        numbers,
        &[storage.count],
        storage.kind,
    )?)
}

/// The tensors, as views of their storages.
fn materialise(views: &[View], storages: &BTreeMap<&str, Tensor>) -> Parsed<Named> {
    let mut named = Named::new();
    for view in views {
        let storage = storages
            .get(view.key)
            .ok_or_else(|| format!("{}: its storage {} is missing", view.name, view.key))?;
        let tensor = storage.f_as_strided(&view.shape, &view.strides, view.offset)?;
        if named.insert(view.name.to_owned(), tensor).is_some() {
            return Err(format!("{} is there twice", view.name).into());
        }
    }
    Ok(named)
}
