//! Tensors in PyTorch's own files (`pytorch_model.bin`), in both of their formats.
//!
//! Since torch 1.6 a file is a zip archive: `data.pkl` is the pickled dict of tensors, `data/KEY`
//! the numbers of a storage, `byteorder` their order. Before, it was four pickles one after the
//! other (magic number, version, system, dict), a pickled list of storage keys, and for each of
//! these the count and the numbers. See `torch/serialization.py`.
//!
//! Only tensors by name are read, of the types that weights have, on which nothing is executed
//! (see [`crate::pickle`]). No length in the file is believed before the bytes are there.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use tch::{Kind, Tensor};
use zip::{CompressionMethod, ZipArchive};

use crate::pickle::{Fault, Pickle, Value};
use crate::weights::{Named, refuse};
use crate::{Error, Result};

/// The first pickle of the older format: torch's magic number.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
/// The only version of the older format.
const VERSION: Value = Value::Int(1001);

/// Reads every tensor of a file onto the CPU in its stored type. Tensors that share a storage
/// share memory.
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

/// Numbers that tensors are views of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Storage {
    kind: Kind,
    count: i64,
}

/// A tensor of the dict.
struct View<'a> {
    name: &'a str,
    key: &'a str,
    storage: Storage,
    offset: i64,
    shape: Vec<i64>,
    strides: Vec<i64>,
}

fn parse(bytes: &[u8]) -> Parsed<Named> {
    if bytes.starts_with(b"PK\x03\x04") {
        return parse_zip(bytes);
    }
    if bytes.starts_with(MAGIC) {
        return parse_legacy(bytes);
    }
    Err("no file of torch.save: neither a zip archive nor torch's magic number".into())
}

fn parse_zip(bytes: &[u8]) -> Parsed<Named> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let top = archive
        .file_names()
        .find_map(|name| Some(name.ok()?.strip_suffix("data.pkl")?.to_owned()))
        .ok_or("the archive has no data.pkl: not written by torch.save")?;
    let mut left = bytes.len();
    let mut member = |name: String| member(&mut archive, &format!("{top}{name}"), &mut left);
    // Absent from files before torch 2.0.
    if let Some(order) = member("byteorder".into())?
        && order != b"little"
    {
        return Err("the numbers are not in little-endian order".into());
    }
    let data = member("data.pkl".into())?.ok_or("the archive has no data.pkl")?;
    let pickle = Pickle::read(&data).map_err(|fault| in_pickle(&fault, "data.pkl", 0))?;
    let views = views(&pickle)?;
    let mut storages = BTreeMap::new();
    for (key, storage) in distinct(&views)? {
        let numbers = member(format!("data/{key}"))?
            .ok_or_else(|| format!("the archive has no data/{key}"))?;
        storages.insert(key, tensor(key, storage, &numbers)?);
    }
    materialise(&views, &storages)
}

/// A file of the archive; its checksum is checked. `left` is how many bytes all of them can have
/// together: as many as the archive.
fn member(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    left: &mut usize,
) -> Parsed<Option<Vec<u8>>> {
    let Some(index) = archive.index_for_name(name) else {
        return Ok(None);
    };
    let file = archive
        .by_index(index)
        .map_err(|e| format!("{name}: {e}"))?;
    if file.compression() != CompressionMethod::Stored {
        return Err(format!("{name} is compressed, which torch.save does not do").into());
    }
    let mut bytes = Vec::new();
    let most = *left as u64 + 1;
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|e| format!("{name}: {e}"))?;
    *left = left
        .checked_sub(bytes.len())
        .ok_or("the archive's files share their bytes")?;
    Ok(Some(bytes))
}

fn parse_legacy(bytes: &[u8]) -> Parsed<Named> {
    let mut at = MAGIC.len();
    let mut next = |what: &str| {
        let rest = bytes.get(at..).unwrap_or_default();
        let pickle = Pickle::read(rest).map_err(|fault| in_pickle(&fault, what, at))?;
        at += pickle.length;
        Ok::<_, Wrong>((pickle, at))
    };
    let (version, _) = next("the version")?;
    if version.root != Some(VERSION) {
        return Err("the version of the format is not 1001".into());
    }
    let (system, _) = next("the system")?;
    let entries = system.root.and_then(|root| system.entries(root));
    let little = entries.into_iter().flatten().any(|&(key, value)| {
        system.text(key) == Some("little_endian") && value == Value::Bool(true)
    });
    if !little {
        return Err("the numbers are not in little-endian order".into());
    }
    let (pickle, _) = next("the dict of tensors")?;
    let views = views(&pickle)?;
    let wanted = distinct(&views)?;
    let (keys, mut at) = next("the storage keys")?;
    let list = keys.root.and_then(|root| keys.items(root));
    let mut storages = BTreeMap::new();
    for &key in list.ok_or("the storage keys are no list")? {
        let key = keys.text(key).ok_or("a storage key is no text")?;
        let &storage = wanted
            .get(key)
            .ok_or_else(|| format!("no tensor uses storage {key}"))?;
        let size = storage.count as usize * storage.kind.elt_size_in_bytes();
        let cut = || format!("the file ends before or within storage {key}");
        let count = bytes.get(at..).and_then(|rest| rest.first_chunk());
        if i64::from_le_bytes(*count.ok_or_else(cut)?) != storage.count {
            return Err(format!("storage {key} has another count than its tensors say").into());
        }
        at += 8;
        let end = at.checked_add(size).ok_or_else(cut)?;
        let numbers = bytes.get(at..end).ok_or_else(cut)?;
        at = end;
        if storages
            .insert(key, tensor(key, storage, numbers)?)
            .is_some()
        {
            return Err(format!("storage {key} is there twice").into());
        }
    }
    if at != bytes.len() {
        return Err(format!("{} bytes behind the last storage", bytes.len() - at).into());
    }
    materialise(&views, &storages)
}

