//! `rejects.jsonl.zst`: every dropped record, where it stood and why it was dropped.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::{Error, Position, Result};

/// One dropped record. Fields that do not apply are left out of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Input file, for records that have no other address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Line in the input, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Byte in the decompressed input, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// Document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_id: Option<String>,
    /// Number of the record (triple, sentence) in its document, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// The reason under which the funnel counts it.
    pub reason: &'static str,
    /// What was found.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Reject {
    /// Something malformed at a place of an input.
    pub fn at(source: &str, position: Position, reason: &'static str, detail: String) -> Self {
        Self {
            source: Some(source.to_owned()),
            line: Some(position.line).filter(|&line| line > 0),
            byte: Some(position.byte),
            reason,
            detail,
            ..Self::default()
        }
    }
}

/// Writes rejects as zstd-compressed JSON Lines.
pub(crate) struct RejectWriter {
    path: PathBuf,
    // Rejects are short: many of them go to the compressor at once.
    out: BufWriter<zstd::Encoder<'static, BufWriter<File>>>,
}

impl RejectWriter {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        Self::writing(path, File::create(path).map_err(Error::io(path))?)
    }

    /// Goes on in a file behind its first `length` bytes, with a frame of its own.
    pub(crate) fn append(path: &Path, length: u64) -> Result<Self> {
        let file = OpenOptions::new().append(true).open(path);
        let file = file.and_then(|file| file.set_len(length).map(|()| file));
        Self::writing(path, file.map_err(Error::io(path))?)
    }

    fn writing(path: &Path, file: File) -> Result<Self> {
        let out = zstd::Encoder::new(BufWriter::new(file), 3).map_err(Error::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            out: BufWriter::with_capacity(1 << 16, out),
        })
    }

    pub(crate) fn write(&mut self, reject: &Reject) -> Result<()> {
        serde_json::to_writer(&mut self.out, reject)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(Error::io(&self.path))
    }

    /// Ends the file, for good on disk. Returns its length.
    pub(crate) fn finish(self) -> Result<u64> {
        let Self { path, out } = self;
        let end = |mut file: BufWriter<File>| {
            file.flush()?;
            file.get_ref().sync_all()?;
            Ok(file.get_ref().metadata()?.len())
        };
        let out = out.into_inner().map_err(io::IntoInnerError::into_error);
        out.and_then(zstd::Encoder::finish)
            .and_then(end)
            .map_err(Error::io(&path))
    }
}
