//! T-REx's JSON as its release writes it.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// A document, its keys in the order of the release.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) docid: &'a str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) uri: &'a str,
    pub(super) entities: Vec<Node<'a>>,
    pub(super) words_boundaries: Vec<(i32, i32)>,
    pub(super) triples: Vec<Triple<'a>>,
    pub(super) sentences_boundaries: Vec<(i32, i32)>,
}

#[derive(Serialize)]
pub(super) struct Triple<'a> {
    pub(super) sentence_id: i32,
    pub(super) predicate: Node<'a>,
    pub(super) object: Node<'a>,
    pub(super) dependency_path: Option<()>,
    pub(super) confidence: Option<()>,
    pub(super) subject: Node<'a>,
    pub(super) annotator: Option<&'a str>,
}

/// What T-REx's JSON says of a mention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Node<'a> {
    pub(super) boundaries: Option<(i32, i32)>,
    pub(super) surfaceform: Option<&'a str>,
    pub(super) uri: Cow<'a, str>,
    pub(super) annotator: &'a str,
}

pub(super) const XML_SCHEMA: &str = "http://www.w3.org/2001/XMLSchema#";

pub(super) fn item_uri(id: &str) -> String {
    format!("http://www.wikidata.org/entity/{id}")
}

pub(super) fn property_uri(id: &str) -> String {
    format!("http://www.wikidata.org/prop/direct/{id}")
}

/// The byte of each code point of a text and of its end.
pub(super) struct Bytes<'a> {
    text: &'a str,
    at: Vec<u32>,
}

impl<'a> Bytes<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let starts = text.char_indices().map(|(byte, _)| byte as u32);
        Self {
            text,
            at: starts.chain([text.len() as u32]).collect(),
        }
    }

    pub(super) fn slice(&self, start: i32, end: i32) -> Option<&'a str> {
        let byte = |point: i32| Some(*self.at.get(usize::try_from(point).ok()?)? as usize);
        self.text.get(byte(start)?..byte(end)?)
    }
}

impl Document<'_> {
    /// Writes the document in ASCII, with nothing around it.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut json = serde_json::Serializer::with_formatter(out, Ascii);
        self.serialize(&mut json).map_err(io::Error::from)
    }
}

/// Compact JSON with `\u` escapes for everything outside ASCII.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for part in fragment.split_inclusive(|c: char| !c.is_ascii()) {
            let Some(last) = part.chars().next_back().filter(|c| !c.is_ascii()) else {
                CompactFormatter.write_string_fragment(out, part)?;
                continue;
            };
            out.write_all(&part.as_bytes()[..part.len() - last.len_utf8()])?;
            for unit in last.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
