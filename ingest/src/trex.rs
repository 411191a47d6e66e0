//! T-REx documents from their JSON text.

use kprep_schemas::trex::Document;

/// Parses one document. Strings are borrowed from `json` where they hold no escapes.
///
/// # Errors
/// What `serde_json` finds: a syntax error, a missing field, a value of another type, invalid
/// UTF-8. The message gives line and column within the document.
pub fn parse_document(json: &[u8]) -> Result<Document<'_>, serde_json::Error> {
    serde_json::from_slice(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_with_keys_in_any_order_and_unknown_ones() {
        let json = r#"{"triples": [{"annotator": "SPOAligner", "confidence": null,
            "subject": {"uri": "Q1", "boundaries": null, "surfaceform": null, "annotator": "x"},
            "predicate": {"boundaries": null, "surfaceform": null, "uri": "P2", "annotator": "x"},
            "object": {"boundaries": [0, 1], "surfaceform": "\u00e6", "uri": "Q3"},
            "sentence_id": 0, "dependency_path": null}],
            "words_boundaries": [[0, 1]], "text": "\u00e6", "docid": "Q1", "title": "T",
            "entities": [{"any": "thing"}], "sentences_boundaries": [[0, 1]], "uri": "Q1"}"#;
        let document = parse_document(json.as_bytes()).unwrap();
        assert_eq!(
            (&*document.text, document.words_boundaries[0]),
            ("æ", (0, 1))
        );
        let triple = &document.triples[0];
        assert_eq!(triple.subject.boundaries, None);
        assert_eq!(triple.object.boundaries, Some((0, 1)));
        assert_eq!(triple.object.surfaceform.as_deref(), Some("æ"));
        assert_eq!(triple.annotator.as_deref(), Some("SPOAligner"));
    }

    #[test]
    fn faults_say_where() {
        let fault = |json: &[u8]| parse_document(json).unwrap_err().to_string();
        assert_eq!(
            fault(br#"{"docid": 7, "text": "", "triples": []}"#),
            "invalid type: integer `7`, expected a string at line 1 column 11"
        );
        assert_eq!(
            fault(br#"{"docid": "Q1", "triples": []}"#),
            "missing field `text` at line 1 column 30"
        );
        assert_eq!(
            fault(b"{\"docid\": \"\xff\", \"text\": \"\", \"triples\": []}"),
            "invalid unicode code point at line 1 column 12"
        );
    }
}
