//! Sentences with what is marked in them, for people to read.

use std::fmt::Write;

use kprep_schemas::{DependencyExample, NO_HEAD, RelationExample};

/// The sentence with its mentions in brackets, and the fact under it.
pub(crate) fn relation(row: &RelationExample, names: &[Option<String>]) -> String {
    let mut text = String::new();
    for (i, c) in row.text.chars().chain(['\0']).enumerate() {
        let at = i as i32;
        if at == row.subj_char_end || at == row.obj_char_end {
            text.push(']');
        }
        if at == row.subj_char_start {
            text.push_str("[subject ");
        }
        if at == row.obj_char_start {
            text.push_str("[object ");
        }
        if c != '\0' {
            text.push(c);
        }
    }
    let name = row
        .label
        .and_then(|label| names.get(label as usize)?.as_deref());
    format!(
        "{text}\n  {} {} ({}) {} {}  [{}]  {}\n",
        row.subj_id,
        row.relation,
        name.unwrap_or("no English label"),
        row.obj_type,
        row.obj_id,
        row.aligners.join(", "),
        row.doc_id,
    )
}

/// One line a word: its number, itself, its label and its head.
pub(crate) fn heads(row: &DependencyExample) -> String {
    let title = row.sent_id.as_deref().unwrap_or(&row.id);
    let mut out = format!("{title} ({})\n", row.doc_id);
    let width = row
        .token
        .iter()
        .map(|token| token.chars().count())
        .max()
        .unwrap_or(0);
    for (i, token) in row.token.iter().enumerate() {
        let head = match row.head[i] {
            NO_HEAD => "no head".to_owned(),
            0 => "root".to_owned(),
            head => format!(
                "{} <- {head} {}",
                &row.deprel[i],
                &row.token[head as usize - 1]
            ),
        };
        let _ = writeln!(out, "  {:>3} {token:width$}  {head}", i + 1);
    }
    out
}
