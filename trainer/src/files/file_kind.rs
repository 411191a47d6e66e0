//! What a file is that was meant to be a file of weights, or a checkpoint's JSON: downloads often
//! leave something else under the right name, and a parser's message about it sends people the wrong
//! way.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::Error;

/// Bytes that tell what a file is.
const START: u64 = 512;

/// The error of a file that could not be read as `expected`: what the file is, if that is recognised
/// as something else, or else the parser's.
pub(crate) fn or(path: &Path, expected: &str, parser: Error) -> Error {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    match read.ok().and_then(|_| other(&start)) {
        Some(found) => refuse(path, format!("{found}; expected {expected}")),
        None => parser,
    }
}

/// The error of a file of weights that is damaged, or holds what is not read.
pub(crate) fn refuse(path: &Path, reason: impl Into<String>) -> Error {
    Error::Weights {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// What a file is by its first bytes, where that is nothing of a checkpoint.
fn other(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.trim_ascii_start();
    let begins = |text: &str| {
        let start = start.get(..text.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    };
    if bytes.is_empty() {
        Some("the file is empty: download it again")
    } else if begins("version https://git-lfs.github.com/spec/") {
        Some("this is a Git LFS pointer and not the file itself: fetch that with `git lfs pull`")
    } else if ["<!doctype", "<html", "<head", "<?xml"]
        .into_iter()
        .any(begins)
    {
        Some(
            "this is a web page and not the file itself: download it from the page's address for the file's content",
        )
    } else if bytes.starts_with(b"\x1f\x8b") {
        Some("this is compressed with gzip: unpack it with `gzip -d`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_downloads_leave_is_named() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1340\n";
        assert!(other(pointer).unwrap().contains("`git lfs pull`"));
        for page in [
            "<!DOCTYPE html>\n<html>",
            "\n <HTML lang=\"en\">",
            "<?xml version=\"1.0\"?>",
        ] {
            assert!(
                other(page.as_bytes()).unwrap().contains("web page"),
                "{page}"
            );
        }
        assert!(other(b"").unwrap().contains("empty"));
        assert!(other(b"\x1f\x8b\x08\0").unwrap().contains("gzip"));
        for right in [
            &b"{}"[..],
            b"\x40\0\0\0\0\0\0\0{\"x\"",
            b"PK\x03\x04",
            b"\x80\x02",
        ] {
            assert_eq!(other(right), None);
        }
    }

    #[test]
    fn another_fault_keeps_the_parser_s_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        let message = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            or(&path, "safetensors", Error::Setting("cut".into())).to_string()
        };
        assert_eq!(message(b"{"), "cut");
        let expected = format!(
            "{}: the file is empty: download it again; expected safetensors",
            path.display()
        );
        assert_eq!(message(b""), expected);
    }
}
