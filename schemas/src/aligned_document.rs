//! Aligned pages as documents of T-REx.

use std::borrow::Cow;

use serde::Serialize;

use crate::AlignedPage;
use crate::trex::{Boundaries, Document, Mention, Text, Triple};

impl AlignedPage {
    /// The page as a document of T-REx, with its triples and without mentions that no triple has.
    ///
    /// The page must be one in which [`crate::Record::check`] finds no fault.
    pub fn document(&self) -> Document<'_> {
        let bytes = Bytes::of(&self.text);
        let mention = |node: Node<'_>| Mention {
            boundaries: node
                .boundaries
                .map(|(start, end)| (start.into(), end.into())),
            surfaceform: node
                .surfaceform
                .map(|text| Text(Cow::Owned(text.to_owned()))),
            uri: Cow::Owned(node.uri.into_owned()),
        };
        let triples = (0..self.triples()).map(|triple| {
            let [subject, predicate, object] = self.nodes(triple, &bytes);
            Triple {
                subject: mention(subject),
                predicate: mention(predicate),
                object: mention(object),
                sentence_id: Some(self.triple_sentence[triple].into()),
                annotator: Some(Text(Cow::Borrowed(&self.triple_aligner[triple]))),
            }
        });
        let spans = |starts: &[i32], ends: &[i32]| {
            let spans = starts.iter().zip(ends);
            spans
                .map(|(&s, &e)| (s.into(), e.into()))
                .collect::<Vec<Boundaries>>()
        };
        Document {
            docid: Cow::Owned(item_uri(&self.entity)),
            title: Cow::Borrowed(&self.title),
            text: Cow::Borrowed(&self.text),
            sentences_boundaries: spans(&self.sentence_start, &self.sentence_end),
            words_boundaries: spans(&self.word_start, &self.word_end),
            triples: triples.collect(),
        }
    }

    /// Subject, predicate and object of a triple.
    pub(crate) fn nodes<'a>(&'a self, triple: usize, bytes: &Bytes<'a>) -> [Node<'a>; 3] {
        let aligner = &self.triple_aligner[triple];
        let node = |mention: i32| Some(self.node(usize::try_from(mention).ok()?, bytes));
        let subject = node(self.triple_subject[triple]).unwrap_or_else(|| Node {
            boundaries: None,
            surfaceform: Some(&self.title),
            uri: Cow::Owned(item_uri(&self.entity)),
            annotator: aligner,
        });
        let nowhere = |uri| Node {
            boundaries: None,
            surfaceform: None,
            uri: Cow::Owned(uri),
            annotator: aligner,
        };
        let property = property_uri(&self.triple_property[triple]);
        let predicate = node(self.triple_property_mention[triple]);
        let object = node(self.triple_object[triple]);
        [
            subject,
            predicate.unwrap_or_else(|| nowhere(property)),
            object.unwrap_or_else(|| nowhere(String::new())),
        ]
    }

    /// A mention.
    pub(crate) fn node<'a>(&'a self, mention: usize, bytes: &Bytes<'a>) -> Node<'a> {
        let (start, end) = (self.mention_start[mention], self.mention_end[mention]);
        let (id, source) = (&self.mention_id[mention], &self.mention_source[mention]);
        let (uri, annotator) = match source {
            "link" => (item_uri(id), "Wikidata_Spotlight_Entity_Linker"),
            "name" => (item_uri(id), "Keyword_Matching_Entity_Linker"),
            "pronoun" => (item_uri(id), "Simple_Coreference"),
            "date" => (format!("{id}^^{XML_SCHEMA}dateTime"), "Date_Linker"),
            "quantity" => (format!("{id}^^{XML_SCHEMA}decimal"), "Value_Linker"),
            _ => (property_uri(id), "Wikidata_Property_Linker"),
        };
        Node {
            boundaries: Some((start, end)),
            surfaceform: bytes.slice(start, end),
            uri: Cow::Owned(uri),
            annotator,
        }
    }
}

/// What T-REx's JSON says of a mention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Node<'a> {
    pub(crate) boundaries: Option<(i32, i32)>,
    pub(crate) surfaceform: Option<&'a str>,
    pub(crate) uri: Cow<'a, str>,
    pub(crate) annotator: &'a str,
}

/// The byte of each code point of a text and of its end.
pub(crate) struct Bytes<'a> {
    text: &'a str,
    at: Vec<u32>,
}

impl<'a> Bytes<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let starts = text.char_indices().map(|(byte, _)| byte as u32);
        Self {
            text,
            at: starts.chain([text.len() as u32]).collect(),
        }
    }

    pub(crate) fn slice(&self, start: i32, end: i32) -> Option<&'a str> {
        let byte = |point: i32| Some(*self.at.get(usize::try_from(point).ok()?)? as usize);
        self.text.get(byte(start)?..byte(end)?)
    }
}

pub(crate) fn item_uri(id: &str) -> String {
    format!("http://www.wikidata.org/entity/{id}")
}

pub(crate) fn property_uri(id: &str) -> String {
    format!("http://www.wikidata.org/prop/direct/{id}")
}

pub(crate) const XML_SCHEMA: &str = "http://www.w3.org/2001/XMLSchema#";

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_is_a_document_of_trex() {
        let page = crate::aligned_page::tests::page();
        let document = page.document();
        assert_eq!(document.docid, "http://www.wikidata.org/entity/Q70");
        let [first, second] = &document.triples[..] else {
            panic!("{:?}", document.triples);
        };
        assert_eq!(first.subject.boundaries, None);
        assert_eq!(first.subject.surfaceform.as_deref(), Some("Bern"));
        assert_eq!(
            first.predicate.uri,
            "http://www.wikidata.org/prop/direct/P17"
        );
        assert_eq!(second.subject.boundaries, Some((2, 6)));
        assert_eq!(second.predicate.surfaceform.as_deref(), Some("in"));
        assert_eq!(second.object.surfaceform.as_deref(), Some("Switzerland"));
    }
}
