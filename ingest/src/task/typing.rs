//! Entity typing: `OpenEntity` (Choi et al., 2018) and FIGER (Ling and Weld, 2012) in JSON.

use std::borrow::Cow;
use std::collections::BTreeSet;

use kprep_schemas::{TypingExample, stable_id};
use serde::Deserialize;

use super::{Classes, Fault};

/// One example as ERNIE's authors prepared it (Zhang et al., 2019): a sentence, code points,
/// labels. The entities that they linked (`ents`) are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TypedMention<'a> {
    #[serde(borrow)]
    sent: Cow<'a, str>,
    #[serde(borrow)]
    labels: Vec<Cow<'a, str>>,
    start: usize,
    end: usize,
}

/// One example of the ultra-fine set itself: the words left and right of the mention.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UltraFine<'a> {
    #[serde(borrow)]
    y_str: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    mention_span: Cow<'a, str>,
    #[serde(borrow)]
    left_context_token: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    right_context_token: Vec<Cow<'a, str>>,
}

/// A typed mention, wherever it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// The source's document id; empty if it has none.
    pub doc_id: String,
    /// The sentence.
    pub text: String,
    /// First code point of the mention.
    pub start: usize,
    /// Its end, exclusive.
    pub end: usize,
    /// Its types.
    pub types: BTreeSet<String>,
    /// The types are all that its entity has anywhere (distant supervision), not those that people
    /// saw in the sentence: without a known one nothing is said of the mention.
    pub distant: bool,
}

impl Typing {
    /// Parses either JSON.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser of ERNIE's form found.
    pub fn parse(json: &[u8]) -> Result<Self, Fault> {
        match serde_json::from_slice::<TypedMention<'_>>(json) {
            Ok(example) => Ok(Self {
                doc_id: String::new(),
                text: example.sent.into_owned(),
                start: example.start,
                end: example.end,
                types: example.labels.into_iter().map(Cow::into_owned).collect(),
                distant: false,
            }),
            Err(error) => match serde_json::from_slice::<UltraFine<'_>>(json) {
                Ok(example) => Ok(example.into()),
                Err(_) => Err(Fault::malformed(error)),
            },
        }
    }

    /// The row, and how many of its types are none of the classes. `place` tells it from every
    /// other row: the number of its file, of its record, and of the mention in this.
    ///
    /// # Errors
    /// A [`Fault`] for a mention outside the sentence, and for one of distant supervision without a
    /// class.
    pub fn row(self, place: [u64; 3], classes: &Classes) -> Result<(TypingExample, u64), Fault> {
        let length = self.text.chars().count();
        if self.start >= self.end || self.end > length {
            return Err(Fault::malformed(format!(
                "the mention is code points {}..{} of a sentence of {length}",
                self.start, self.end
            )));
        }
        let numbers = self.types.iter().map(|name| classes.number(name));
        let lost = numbers.clone().filter(Option::is_none).count() as u64;
        let labels: BTreeSet<i64> = numbers.flatten().collect();
        if self.distant && labels.is_empty() {
            let types: Vec<_> = self.types.into_iter().collect();
            return Err(Fault::new("no known type", types.join(", ")));
        }
        let names = classes.names();
        let place = place.map(u64::to_le_bytes);
        let parts = place.iter().map(<[u8; 8]>::as_slice);
        Ok((
            TypingExample {
                id: stable_id(parts.chain([self.text.as_bytes()])),
                doc_id: self.doc_id,
                mention_start: self.start as i32,
                mention_end: self.end as i32,
                types: labels.iter().map(|&label| &names[label as usize]).collect(),
                labels: labels.into_iter().collect(),
                text: self.text,
            },
            lost,
        ))
    }
}

impl From<UltraFine<'_>> for Typing {
    fn from(example: UltraFine<'_>) -> Self {
        let mut text = String::new();
        for word in &example.left_context_token {
            text.push_str(word);
            text.push(' ');
        }
        let start = text.chars().count();
        let end = start + example.mention_span.chars().count();
        text.push_str(&example.mention_span);
        for word in &example.right_context_token {
            text.push(' ');
            text.push_str(word);
        }
        let types = example.y_str.into_iter().map(Cow::into_owned).collect();
        Self {
            doc_id: String::new(),
            text,
            start,
            end,
            types,
            distant: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_code_points() {
        let ernie = r#"{"sent": "Zo\u00eb saw \ud834\udd1e Li .", "labels": ["person", "entity"], "start": 10, "end": 12, "ents": [["Q1", 0, 3, 0.5]]}"#;
        let typing = Typing::parse(ernie.as_bytes()).unwrap();
        let classes = Classes::new(["person".to_owned()]);
        let (row, lost) = typing.row([0, 1, 0], &classes).unwrap();
        let mention: String = row.text.chars().skip(10).take(2).collect();
        assert_eq!((mention.as_str(), lost), ("Li", 1));
        assert_eq!(
            (row.labels, row.types.join(",")),
            (vec![0], "person".into())
        );
        let own = r#"{"y_str": ["time"], "annot_id": "x", "mention_span": "late Monday", "left_context_token": ["On"], "right_context_token": [",", "he"]}"#;
        let typing = Typing::parse(own.as_bytes()).unwrap();
        assert_eq!(typing.text, "On late Monday , he");
        assert_eq!((typing.start, typing.end), (3, 14));
        let beyond = Typing { end: 20, ..typing };
        assert_eq!(
            beyond.row([0, 1, 0], &classes).unwrap_err().detail,
            "the mention is code points 3..20 of a sentence of 19"
        );
        let fault = Typing::parse(br#"{"sent": "a"}"#).unwrap_err();
        assert_eq!(fault.detail, "missing field `labels` at line 1 column 13");
    }
}
