//! Objects of the JSON that relation extraction is trained on, as rows of a relation set.

use serde::Deserialize;

use crate::{EntityId, RelationExample, Words, stable_id};

/// What both formats say in the same words. Further keys are passed over.
#[derive(Deserialize)]
struct Example {
    id: Option<String>,
    docid: Option<String>,
    relation: String,
    token: Vec<String>,
    subj_start: i32,
    subj_end: i32,
    obj_start: i32,
    obj_end: i32,
}

#[derive(Deserialize)]
struct TacredExample {
    #[serde(flatten)]
    example: Example,
    obj_type: String,
}

#[derive(Deserialize)]
struct KAdapterExample {
    #[serde(flatten)]
    example: Example,
    subj_label: String,
    obj_label: String,
}

/// A record of TACRED's JSON (see [`Tacred`](crate::Tacred) for its keys) as a row without a label.
///
/// What the format does not have: the text is the words with blanks between them, mentions lie where
/// their words do, and the mentions' words stand where Wikidata's ids would. What a row does not have:
/// the four `stanford_` lists are passed over, and of the types only that of the object is kept, as
/// `time`, `quantity`, `string` (addresses) or else `item`. A record without `id` gets a hash of its
/// content, one without `docid` is a document of its own.
///
/// Whether the row is a valid one its [`check`](crate::Record::check) tells.
///
/// # Errors
/// What is wrong with the JSON, or a key that is missing.
pub fn from_tacred(json: &[u8]) -> serde_json::Result<RelationExample> {
    let TacredExample { example, obj_type } = serde_json::from_slice(json)?;
    let subject = example.mention(example.subj_start, example.subj_end);
    let object = example.mention(example.obj_start, example.obj_end);
    Ok(example.row(subject, object, kind_of_type(&obj_type)))
}

/// A record in the JSON of K-Adapter's released code (see [`KAdapter`](crate::KAdapter)) as a row
/// without a label.
///
/// What the format does not have: the text is the words with blanks between them, the id is a hash of
/// the content, and an object is an item, a time, a quantity or a string by what its label looks like.
///
/// Whether the row is a valid one its [`check`](crate::Record::check) tells.
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

impl Example {
    /// The words of a mention; empty if there are no such words.
    fn mention(&self, first: i32, last: i32) -> String {
        let words = span(first, last).and_then(|(first, last)| self.token.get(first..=last));
        words.unwrap_or_default().join(" ")
    }

    /// Code points of a mention in the words with blanks between them; nothing if there are no such
    /// words.
    fn code_points(&self, first: i32, last: i32) -> (i32, i32) {
        let Some((first, last)) = span(first, last).filter(|&(_, last)| last < self.token.len())
        else {
            return (0, 0);
        };
        let length =
            |words: &[String]| -> usize { words.iter().map(|word| word.chars().count() + 1).sum() };
        let start = length(&self.token[..first]);
        let end = start + length(&self.token[first..=last]) - 1;
        (start as i32, end as i32)
    }

    fn row(self, subj_id: String, obj_id: String, obj_type: &str) -> RelationExample {
        let (subj_char_start, subj_char_end) = self.code_points(self.subj_start, self.subj_end);
        let (obj_char_start, obj_char_end) = self.code_points(self.obj_start, self.obj_end);
        let text = self.token.join(" ");
        let indexes = [self.subj_start, self.subj_end, self.obj_start, self.obj_end];
        let indexes: Vec<u8> = indexes.into_iter().flat_map(i32::to_le_bytes).collect();
        let id = self.id.unwrap_or_else(|| {
            let doc_id = self.docid.as_deref().unwrap_or_default();
            let parts = [doc_id, &text, &self.relation, &subj_id, &obj_id];
            stable_id(parts.map(str::as_bytes).into_iter().chain([&indexes[..]]))
        });
        RelationExample {
            doc_id: self.docid.unwrap_or_else(|| id.clone()),
            id,
            title: String::new(),
            text,
            token: self.token.iter().collect(),
            subj_start: self.subj_start,
            subj_end: self.subj_end,
            obj_start: self.obj_start,
            obj_end: self.obj_end,
            subj_char_start,
            subj_char_end,
            obj_char_start,
            obj_char_end,
            subj_id,
            obj_id,
            obj_type: obj_type.to_owned(),
            relation: self.relation,
            label: None,
            aligners: Words::default(),
        }
    }
}

/// Inclusive word indexes as a slice takes them.
fn span(first: i32, last: i32) -> Option<(usize, usize)> {
    let (first, last) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
    (first <= last).then_some((first, last))
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
    use super::*;
    use crate::{Record, Rules};

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
