//! TACRED's JSON: relation examples, written and read.

use kprep_schemas::RelationExample;
use serde::{Deserialize, Serialize};

use super::relation_json::Example;

/// A row in the JSON of TACRED (Zhang et al., 2017; LDC2018T24), to be serialized.
///
/// Its keys, in the order of the records that the card of `DFKI-SLT/tacred` on the Hugging Face hub
/// shows and that public loaders read: `id`, `docid`, `relation`, `token`, the four inclusive token
/// indexes, `subj_type`, `obj_type` (`PERSON`, `DATE`, …), and then `stanford_pos`, `stanford_ner`,
/// `stanford_head` (from 1, 0 is the root; some files write the numbers as strings) and
/// `stanford_deprel`. Brackets are words like `-LRB-`. The last four are left out: a relation
/// dataset has no tags and no parse, and a reader that needs them should fail rather than learn
/// from invented ones. The types are what kprep knows, in capitals as TACRED's are: `ITEM`, `TIME`,
/// `QUANTITY` or `STRING`; a subject is always an item.
#[derive(Debug, Serialize)]
pub struct Tacred<'a> {
    id: &'a str,
    docid: &'a str,
    relation: &'a str,
    token: Vec<&'a str>,
    subj_start: i32,
    subj_end: i32,
    obj_start: i32,
    obj_end: i32,
    subj_type: &'static str,
    obj_type: String,
}

impl<'a> Tacred<'a> {
    /// The row, its relation under the name `relation`.
    pub fn new(row: &'a RelationExample, relation: &'a str) -> Self {
        Self {
            id: &row.id,
            docid: &row.doc_id,
            relation,
            token: row.token.iter().collect(),
            subj_start: row.subj_start,
            subj_end: row.subj_end,
            obj_start: row.obj_start,
            obj_end: row.obj_end,
            subj_type: "ITEM",
            obj_type: row.obj_type.to_uppercase(),
        }
    }
}

#[derive(Deserialize)]
struct TacredExample {
    #[serde(flatten)]
    example: Example,
    obj_type: String,
}

/// A record of TACRED's JSON (see [`Tacred`] for its keys) as a row without a label.
///
/// What the format does not have: the text is the words with blanks between them, mentions lie
/// where their words do, and the mentions' words stand where Wikidata's ids would. What a row does
/// not have: the four `stanford_` lists are passed over, and of the types only that of the object
/// is kept, as `time`, `quantity`, `string` (addresses) or else `item`. A record without `id` gets
/// a hash of its content, one without `docid` is a document of its own.
///
/// Whether the row is a valid one its [`check`](kprep_schemas::Record::check) tells.
///
/// # Errors
/// What is wrong with the JSON, or a key that is missing.
pub fn from_tacred(json: &[u8]) -> serde_json::Result<RelationExample> {
    let TacredExample { example, obj_type } = serde_json::from_slice(json)?;
    let subject = example.mention(example.subj_start, example.subj_end);
    let object = example.mention(example.obj_start, example.obj_end);
    Ok(example.row(subject, object, kind_of_type(&obj_type)))
}

/// kprep's own names in capitals, and those of the Stanford tagger.
fn kind_of_type(obj_type: &str) -> &'static str {
    match obj_type {
        "TIME" | "DATE" | "DURATION" | "SET" => "time",
        "QUANTITY" | "NUMBER" | "ORDINAL" | "MONEY" | "PERCENT" => "quantity",
        "STRING" | "URL" | "EMAIL" | "HANDLE" => "string",
        _ => "item",
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules, Words};
    use serde_json::to_string;

    use super::*;
    use crate::example_rows::example;

    #[test]
    fn a_row_is_an_object() {
        let mut row = example();
        row.doc_id = "http://www.wikidata.org/entity/Q1".into();
        let indexes = format!(
            r#""subj_start":{},"subj_end":{},"obj_start":{},"obj_end":{}"#,
            row.subj_start, row.subj_end, row.obj_start, row.obj_end
        );
        let token = r#""token":["Zoë","saw","the","Río","Grande","."]"#;
        assert_eq!(
            to_string(&Tacred::new(&row, "seen")).unwrap(),
            format!(
                r#"{{"id":"0123","docid":"http://www.wikidata.org/entity/Q1","relation":"seen",{token},{indexes},"subj_type":"ITEM","obj_type":"ITEM"}}"#
            )
        );
    }

    #[test]
    fn a_record_of_tacred_with_its_tags() {
        let json = r#"{"id": "e1", "docid": "NEWS_1", "relation": "per:age", "token": ["Zoë", "(", "42", ")"],
            "subj_start": 0, "subj_end": 0, "obj_start": 1, "obj_end": 2, "subj_type": "PERSON",
            "obj_type": "NUMBER", "stanford_pos": ["NNP", "-LRB-", "CD", "-RRB-"], "stanford_head": ["0", 3, 1, 3]}"#;
        let row = from_tacred(json.as_bytes()).unwrap();
        assert_eq!(
            row,
            RelationExample {
                id: "e1".into(),
                doc_id: "NEWS_1".into(),
                title: String::new(),
                text: "Zoë ( 42 )".into(),
                token: ["Zoë", "(", "42", ")"].into(),
                subj_start: 0,
                subj_end: 0,
                obj_start: 1,
                obj_end: 2,
                subj_char_start: 0,
                subj_char_end: 3,
                obj_char_start: 4,
                obj_char_end: 8,
                subj_id: "Zoë".into(),
                obj_id: "( 42".into(),
                obj_type: "quantity".into(),
                relation: "per:age".into(),
                label: None,
                aligners: Words::default(),
            }
        );
        assert_eq!(row.check(&Rules::default()), Ok(()));
        let outside = json.replace(r#""obj_end": 2"#, r#""obj_end": 4"#);
        let row = from_tacred(outside.as_bytes()).unwrap();
        assert_eq!(
            row.check(&Rules::default()).unwrap_err(),
            "the object is tokens 1..=4 of 4"
        );
        let missing = json.replace("relation", "rel");
        assert_eq!(
            from_tacred(missing.as_bytes())
                .unwrap_err()
                .to_string()
                .split(" at ")
                .next(),
            Some("missing field `relation`")
        );
    }
}
