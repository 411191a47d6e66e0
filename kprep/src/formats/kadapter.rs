//! The relation JSON of K-Adapter's released code: relation examples, written and read.

use kprep_schemas::{EntityId, RelationExample};
use serde::{Deserialize, Serialize};

use super::relation_json::Example;

/// A row in the JSON of K-Adapter's released code (Wang et al., 2021), to be serialized.
///
/// The keys and their order are those that the release's notebook
/// `scripts/create_subdataset-relation-classification.ipynb` shows and writes to `train.json` and
/// `dev.json`: the document's id is bare (`Q3343462`), the labels are the ids of the two entities,
/// ends are inclusive. `TREXProcessor` in the release's `utils_glue.py` reads `token`, the four
/// indexes and `relation`, and looks the relation up in a list of its own: a property outside that
/// list ends it with a `KeyError`.
#[derive(Debug, Serialize)]
pub struct KAdapter<'a> {
    docid: &'a str,
    token: Vec<&'a str>,
    relation: &'a str,
    subj_start: i32,
    subj_end: i32,
    obj_start: i32,
    obj_end: i32,
    subj_label: &'a str,
    obj_label: &'a str,
}

impl<'a> From<&'a RelationExample> for KAdapter<'a> {
    fn from(row: &'a RelationExample) -> Self {
        Self {
            docid: row.doc_id.rsplit('/').next().unwrap_or(&row.doc_id),
            token: row.token.iter().collect(),
            relation: &row.relation,
            subj_start: row.subj_start,
            subj_end: row.subj_end,
            obj_start: row.obj_start,
            obj_end: row.obj_end,
            subj_label: &row.subj_id,
            obj_label: &row.obj_id,
        }
    }
}

#[derive(Deserialize)]
struct KAdapterExample {
    #[serde(flatten)]
    example: Example,
    subj_label: String,
    obj_label: String,
}

/// A record in the JSON of K-Adapter's released code (see [`KAdapter`]) as a row
/// without a label.
///
/// What the format does not have: the text is the words with blanks between them, the id is a hash
/// of the content, and an object is an item, a time, a quantity or a string by what its label looks
/// like.
///
/// Whether the row is a valid one its [`check`](kprep_schemas::Record::check) tells.
///
/// # Errors
/// What is wrong with the JSON, or a key that is missing.
pub fn from_kadapter(json: &[u8]) -> serde_json::Result<RelationExample> {
    let KAdapterExample {
        example,
        subj_label,
        obj_label,
    } = serde_json::from_slice(json)?;
    let kind = kind_of_value(&obj_label);
    Ok(example.row(subj_label, obj_label, kind))
}

/// What a label looks like: `Q42`, `1952-03-11…` with or without a sign before it, a number, or
/// anything else.
fn kind_of_value(label: &str) -> &'static str {
    if label.parse().ok().and_then(EntityId::as_item).is_some() {
        return "item";
    }
    let unsigned = label.strip_prefix(['+', '-']).unwrap_or(label);
    let year = unsigned.split('-').next().unwrap_or_default();
    if year.len() >= 4
        && year.len() < unsigned.len()
        && year.bytes().all(|byte| byte.is_ascii_digit())
    {
        return "time";
    }
    let first = unsigned.bytes().next();
    if first.is_some_and(|byte| byte.is_ascii_digit()) && unsigned.parse::<f64>().is_ok() {
        return "quantity";
    }
    "string"
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules};
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
            to_string(&KAdapter::from(&row)).unwrap(),
            format!(
                r#"{{"docid":"Q1",{token},"relation":"{}",{indexes},"subj_label":"{}","obj_label":"{}"}}"#,
                row.relation, row.subj_id, row.obj_id
            )
        );
    }

    #[test]
    fn a_record_of_kadapter_and_what_its_labels_look_like() {
        let json = r#"{"docid": "Q1", "token": ["Zoë", "is", "42"], "relation": "P1", "subj_start": 0,
            "subj_end": 0, "obj_start": 2, "obj_end": 2, "subj_label": "Q1", "obj_label": "42"}"#;
        let row = from_kadapter(json.as_bytes()).unwrap();
        assert_eq!(row.check(&Rules::default()), Ok(()));
        let known = (&*row.doc_id, &*row.subj_id, &*row.obj_id, &*row.obj_type);
        assert_eq!(known, ("Q1", "Q1", "42", "quantity"));
        assert_eq!(row.id.len(), 20);
        let kinds = ["Q42", "-0044-03-15T00:00:00Z", "2004", "+1.5", "nan", "Qx"];
        assert_eq!(
            kinds.map(kind_of_value),
            ["item", "time", "quantity", "quantity", "string", "string"]
        );
    }
}
