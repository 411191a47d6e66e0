//! TACRED (Zhang et al., 2017; LDC2018T24) and the patches that others wrote for it.

use std::borrow::Cow;
use std::collections::HashMap;

use kprep_schemas::{RelationExample, Words};
use serde::Deserialize;

use super::Fault;

/// One example of the JSON array: words, and the token indexes of subject and object with inclusive
/// ends. Columns that are not here (tags, the parse) are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TacredExample<'a> {
    /// Its id, which patches refer to.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Its document.
    #[serde(borrow, default)]
    pub docid: Cow<'a, str>,
    /// Its relation, e.g. `per:title` or `no_relation`.
    #[serde(borrow)]
    pub relation: Cow<'a, str>,
    /// Its words.
    #[serde(borrow)]
    pub token: Vec<Cow<'a, str>>,
    /// First token of the subject.
    pub subj_start: usize,
    /// Last token of the subject.
    pub subj_end: usize,
    /// First token of the object.
    pub obj_start: usize,
    /// Last token of the object.
    pub obj_end: usize,
    /// What the object is, e.g. `PERSON`.
    #[serde(borrow, default)]
    pub obj_type: Cow<'a, str>,
}

impl TacredExample<'_> {
    /// The row, its text being the words with blanks between them.
    ///
    /// # Errors
    /// A [`Fault`] for a mention outside the sentence, or of empty words.
    pub fn row(&self, relation: &str, label: i64) -> Result<RelationExample, Fault> {
        let mut text = String::new();
        let mut places = Vec::with_capacity(self.token.len());
        let mut point = 0;
        for token in &self.token {
            if !text.is_empty() {
                text.push(' ');
                point += 1;
            }
            text.push_str(token);
            let start = point;
            point += token.chars().count() as i32;
            places.push((start, point));
        }
        let mention = |name, first: usize, last: usize| {
            let place = places.get(first).zip(places.get(last));
            let (start, end) = place.filter(|_| first <= last).ok_or_else(|| {
                Fault::malformed(format!(
                    "the {name} is tokens {first}..={last} of {}",
                    self.token.len()
                ))
            })?;
            if start.0 >= end.1 {
                let empty = format!("the {name} is tokens {first}..={last}, which are empty");
                return Err(Fault::malformed(empty));
            }
            Ok((start.0, end.1))
        };
        let subject = mention("subject", self.subj_start, self.subj_end)?;
        let object = mention("object", self.obj_start, self.obj_end)?;
        Ok(RelationExample {
            id: self.id.clone().into_owned(),
            doc_id: self.docid.clone().into_owned(),
            title: String::new(),
            token: self.token.iter().collect(),
            subj_start: self.subj_start as i32,
            subj_end: self.subj_end as i32,
            obj_start: self.obj_start as i32,
            obj_end: self.obj_end as i32,
            subj_char_start: subject.0,
            subj_char_end: subject.1,
            obj_char_start: object.0,
            obj_char_end: object.1,
            text,
            subj_id: String::new(),
            obj_id: String::new(),
            obj_type: self.obj_type.clone().into_owned(),
            relation: relation.to_owned(),
            label: Some(label),
            aligners: Words::default(),
        })
    }
}

/// Other relations for some examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch {
    /// Re-TACRED (Stoica et al., 2021): `{id: relation}`; what is not listed is dropped.
    ReTacred(HashMap<String, String>),
    /// TACREV (Alt et al., 2020): `[{id, relation}]`; what is not listed stays as it is.
    TacRev(HashMap<String, String>),
}

/// One entry of TACREV's list.
#[derive(Deserialize)]
struct Revised {
    id: String,
    relation: String,
}

