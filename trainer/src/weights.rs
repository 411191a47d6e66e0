//! Tensors in safetensors files: read, matched strictly against what a model has, written.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use kprep_schemas::sync_dir;
use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::header::Header;
use crate::partial_file::PartialFile;
use crate::{Error, Result};

/// Tensors by name.
pub type Named = BTreeMap<String, Tensor>;

/// A tensor that a model has: its name in the file, and its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The name.
    pub name: String,
    /// The shape.
    pub shape: Vec<i64>,
}

/// A file's tensors are not those of the model.
#[derive(Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The file.
    pub path: PathBuf,
    /// Names that the model has and the file lacks.
    pub missing: Vec<String>,
    /// Names that the file has and the model does not know.
    pub unexpected: Vec<String>,
    /// Name, shape of the model, shape in the file.
    pub misshapen: Vec<(String, Vec<i64>, Vec<i64>)>,
}

impl std::error::Error for Mismatch {}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the tensors do not fit the model",
            self.path.display()
        )?;
        for name in &self.missing {
            write!(f, "\n  missing     {name}")?;
        }
        for name in &self.unexpected {
            write!(f, "\n  unexpected  {name}")?;
        }
        for (name, expected, found) in &self.misshapen {
            write!(
                f,
                "\n  misshapen   {name}: expected {expected:?}, found {found:?}"
            )?;
        }
        Ok(())
    }
}

/// Reads every tensor of a file onto the CPU in its stored type, with the file's metadata.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub fn read(path: &Path) -> Result<(Named, HashMap<String, String>)> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(Error::tensors(path))?;
    let file = SafeTensors::deserialize(&bytes).map_err(Error::tensors(path))?;
    let mut named = Named::new();
    for (name, view) in file.iter() {
        // Of the types that checkpoints hold, only these occur beside weights; an unknown one is
        // an error only if the model needs the tensor.
        let Some(kind) = kind_of(view.dtype()) else {
            continue;
        };
        let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
        named.insert(
            name.to_owned(),
            Tensor::f_from_data_size(view.data(), &shape, kind)?,
        );
    }
    Ok((named, header.metadata().clone().unwrap_or_default()))
}

/// The error of a file of weights that is damaged, or holds what is not read.
pub(crate) fn refuse(path: &Path, reason: impl Into<String>) -> Error {
    Error::Weights {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

fn kind_of(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::F32 => Some(Kind::Float),
        Dtype::F16 => Some(Kind::Half),
        Dtype::BF16 => Some(Kind::BFloat16),
        Dtype::F64 => Some(Kind::Double),
        Dtype::I64 => Some(Kind::Int64),
        _ => None,
    }
}

/// The tensors that the model expects, as fp32. `ignore` names extras that do no harm.
///
/// # Errors
/// [`Mismatch`] with everything that is wrong at once.
pub fn match_strictly(
    path: &Path,
    mut found: Named,
    expected: &[Expected],
    ignore: impl Fn(&str) -> bool,
) -> Result<Named> {
    let mut matched = Named::new();
    let mut mismatch = Mismatch {
        path: path.to_owned(),
        missing: Vec::new(),
        unexpected: Vec::new(),
        misshapen: Vec::new(),
    };
    for Expected { name, shape } in expected {
        match found.remove(name) {
            None => mismatch.missing.push(name.clone()),
            Some(tensor) if tensor.size() != *shape => {
                mismatch
                    .misshapen
                    .push((name.clone(), shape.clone(), tensor.size()));
            }
            Some(tensor) => {
                matched.insert(name.clone(), tensor.to_kind(Kind::Float).contiguous());
            }
        }
    }
    mismatch
        .unexpected
        .extend(found.into_keys().filter(|name| !ignore(name)));
    let fits = mismatch.missing.is_empty()
        && mismatch.unexpected.is_empty()
        && mismatch.misshapen.is_empty();
    if fits {
        Ok(matched)
    } else {
        Err(mismatch.into())
    }
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

/// Where a file is written before it takes its place.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.partial"))
}

/// Puts a file that was written [`beside`] its place there, safe from crashes: it is on the disk before its name is,
/// and its name before that of what is published next.
pub(crate) fn publish(temporary: &Path, path: &Path) -> Result<()> {
    File::open(temporary)
        .and_then(|file| file.sync_all())
        .map_err(Error::io(temporary))?;
    fs::rename(temporary, path).map_err(Error::io(path))?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    Ok(sync_dir(parent.unwrap_or(Path::new(".")))?)
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
    fn every_fault_is_named_in_one_error() {
        let expected =
            [("a", vec![2, 3]), ("b", vec![4]), ("c", vec![1])].map(|(name, shape)| Expected {
                name: name.into(),
                shape,
            });
        let found = named(&[("b", &[5]), ("c", &[1]), ("d", &[1]), ("pooler.x", &[1])]);
        let ignore = |name: &str| name.starts_with("pooler.");
        let error = match_strictly(Path::new("m"), found, &expected, ignore).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m: the tensors do not fit the model\n  missing     a\n  unexpected  d\n  \
             misshapen   b: expected [4], found [5]"
        );
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
