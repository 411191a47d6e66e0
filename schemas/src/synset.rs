//! `Synset`: a set of words of a wordnet that share a meaning.

use std::collections::BTreeSet;

use crate::column::{Column, int, ints, text, words};
use crate::{Classes, GroupBy, LEXFILES, Record, Rules, Words};

/// One synset. The lists `word`, `sense_key`, `sense_number` and `tag_count` have an entry for each of its
/// words; `form` and `form_word` one for each irregular form of a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synset {
    /// Offset and part of speech in WNDB (`00001740-n`); in other sources their id without the name of
    /// the lexicon.
    pub id: String,
    /// Part of speech: `n`, `v`, `a`, `s` (an adjective that is a satellite of another), `r`.
    pub pos: String,
    /// Number of the lexicographer file, an index of [`LEXFILES`]; -1 where the source names none.
    pub lexfile: i32,
    /// The words, with blanks, the first one first.
    pub word: Words,
    /// Sense key of each word (`dog%1:05:00::`); the source's id of the sense where it has none.
    pub sense_key: Words,
    /// Which sense of its word this is: 1 is the first sense.
    pub sense_number: Vec<i32>,
    /// How often the sense was tagged in texts.
    pub tag_count: Vec<i32>,
    /// Irregular forms of the words (`geese`).
    pub form: Words,
    /// For each form, its word, from 0.
    pub form_word: Vec<i32>,
    /// The definition, without the examples.
    pub gloss: String,
    /// The examples.
    pub example: Words,
}

/// What WN-LMF has as parts of speech; WNDB has the first five.
const POS: [&str; 10] = ["n", "v", "a", "s", "r", "t", "c", "p", "x", "u"];

impl Classes for Synset {}

impl Record for Synset {
    const NAME: &'static str = "Synset";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "offset and part of speech, e.g. `00001740-n`, or the source's id",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("pos", "part of speech: `n`, `v`, `a`, `s` (satellite of an adjective), `r`",
            |r| &r.pos, |r| &mut r.pos),
        int("lexfile", "number of the lexicographer file (supersense), 0 to 44; -1 where the source names none",
            |r| &r.lexfile, |r| &mut r.lexfile),
        words("word", "its words; the three lists below have an entry for each",
            |r: &Self| &r.word, |r| &mut r.word).without_dictionary(),
        words("sense_key", "sense key, e.g. `dog%1:05:00::`, or the source's id of the sense",
            |r: &Self| &r.sense_key, |r| &mut r.sense_key).without_dictionary(),
        ints("sense_number", "which sense of its word it is, from 1",
            |r| &r.sense_number, |r| &mut r.sense_number),
        ints("tag_count", "how often the sense was tagged in texts",
            |r| &r.tag_count, |r| &mut r.tag_count),
        words("form", "irregular forms of its words, e.g. `geese`", |r| &r.form, |r| &mut r.form),
        ints("form_word", "for each form, its word, from 0", |r| &r.form_word, |r| &mut r.form_word),
        text("gloss", "the definition, without the examples",
            |r: &Self| &r.gloss, |r| &mut r.gloss).without_dictionary(),
        words("example", "the examples", |r: &Self| &r.example, |r| &mut r.example).without_dictionary(),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        if self.id.is_empty() {
            return Err("expected an id, found none".into());
        }
        if !POS.contains(&self.pos.as_str()) {
            let expected = POS.join(", ");
            return Err(format!("pos is {:?}, expected one of {expected}", self.pos));
        }
        if !(-1..LEXFILES.len() as i32).contains(&self.lexfile) {
            return Err(format!("lexfile is {}, expected -1 to 44", self.lexfile));
        }
        let words = self.word.len();
        let lengths = [
            self.sense_key.len(),
            self.sense_number.len(),
            self.tag_count.len(),
        ];
        if lengths != [words; 3] {
            return Err(format!(
                "word, sense_key, sense_number and tag_count have {words}, {}, {} and {} entries",
                lengths[0], lengths[1], lengths[2]
            ));
        }
        if self
            .word
            .iter()
            .chain(self.sense_key.iter())
            .any(str::is_empty)
        {
            return Err("a word or its sense key is empty".into());
        }
        let mut keys = BTreeSet::new();
        if let Some(key) = self.sense_key.iter().find(|key| !keys.insert(*key)) {
            return Err(format!("sense key {key:?} stands twice"));
        }
        if let Some(number) = self.sense_number.iter().find(|&&number| number < 1) {
            return Err(format!("sense number is {number}, expected 1 or more"));
        }
        if let Some(count) = self.tag_count.iter().find(|&&count| count < 0) {
            return Err(format!("tag count is {count}, expected 0 or more"));
        }
        let (forms, of) = (self.form.len(), self.form_word.len());
        if forms != of {
            return Err(format!("form and form_word have {forms} and {of} entries"));
        }
        let outside = |word: &&i32| !(0..words as i32).contains(*word);
        match self.form_word.iter().find(outside) {
            Some(word) => Err(format!("a form is of word {word} of {words}")),
            None => Ok(()),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::synset as example;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let rules = Rules::default();
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut Synset)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(
            fault(|r| r.word = ["goose", ""].into()),
            "a word or its sense key is empty"
        );
        let expected = "pos is \"noun\", expected one of n, v, a, s, r, t, c, p, x, u";
        assert_eq!(fault(|r| r.pos = "noun".into()), expected);
        assert_eq!(
            fault(|r| r.lexfile = 45),
            "lexfile is 45, expected -1 to 44"
        );
        assert_eq!(
            fault(|r| r.tag_count = vec![1]),
            "word, sense_key, sense_number and tag_count have 2, 2, 2 and 1 entries"
        );
        assert_eq!(
            fault(|r| r.sense_key = ["a", "a"].into()),
            "sense key \"a\" stands twice"
        );
        assert_eq!(
            fault(|r| r.sense_number[1] = 0),
            "sense number is 0, expected 1 or more"
        );
        assert_eq!(
            fault(|r| r.tag_count[0] = -1),
            "tag count is -1, expected 0 or more"
        );
        assert_eq!(fault(|r| r.form_word = vec![2]), "a form is of word 2 of 2");
        let rows = vec![example(), example()];
        let batch = Synset::to_batch(&rows, &Synset::arrow_schema(&[])).unwrap();
        assert_eq!(Synset::from_batch(&batch).unwrap(), rows);
    }
}
