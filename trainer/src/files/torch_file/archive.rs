//! The zip archive that torch has written since version 1.6.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive};

use super::pickle::Pickle;
use super::view::{distinct, views};
use super::{Parsed, in_pickle, materialise, tensor};
use crate::files::weights::Named;

/// The tensors of an archive.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Named> {
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
        return Err(format!(
            "{name} is compressed, which torch.save does not do"
        ));
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