fn in_pickle(fault: &Fault, what: &str, start: usize) -> Wrong {
    format!("{what}, byte {}: {}", start + fault.at, fault.reason).into()
}

/// The tensors of a pickled state dict.
fn views<'a>(pickle: &Pickle<'a>) -> Parsed<Vec<View<'a>>> {
    let entries = pickle.root.and_then(|root| pickle.entries(root));
    let entries = entries.ok_or("the file holds no dict of tensors (a state dict)")?;
    let view = |&(name, value): &(Value, Value)| {
        let name = pickle.text(name).ok_or("a tensor's name is no text")?;
        view(pickle, name, value)
            .ok_or_else(|| format!("{name} is no tensor as torch.save writes it").into())
            .and_then(|view| view)
    };
    entries.iter().map(view).collect()
}

/// `None` for what is no tensor.
fn view<'a>(pickle: &Pickle<'a>, name: &'a str, value: Value) -> Option<Parsed<View<'a>>> {
    let (function, arguments) = pickle.call(value)?;
    let (storage, offset, shape, strides) = match (function, arguments) {
        ("_rebuild_parameter", &[inner, ..]) => match pickle.call(inner)? {
            ("_rebuild_parameter", _) => return None, // or else they could nest without end
            _ => return view(pickle, name, inner),
        },
        ("_rebuild_tensor", &[storage, offset, shape, strides])
        | ("_rebuild_tensor_v2", &[storage, offset, shape, strides, _, _]) => {
            (storage, offset, shape, strides)
        }
        _ => return None,
    };
    let ([_, class, key, _, count] | [_, class, key, _, count, Value::None]) =
        *pickle.items(storage)?
    else {
        return None; // of the older format, a storage that is itself a view
    };
    let kind = match Pickle::global(class)? {
        "FloatStorage" => Kind::Float,
        "HalfStorage" => Kind::Half,
        "BFloat16Storage" => Kind::BFloat16,
        "LongStorage" => Kind::Int64,
        _ => return None,
    };
    let numbers = |value| {
        let items = pickle.items(value)?.iter();
        items.map(|&item| natural(item)).collect::<Option<Vec<_>>>()
    };
    let view = View {
        name,
        key: pickle.text(key)?,
        storage: Storage {
            kind,
            count: natural(count)?,
        },
        offset: natural(offset)?,
        shape: numbers(shape)?,
        strides: numbers(strides)?,
    };
    Some(view.check())
}

/// No number of a file is negative, or so large that bytes cannot be counted.
fn natural(value: Value) -> Option<i64> {
    match value {
        Value::Int(number) if (0..=i64::MAX / 16).contains(&number) => Some(number),
        _ => None,
    }
}

impl View<'_> {
    /// Refuses a view that leaves its storage, or has more elements than it.
    fn check(self) -> Parsed<Self> {
        let outside = || {
            let Self {
                name,
                shape,
                strides,
                offset,
                storage,
                ..
            } = &self;
            let count = storage.count;
            format!(
                "{name}: shape {shape:?} with strides {strides:?} from {offset} does not fit its \
                 storage of {count} numbers"
            )
        };
        if self.shape.len() != self.strides.len() {
            return Err(outside().into());
        }
        let product = |all: i64, &n: &i64| all.checked_mul(n);
        let elements = self.shape.iter().try_fold(1, product);
        if elements == Some(0) {
            return Ok(self);
        }
        let steps = self.shape.iter().zip(&self.strides);
        let last = steps
            .into_iter()
            .try_fold(self.offset, |last, (n, stride)| {
                last.checked_add((n - 1).checked_mul(*stride)?)
            });
        match (elements, last) {
            (Some(elements), Some(last))
                if elements <= self.storage.count && last < self.storage.count =>
            {
                Ok(self)
            }
            _ => Err(outside().into()),
        }
    }
}

/// Each storage once.
fn distinct<'a>(views: &[View<'a>]) -> Parsed<BTreeMap<&'a str, Storage>> {
    let mut storages = BTreeMap::new();
    for view in views {
        if *storages.entry(view.key).or_insert(view.storage) != view.storage {
            let reason = format!(
                "{}: another tensor says otherwise of its storage",
                view.name
            );
            return Err(reason.into());
        }
    }
    Ok(storages)
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
