//! Rows of a wordnet's tables for people to read.

use std::fmt::Write;

use kprep_schemas::{Fact, LEXFILES, Synset};

use crate::datasets::labels::{Labels, called};

/// Id, words and lexicographer file, and under them definition, examples and sense keys.
pub(crate) fn synset(row: &Synset) -> String {
    let lexfile = usize::try_from(row.lexfile).ok();
    let lexfile = lexfile.and_then(|number| LEXFILES.get(number));
    let words = row.word.join(", ");
    let mut out = format!(
        "{} {words} ({})\n",
        row.id,
        lexfile.unwrap_or(&"no lexfile")
    );
    let _ = writeln!(out, "  {}", row.gloss);
    for example in row.example.iter() {
        let _ = writeln!(out, "  \"{example}\"");
    }
    for (word, key) in row.sense_key.iter().enumerate() {
        let (number, count) = (row.sense_number[word], row.tag_count[word]);
        let _ = write!(out, "  {key} sense {number}, tagged {count} times");
        let mut forms = row.form_word.iter().zip(row.form.iter());
        for (_, form) in forms.by_ref().filter(|(of, _)| **of == word as i32) {
            let _ = write!(out, ", {form}");
        }
        out.push('\n');
    }
    out
}

/// The ids of a fact.
pub(crate) fn fact_ids(row: &Fact) -> Vec<String> {
    vec![row.head.clone(), row.tail.clone()]
}

/// The fact in one line.
pub(crate) fn fact(row: &Fact, labels: &Labels) -> String {
    let [head, tail] = [&row.head, &row.tail].map(|id| called(id, labels));
    format!("{head}  {}  {tail}  ({})", row.relation, row.source)
}
