//! Tensors in safetensors files: read, matched strictly against what a model has, written.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::files::file_kind::{self, refuse};
use crate::files::header::Header;
use crate::files::partial_file::PartialFile;
use crate::{Error, Result};

mod matching;

pub use matching::{Expected, Mismatch, match_strictly};

/// Tensors by name.
pub type Named = BTreeMap<String, Tensor>;

/// Reads every tensor of a file onto the CPU in its stored type, with the file's metadata.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`]; [`Error::Weights`] for what is no such file, or has tensors of
/// less than a byte a number.
pub fn read(path: &Path) -> Result<(Named, HashMap<String, String>)> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    let failed = |error| file_kind::or(path, "safetensors", Error::tensors(path)(error));
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(failed)?;
    let file = SafeTensors::deserialize(&bytes).map_err(failed)?;
    let mut named = Named::new();
    for (name, view) in file.iter() {
        let kind = kind_of(view.dtype()).ok_or_else(|| {
            let dtype = view.dtype();
            refuse(
                path,
                format!("{name} is of type {dtype}, expected F32, F16, BF16 or F64"),
            )
        })?;
        let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
        named.insert(
            name.to_owned(),
            Tensor::f_from_data_size(view.data(), &shape, kind)?,
        );
    }
    Ok((named, header.metadata().clone().unwrap_or_default()))
}

/// A type of the same size, so that every tensor of a file is known by its name: [`match_strictly`]
/// says which of them are no weights. `None` where numbers share a byte.
fn kind_of(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::F32 => Kind::Float,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        Dtype::F64 => Kind::Double,
        Dtype::I64 | Dtype::U64 => Kind::Int64,
        Dtype::I32 | Dtype::U32 => Kind::Int,
        Dtype::I16 | Dtype::U16 => Kind::Int16,
        Dtype::I8 => Kind::Int8,
        Dtype::U8 | Dtype::F8_E8M0 => Kind::Uint8,
        Dtype::BOOL => Kind::Bool,
        Dtype::F8_E5M2 => Kind::Float8e5m2,
        Dtype::F8_E4M3 => Kind::Float8e4m3fn,
        Dtype::F8_E5M2FNUZ => Kind::Float8e5m2fnuz,
        Dtype::F8_E4M3FNUZ => Kind::Float8e4m3fnuz,
        Dtype::C64 => Kind::ComplexFloat,
        _ => return None,
    })
}

/// Writes tensors, so that after a crash at any moment the old file or the new one is there. One
/// tensor at a time leaves the device.
///
/// `format: pt` joins the metadata: `transformers` refuses files without it. The same tensors and
/// metadata give the same bytes. (The safetensors library's own writer orders metadata at random,
/// and leaves its temporary file behind when it is killed.)
///
/// # Errors
/// [`Error::Io`]; [`Error::Torch`] for a type that no checkpoint has.
pub fn write(path: &Path, named: &Named, metadata: &[(&str, String)]) -> Result<()> {
    let mut tensors: Vec<(&String, &Tensor)> = named.iter().collect();
    tensors.sort_by_key(|(_, tensor)| Reverse(tensor.kind().elt_size_in_bytes())); // aligned so
    let entries = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = tensor.numel() * tensor.kind().elt_size_in_bytes();
            Ok((
                name.as_str(),
                dtype_of(tensor.kind())?,
                tensor.size(),
                bytes as u64,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    let header = Header::new(metadata, entries);
    let mut file = PartialFile::create(path)?;
    file.write(&header.bytes)?;
    for (_, tensor) in &tensors {
        file.write(&bytes(tensor)?)?;
    }
    file.publish()
}

fn dtype_of(kind: Kind) -> Result<&'static str> {
    match kind {
        Kind::Float => Ok("F32"),
        Kind::BFloat16 => Ok("BF16"),
        Kind::Int64 => Ok("I64"),
        Kind::Uint8 => Ok("U8"),
        other => Err(tch::TchError::Kind(format!("cannot store {other:?}")).into()),
    }
}

/// Writes a small file in the same way.
///
/// # Errors
/// [`Error::Io`].
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = PartialFile::create(path)?;
    file.write(bytes)?;
    file.publish()
}

/// Writes a small JSON file in the same way.
///
/// # Errors
/// [`Error::Io`], [`Error::Json`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(Error::json(path))?;
    bytes.push(b'\n');
    write_atomically(path, &bytes)
}

/// The bytes of a tensor, in row-major order on the CPU.
///
/// # Errors
/// [`Error::Torch`] for a type without a fixed size.
pub fn bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let tensor = tensor.detach().to_device(Device::Cpu).contiguous();
    let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(tensors: &[(&str, &[i64])]) -> Named {
        let zeros = |shape: &[i64]| Tensor::zeros(shape, (Kind::Float, Device::Cpu));
        tensors
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), zeros(shape)))
            .collect()
    }

    #[test]
    fn written_tensors_come_back_with_the_metadata_that_transformers_asks_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let mut tensors = Named::new();
        tensors.insert("x".into(), Tensor::from_slice(&[1.0f32, -2.5]).view([1, 2]));
        tensors.insert("y".into(), Tensor::from_slice(&[7i64]));
        write(&path, &tensors, &[]).unwrap();
        let (back, metadata) = read(&path).unwrap();
        assert_eq!(metadata, HashMap::from([("format".into(), "pt".into())]));
        assert_eq!(back.keys().collect::<Vec<_>>(), ["x", "y"]);
        assert!(back.iter().all(|(name, tensor)| tensor == &tensors[name]));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_cut_file_is_an_error_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut.safetensors");
        write(&path, &named(&[("x", &[64])]), &[]).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("cut.safetensors: "), "{message}");
    }
}
