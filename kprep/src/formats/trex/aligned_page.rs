//! Aligned pages as T-REx documents.

use std::borrow::Cow;
use std::io::{self, Write};

use kprep_schemas::AlignedPage;
use kprep_schemas::trex::{self, Boundaries, Mention, Text};

use super::json::{Bytes, Document, Node, Triple, XML_SCHEMA, item_uri, property_uri};

/// The page as a document of T-REx, with its triples and without mentions that no triple has.
///
/// The page must be one in which [`kprep_schemas::Record::check`] finds no fault.
pub fn document(page: &AlignedPage) -> trex::Document<'_> {
    let bytes = Bytes::of(&page.text);
    let mention = |node: Node<'_>| Mention {
        boundaries: node
            .boundaries
            .map(|(start, end)| (start.into(), end.into())),
        surfaceform: node
            .surfaceform
            .map(|text| Text(Cow::Owned(text.to_owned()))),
        uri: Cow::Owned(node.uri.into_owned()),
    };
    let triples = (0..page.triples()).map(|triple| {
        let [subject, predicate, object] = nodes(page, triple, &bytes);
        trex::Triple {
            subject: mention(subject),
            predicate: mention(predicate),
            object: mention(object),
            sentence_id: Some(page.triple_sentence[triple].into()),
            annotator: Some(Text(Cow::Borrowed(&page.triple_aligner[triple]))),
        }
    });
    let spans = |starts: &[i32], ends: &[i32]| {
        let spans = starts.iter().zip(ends);
        spans
            .map(|(&s, &e)| (s.into(), e.into()))
            .collect::<Vec<Boundaries>>()
    };
    trex::Document {
        docid: Cow::Owned(item_uri(&page.entity)),
        title: Cow::Borrowed(&page.title),
        text: Cow::Borrowed(&page.text),
        sentences_boundaries: spans(&page.sentence_start, &page.sentence_end),
        words_boundaries: spans(&page.word_start, &page.word_end),
        triples: triples.collect(),
    }
}

/// Writes a page as one document of T-REx's JSON, with nothing around it.
///
/// ASCII with `\u` escapes, as the files of the release are. Entities are marked with the names
/// that T-REx's own linkers have: a link of Wikipedia is what `Wikidata_Spotlight_Entity_Linker`
/// finds there. The page must be one in which [`kprep_schemas::Record::check`] finds no fault.
///
/// # Errors
/// Whatever writing fails with.
pub fn write_document(page: &AlignedPage, out: &mut impl Write) -> io::Result<()> {
    let bytes = Bytes::of(&page.text);
    let uri = item_uri(&page.entity);
    let triples = (0..page.triples()).map(|triple| {
        let [subject, predicate, object] = nodes(page, triple, &bytes);
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
        entities: (0..page.mentions())
            .map(|m| node_of(page, m, &bytes))
            .collect(),
        words_boundaries: spans(&page.word_start, &page.word_end),
        triples: triples.collect(),
        sentences_boundaries: spans(&page.sentence_start, &page.sentence_end),
    };
    document.write(out)
}

/// Subject, predicate and object of a triple.
fn nodes<'a>(page: &'a AlignedPage, triple: usize, bytes: &Bytes<'a>) -> [Node<'a>; 3] {
    let aligner = &page.triple_aligner[triple];
    let node = |mention: i32| Some(node_of(page, usize::try_from(mention).ok()?, bytes));
    let subject = node(page.triple_subject[triple]).unwrap_or_else(|| Node {
        boundaries: None,
        surfaceform: Some(&page.title),
        uri: Cow::Owned(item_uri(&page.entity)),
        annotator: aligner,
    });
    let nowhere = |uri| Node {
        boundaries: None,
        surfaceform: None,
        uri: Cow::Owned(uri),
        annotator: aligner,
    };
    let property = property_uri(&page.triple_property[triple]);
    let predicate = node(page.triple_property_mention[triple]);
    let object = node(page.triple_object[triple]);
    [
        subject,
        predicate.unwrap_or_else(|| nowhere(property)),
        object.unwrap_or_else(|| nowhere(String::new())),
    ]
}

/// A mention.
fn node_of<'a>(page: &'a AlignedPage, mention: usize, bytes: &Bytes<'a>) -> Node<'a> {
    let (start, end) = (page.mention_start[mention], page.mention_end[mention]);
    let (id, source) = (&page.mention_id[mention], &page.mention_source[mention]);
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::example_rows::page;

    #[test]
    fn a_page_is_a_document_of_trex() {
        let page = page();
        let document = document(&page);
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

    #[test]
    fn the_document_has_the_keys_of_the_release() {
        let page = page();
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
        let read: trex::Document<'_> = serde_json::from_slice(&written).unwrap();
        assert_eq!(read, super::document(&page));
    }
}
