//! Aligned pages as documents in T-REx's own JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::AlignedPage;
use crate::aligned_document::{Bytes, Node, item_uri};

/// A document, its keys in the order of the release.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    pub(crate) docid: &'a str,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) entities: Vec<Node<'a>>,
    pub(crate) words_boundaries: Vec<(i32, i32)>,
    pub(crate) triples: Vec<Triple<'a>>,
    pub(crate) sentences_boundaries: Vec<(i32, i32)>,
}

#[derive(Serialize)]
pub(crate) struct Triple<'a> {
    pub(crate) sentence_id: i32,
    pub(crate) predicate: Node<'a>,
    pub(crate) object: Node<'a>,
    pub(crate) dependency_path: Option<()>,
    pub(crate) confidence: Option<()>,
    pub(crate) subject: Node<'a>,
    pub(crate) annotator: Option<&'a str>,
}

/// Writes a page as one document of T-REx's JSON, with nothing around it.
///
/// ASCII with `\u` escapes, as the files of the release are. Entities are marked with the names that
/// T-REx's own linkers have: a link of Wikipedia is what `Wikidata_Spotlight_Entity_Linker` finds
/// there. The page must be one in which [`crate::Record::check`] finds no fault.
///
/// # Errors
/// Whatever writing fails with.
pub fn write_document(page: &AlignedPage, out: &mut impl Write) -> io::Result<()> {
    let bytes = Bytes::of(&page.text);
    let uri = item_uri(&page.entity);
    let triples = (0..page.triples()).map(|triple| {
        let [subject, predicate, object] = page.nodes(triple, &bytes);
        Triple {
            sentence_id: page.triple_sentence[triple],
            predicate,
            object,
            dependency_path: None,
            confidence: None,
            subject,
            annotator: Some(&page.triple_aligner[triple]),
        }
    });
    let spans = |starts: &[i32], ends: &[i32]| {
        let spans = starts.iter().zip(ends);
        spans.map(|(&start, &end)| (start, end)).collect()
    };
    let document = Document {
        docid: &uri,
        title: &page.title,
        text: &page.text,
        uri: &uri,
        entities: (0..page.mentions()).map(|m| page.node(m, &bytes)).collect(),
        words_boundaries: spans(&page.word_start, &page.word_end),
        triples: triples.collect(),
        sentences_boundaries: spans(&page.sentence_start, &page.sentence_end),
    };
    document.write(out)
}

impl Document<'_> {
    /// Writes the document in ASCII, with nothing around it.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_document_has_the_keys_of_the_release() {
        let page = crate::aligned_page::tests::page();
        let mut written = Vec::new();
        write_document(&page, &mut written).unwrap();
        assert!(written.is_ascii());
        let text = String::from_utf8(written.clone()).unwrap();
        assert!(
            text.contains(r#""text":"\ud83c\udca1 Bern is in Switzerland.""#),
            "{text}"
        );
        let value: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(
            value["triples"][1],
            json!({
                "sentence_id": 0,
                "predicate": {
                    "boundaries": [10, 12],
                    "surfaceform": "in",
                    "uri": "http://www.wikidata.org/prop/direct/P17",
                    "annotator": "Wikidata_Property_Linker",
                },
                "object": {
                    "boundaries": [13, 24],
                    "surfaceform": "Switzerland",
                    "uri": "http://www.wikidata.org/entity/Q39",
                    "annotator": "Wikidata_Spotlight_Entity_Linker",
                },
                "dependency_path": null,
                "confidence": null,
                "subject": {
                    "boundaries": [2, 6],
                    "surfaceform": "Bern",
                    "uri": "http://www.wikidata.org/entity/Q70",
                    "annotator": "Keyword_Matching_Entity_Linker",
                },
                "annotator": "SPOAligner",
            })
        );
        assert_eq!(value["triples"][0]["subject"]["boundaries"], Value::Null);
        assert_eq!(value["entities"].as_array().unwrap().len(), 3);
        let document: crate::trex::Document<'_> = serde_json::from_slice(&written).unwrap();
        assert_eq!(document, page.document());
    }
}
