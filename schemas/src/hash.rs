//! Stable ids and checksums.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// A record id: 20 hex digits (80 bits) of the XXH3-128 hash of the parts. With a billion records
/// the chance that any two share an id is one in two million. Parts are separated, so that
/// `["ab", "c"]` and `["a", "bc"]` differ.
pub fn stable_id<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    format!("{:020x}", xxh3_128(&separated(parts)) >> 48)
}

/// A 64-bit XXH3 hash of the parts, which are separated as in [`stable_id`].
pub fn stable_hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    xxh3_64(&separated(parts))
}

/// The parts in one piece, each after its length: hashing that at once takes less time than
/// feeding a hasher word by word.
fn separated<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// SHA-256 of a whole file, in hex.
///
/// # Errors
/// Whatever reading the file fails with.
pub fn sha256_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// SHA-256 of bytes, in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}"); // writing to a String cannot fail
            out
        })
}
