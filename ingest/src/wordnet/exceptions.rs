//! `noun.exc`, `verb.exc`, `adj.exc` and `adv.exc`: irregular forms.

use std::io::BufRead;

use kprep_schemas::Position;

use super::WordNetResult;
use super::lines::{Fields, Lines};

/// An irregular form and the words that it is a form of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The form, with `_` for blanks.
    pub form: String,
    /// The words.
    pub lemmas: Vec<String>,
}

/// The irregular forms of a file: `form lemma [lemma…]`. Memory: a line.
pub fn exceptions<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, Exception)>> {
    Lines::new(reader, |line, _| {
        let mut fields = Fields::of(line);
        let form = fields.text("a form")?.to_owned();
        let mut lemmas = vec![fields.text("the word of the form")?.to_owned()];
        while let Ok(lemma) = fields.text("") {
            lemmas.push(lemma.to_owned());
        }
        Ok(Some(Exception { form, lemmas }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "axes ax axis\nalone\ngeese goose\n";
        let rows = exceptions(text.as_bytes());
        let rows = rows.map(|row| row.map(|(_, row)| row).map_err(|e| e.to_string()));
        let exception = |form: &str, lemmas: &[&str]| Exception {
            form: form.into(),
            lemmas: lemmas.iter().map(ToString::to_string).collect(),
        };
        let expected = [
            Ok(exception("axes", &["ax", "axis"])),
            Err("line 2, byte 13: expected the word of the form, found the end of the line".into()),
            Ok(exception("geese", &["goose"])),
        ];
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }
}
