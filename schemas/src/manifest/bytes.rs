//! The bytes of a manifest: the mark of its format, and the checksum at its end.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Manifest;
use crate::durable::parent;
use crate::{Error, Result, printable, sha256};

/// What marks a manifest as one of this program, and the version of its format. Datasets of other
/// versions are to be built again.
pub(crate) const FORMAT: &str = "kprep-dataset";
pub(crate) const FORMAT_VERSION: u32 = 2;

/// How the file ends, behind the checksum of what is before it.
const SUM_BYTES: usize = 64;
const END: &[u8] = b"\"\n}\n";

/// The bytes of a manifest, with the checksum of what is before it.
pub(super) fn sealed(manifest: &Manifest) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Sealed<'a> {
        #[serde(flatten)]
        manifest: &'a Manifest,
        sha256: &'static str,
    }
    let mut bytes = serde_json::to_vec_pretty(&Sealed {
        manifest,
        sha256: "",
    })?;
    bytes.truncate(bytes.len() - (END.len() - 1)); // the sum and the end come behind the quote
    let sum = sha256(&bytes);
    bytes.extend(sum.into_bytes());
    bytes.extend(END);
    Ok(bytes)
}

/// Whether a manifest is one of this program and version.
pub(super) fn check_format(bytes: &[u8], path: &Path) -> Result<()> {
    #[derive(Deserialize)]
    struct Claims {
        format: Option<String>,
        format_version: Option<u32>,
        generator: Option<String>,
    }
    let Claims {
        format,
        format_version,
        generator,
    } = serde_json::from_slice(bytes).map_err(Error::json(path))?;
    if format.as_deref() == Some(FORMAT) && format_version == Some(FORMAT_VERSION) {
        return Ok(());
    }
    let of_kprep = |generator: &str| generator.starts_with("kprep ");
    if format.as_deref() == Some(FORMAT) || generator.as_deref().is_some_and(of_kprep) {
        return Err(Error::OtherFormat(path.to_owned()));
    }
    Err(Error::NotADataset(parent(path).to_owned()))
}

/// Whether a manifest's bytes are those that were written.
pub(super) fn check_sum(bytes: &[u8], path: &Path) -> Result<()> {
    let damaged = |found| {
        Err(Error::Damaged {
            path: path.to_owned(),
            found,
        })
    };
    let Some((before, rest)) = bytes
        .len()
        .checked_sub(SUM_BYTES + END.len())
        .map(|before| bytes.split_at(before))
    else {
        return damaged("expected a SHA-256 at its end".to_owned());
    };
    let found = sha256(before);
    match rest.split_at(SUM_BYTES) {
        (stated, END) if stated == found.as_bytes() => Ok(()),
        (stated, _) => {
            let stated = String::from_utf8_lossy(stated);
            let stated = printable(&stated);
            damaged(format!(
                "its SHA-256 is {found}, at its end it says {stated}"
            ))
        }
    }
}
