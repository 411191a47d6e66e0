//! What TACRED's and K-Adapter's relation JSON have in common.

use kprep_schemas::{RelationExample, Words, stable_id};
use serde::Deserialize;

/// What both formats say in the same words. Further keys are passed over.
#[derive(Deserialize)]
pub(super) struct Example {
    pub(super) id: Option<String>,
    pub(super) docid: Option<String>,
    pub(super) relation: String,
    pub(super) token: Vec<String>,
    pub(super) subj_start: i32,
    pub(super) subj_end: i32,
    pub(super) obj_start: i32,
    pub(super) obj_end: i32,
}

impl Example {
    /// The words of a mention; empty if there are no such words.
    pub(super) fn mention(&self, first: i32, last: i32) -> String {
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

    /// The row with these two entities, without a label.
    pub(super) fn row(self, subj_id: String, obj_id: String, obj_type: &str) -> RelationExample {
        let (subj_char_start, subj_char_end) = self.code_points(self.subj_start, self.subj_end);
        let (obj_char_start, obj_char_end) = self.code_points(self.obj_start, self.obj_end);
        let text = self.token.join(" ");
        let indexes: Vec<u8> = [self.subj_start, self.subj_end, self.obj_start, self.obj_end]
            .into_iter()
            .flat_map(i32::to_le_bytes)
            .collect();
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
