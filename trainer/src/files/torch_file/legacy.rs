//! The row of pickles that torch wrote before version 1.6.

use std::collections::BTreeMap;

use super::pickle::{Pickle, Value};
use super::view::{distinct, views};
use super::{Parsed, in_pickle, materialise, tensor};
use crate::files::weights::Named;

/// The first pickle of the older format: torch's magic number.
pub(super) const MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
/// The only version of the older format.
const VERSION: Value = Value::Int(1001);

/// The tensors of a file that starts with [`MAGIC`].
pub(super) fn parse(bytes: &[u8]) -> Parsed<Named> {
    let mut at = MAGIC.len();
    let mut next = |what: &str| {
        let rest = bytes.get(at..).unwrap_or_default();
        let pickle = Pickle::read(rest).map_err(|fault| in_pickle(&fault, what, at))?;
        at += pickle.length;
        Ok::<_, String>((pickle, at))
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
            return Err(format!(
                "storage {key} has another count than its tensors say"
            ));
        }
        at += 8;
        let end = at.checked_add(size).ok_or_else(cut)?;
        let numbers = bytes.get(at..end).ok_or_else(cut)?;
        at = end;
        if storages
            .insert(key, tensor(key, storage, numbers)?)
            .is_some()
        {
            return Err(format!("storage {key} is there twice"));
        }
    }
    if at != bytes.len() {
        return Err(format!(
            "{} bytes behind the last storage",
            bytes.len() - at
        ));
    }
    materialise(&views, &storages)
}
