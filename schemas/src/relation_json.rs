//! Rows of a relation set as objects of the JSON that relation extraction is trained on.

use serde::Serialize;

use crate::RelationExample;

/// A row in the JSON of TACRED (Zhang et al., 2017; LDC2018T24), to be serialized.
///
/// Its keys, in the order of the records that the card of `DFKI-SLT/tacred` on the Hugging Face hub
/// shows and that public loaders read: `id`, `docid`, `relation`, `token`, the four inclusive token
/// indexes, `subj_type`, `obj_type` (`PERSON`, `DATE`, …), and then `stanford_pos`, `stanford_ner`,
/// `stanford_head` (from 1, 0 is the root; some files write the numbers as strings) and
/// `stanford_deprel`. Brackets are words like `-LRB-`. The last four are left out: a relation set has
/// no tags and no parse, and a reader that needs them should fail rather than learn from invented
/// ones. The types are what kprep knows, in capitals as TACRED's are: `ITEM`, `TIME`, `QUANTITY` or
/// `STRING`; a subject is always an item.
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

#[cfg(test)]
mod tests {
    use serde_json::to_string;

    use super::*;
    use crate::relation::tests::example;

    #[test]
    fn a_row_of_each_format() {
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
        assert_eq!(
            to_string(&KAdapter::from(&row)).unwrap(),
            format!(
                r#"{{"docid":"Q1",{token},"relation":"{}",{indexes},"subj_label":"{}","obj_label":"{}"}}"#,
                row.relation, row.subj_id, row.obj_id
            )
        );
    }
}