impl Patch {
    /// Parses a patch, told by its content.
    ///
    /// # Errors
    /// A [`Fault`] that says what was expected.
    pub fn parse(json: &[u8]) -> Result<Self, Fault> {
        let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'{') => serde_json::from_slice(json).map(Self::ReTacred),
            Some(b'[') => serde_json::from_slice(json).map(|list: Vec<Revised>| {
                let entries = list.into_iter().map(|entry| (entry.id, entry.relation));
                Self::TacRev(entries.collect())
            }),
            _ => {
                return Err(Fault::malformed(
                    "expected Re-TACRED's {id: relation} or TACREV's [{id, relation}]",
                ));
            }
        }
        .map_err(Fault::malformed)
    }

    /// Joins another patch of the same kind (of another split).
    ///
    /// # Errors
    /// A [`Fault`] if it is of the other kind.
    pub fn join(self, other: Self) -> Result<Self, Fault> {
        match (self, other) {
            (Self::ReTacred(mut one), Self::ReTacred(other)) => {
                one.extend(other);
                Ok(Self::ReTacred(one))
            }
            (Self::TacRev(mut one), Self::TacRev(other)) => {
                one.extend(other);
                Ok(Self::TacRev(one))
            }
            _ => Err(Fault::malformed(
                "expected patches of one kind, Re-TACRED's or TACREV's",
            )),
        }
    }

    /// The relation of an example under this patch; `None` if it is dropped.
    pub fn relation<'a>(&'a self, id: &str, relation: &'a str) -> Option<&'a str> {
        match self {
            Self::ReTacred(map) => map.get(id).map(String::as_str),
            Self::TacRev(map) => Some(map.get(id).map_or(relation, String::as_str)),
        }
    }

    /// Its entries.
    pub fn entries(&self) -> &HashMap<String, String> {
        match self {
            Self::ReTacred(map) | Self::TacRev(map) => map,
        }
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules};

    use super::*;

    #[test]
    fn words_become_text_with_places() {
        let json = r#"{"id": "e1", "docid": "D", "relation": "per:title", "token": ["Zo\u00eb", "Li", "is", "-LRB-", "a", "poet"],
            "subj_start": 0, "subj_end": 1, "obj_start": 5, "obj_end": 5, "subj_type": "PERSON", "obj_type": "TITLE",
            "stanford_head": [0]}"#;
        let example: TacredExample<'_> = serde_json::from_str(json).unwrap();
        let row = example.row("per:title", 0).unwrap();
        assert_eq!(row.text, "Zoë Li is -LRB- a poet");
        assert_eq!((row.subj_char_start, row.subj_char_end), (0, 6));
        assert_eq!((row.obj_char_start, row.obj_char_end), (18, 22));
        let names = ["per:title".to_owned()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(row.check(&rules), Ok(()));
        let mut token = example.token.clone();
        token[5] = "".into();
        let empty = TacredExample {
            token,
            ..example.clone()
        };
        assert_eq!(
            empty.row("per:title", 0).unwrap_err().detail,
            "the object is tokens 5..=5, which are empty"
        );
        let beyond = TacredExample {
            obj_end: 6,
            ..example
        };
        assert_eq!(
            beyond.row("per:title", 0).unwrap_err().detail,
            "the object is tokens 5..=6 of 6"
        );
    }

    #[test]
    fn patches_are_told_by_content() {
        let re = Patch::parse(br#"{"e1": "per:age"}"#).unwrap();
        assert_eq!(re.relation("e1", "per:title"), Some("per:age"));
        assert_eq!(re.relation("e2", "per:title"), None);
        let rev = Patch::parse(br#" [{"id": "e1", "relation": "per:age"}]"#).unwrap();
        assert_eq!(rev.relation("e1", "per:title"), Some("per:age"));
        assert_eq!(rev.relation("e2", "per:title"), Some("per:title"));
        assert!(re.clone().join(rev).is_err());
        let both = re.join(Patch::parse(br#"{"e2": "per:title"}"#).unwrap());
        assert_eq!(both.unwrap().entries().len(), 2);
        assert!(Patch::parse(b"id,relation").is_err());
    }
}
