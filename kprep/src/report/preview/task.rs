//! Rows of downstream tasks for people to read.

use std::fmt::Write;

use kprep_schemas::{ChoiceExample, ClozeExample, QuestionExample, TypingExample};

/// Characters of a context or paragraph that are shown.
const SHOWN: usize = 400;

/// Places of answers that are shown.
const PLACES: usize = 3;

/// The sentence with its mention in brackets, and the types under it.
pub(crate) fn typing(row: &TypingExample) -> String {
    let types = row.types.join(", ");
    let text = bracketed(&row.text, row.mention_start, row.mention_end);
    format!("{text}\n  {types}  {}\n", row.id)
}

/// Context, question, and the answers with a star at the right one.
pub(crate) fn choice(row: &ChoiceExample) -> String {
    let mut out = format!("{}\n  {}\n", start(&row.context), row.question);
    for (number, answer) in (0..).zip(row.answers.iter()) {
        let mark = if row.label == Some(number) { '*' } else { ' ' };
        let _ = writeln!(out, "  {mark} {answer}");
    }
    out
}

/// Question, answers, and the first places where these stand.
pub(crate) fn question(row: &QuestionExample) -> String {
    let mut out = format!("{}\n  {}\n", row.question, row.answers.join(" | "));
    let places = row.answer_paragraph.len();
    for place in 0..places.min(PLACES) {
        let number = row.answer_paragraph[place];
        let paragraph = &row.paragraphs[number as usize];
        let (from, to) = (row.answer_start[place], row.answer_end[place]);
        let text = bracketed(paragraph, from, to).replace('\n', " ");
        let _ = writeln!(out, "  paragraph {number}: {}", start(&text));
    }
    let count = row.paragraphs.len();
    let _ = writeln!(out, "  {count} paragraphs, {places} places of an answer");
    out
}

/// The sentence with its gap, and the fact under it.
pub(crate) fn cloze(row: &ClozeExample) -> String {
    format!(
        "{}\n  {} {} {}  [{}]  {}\n",
        row.text, row.subj_label, row.relation, row.obj_label, row.source, row.id
    )
}

fn bracketed(text: &str, from: i32, to: i32) -> String {
    let chars = |from: i32, to: i32| -> String {
        let chars = text.chars().skip(from as usize);
        chars.take((to - from) as usize).collect()
    };
    let (before, mention) = (chars(0, from), chars(from, to));
    format!("{before}[{mention}]{}", chars(to, i32::MAX))
}

fn start(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    let more = if start.len() < text.len() { " …" } else { "" };
    format!("{start}{more}")
}
