//! What tells whether an input is still the same one, without reading all of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex;

/// Bytes at the start and at the end of an input that count.
const ENDS: u64 = 1 << 20;

/// Name, size and ends of an input file as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// File name.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its first and last mebibyte.
    pub ends: String,
}

impl Fingerprint {
    /// The fingerprint of the file at `path`, which is called `name`.
    ///
    /// # Errors
    /// Whatever reading the file fails with.
    pub fn of(path: &Path, name: &str) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut ends = Vec::new();
        file.by_ref().take(ENDS).read_to_end(&mut ends)?;
        file.seek(SeekFrom::Start(bytes.saturating_sub(ENDS)))?;
        file.read_to_end(&mut ends)?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            ends: hex(&Sha256::digest(&ends)),
        })
    }
}
