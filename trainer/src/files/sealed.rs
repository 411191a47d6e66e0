//! A JSON file that carries its own checksum: its last field, `sha256`, is that of all bytes before it.

use std::path::Path;

use kprep_schemas::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

const BEFORE: &str = ",\n  \"sha256\": \"";
const BEHIND: &str = "\"\n}\n";
const HEX: usize = 64;

/// The bytes of a JSON object with its checksum. The same object gives the same bytes.
///
/// # Errors
/// [`Error::Json`].
pub fn seal(path: &Path, object: &impl Serialize) -> Result<Vec<u8>> {
    let text = serde_json::to_string_pretty(object).map_err(Error::json(path))?;
    let text = text.strip_suffix("\n}").unwrap_or(&text);
    let sha256 = hex(&Sha256::digest(text));
    Ok(format!("{text}{BEFORE}{sha256}{BEHIND}").into_bytes())
}

/// Whether a file carries its checksum, which those of earlier versions do not.
///
/// # Errors
/// [`Error::Damaged`] if its bytes have another one.
pub fn check(path: &Path, bytes: &[u8]) -> Result<bool> {
    let Some((text, stated)) = split(bytes) else {
        return Ok(false);
    };
    let found = hex(&Sha256::digest(text));
    if found.as_bytes() == stated {
        return Ok(true);
    }
    Err(Error::Damaged {
        path: path.to_owned(),
        found,
        expected: String::from_utf8_lossy(stated).into_owned(),
    })
}

/// The bytes that are summed, and the checksum behind them.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.strip_suffix(BEHIND.as_bytes())?;
    let (rest, stated) = bytes.split_at_checked(bytes.len().checked_sub(HEX)?)?;
    Some((rest.strip_suffix(BEFORE.as_bytes())?, stated))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed() {
        let path = Path::new("a.json");
        let sealed = seal(path, &json!({"name": "rc", "layers": 4})).unwrap();
        let value: Value = serde_json::from_slice(&sealed).unwrap();
        assert_eq!(
            (&value["name"], &value["layers"]),
            (&"rc".into(), &4.into())
        );
        assert!(check(path, &sealed).unwrap());
        for i in 0..sealed.len() {
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[i] ^= 1 << bit;
                assert!(
                    !check(path, &flipped).unwrap_or(false),
                    "bit {bit} of byte {i}"
                );
            }
        }
        assert!(!check(path, b"{}\n").unwrap());
    }
}
