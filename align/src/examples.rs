//! The examples of a wordnet's synsets, and where each has the synset's own word.

use kprep_schemas::{Synset, Words};

use crate::{Lexicon, lemma};

/// An example of a synset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynsetExample {
    /// Its number in the synset, from 0.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// Its words.
    pub token: Words,
    /// Where the synset's word is.
    pub own: OwnWord,
}

/// Where an example has a word of its synset: words of several words are not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnWord {
    /// Nowhere.
    Missing,
    /// In one place.
    At {
        /// The word of the text, from 0.
        token: usize,
        /// The word of the synset, from 0.
        word: usize,
    },
    /// In several places.
    Several,
}

/// The examples of a synset in order. Forms of its words are found as [`Lexicon::lemmas`] finds
/// them.
pub fn examples<'a>(
    lexicon: &'a Lexicon,
    synset: &'a Synset,
) -> impl Iterator<Item = SynsetExample> + 'a {
    let pos = synset.pos.chars().next().unwrap_or_default();
    let own: Vec<String> = synset.word.iter().map(lemma).collect();
    let examples = synset.example.iter().enumerate();
    examples.map(move |(number, text)| {
        let token = words(text);
        let mut places = token.iter().enumerate().filter_map(|(token, form)| {
            let lemmas = lexicon.lemmas(form, pos);
            let mut own = own.iter();
            let word = own.position(|word| !word.contains(' ') && lemmas.contains(word))?;
            Some(OwnWord::At { token, word })
        });
        let own = match (places.next(), places.next()) {
            (None, _) => OwnWord::Missing,
            (Some(place), None) => place,
            _ => OwnWord::Several,
        };
        drop(places);
        SynsetExample {
            number,
            text: text.to_owned(),
            token,
            own,
        }
    })
}

/// The words of an English text: letters and digits, with hyphens and apostrophes between them; any
/// other sign is a word of its own.
fn words(text: &str) -> Words {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Words::default();
    let mut start = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = matches!(char, '-' | '\'') && start.is_some() && next.is_some_and(is_inside);
        if is_inside(char) || joins {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            words.push(&text[start..at]);
        }
        if !char.is_whitespace() {
            words.push(&text[at..at + char.len_utf8()]);
        }
    }
    if let Some(start) = start {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_hyphens_and_apostrophes_within() {
        let found = words("He isn't well-off, 'they' say -- 3.5% of é-mails.");
        let expected = [
            "He", "isn't", "well-off", ",", "'", "they", "'", "say", "-", "-", "3", ".", "5", "%",
            "of", "é-mails", ".",
        ];
        assert_eq!(found, expected);
        assert_eq!(words("a- b"), ["a", "-", "b"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn an_example_has_its_word_once_several_times_or_not_at_all() {
        let synset = Synset {
            id: "1-n".into(),
            pos: "n".into(),
            lexfile: 5,
            word: ["big cat", "goose"].into(),
            sense_key: ["a", "b"].into(),
            sense_number: vec![1, 1],
            tag_count: vec![0, 0],
            form: ["geese"].into(),
            form_word: vec![1],
            example: ["The geese flew", "a goose, a goose", "birds"].into(),
            ..Synset::default()
        };
        let lexicon: Lexicon = [synset.clone()].into_iter().collect();
        let own: Vec<OwnWord> = examples(&lexicon, &synset).map(|e| e.own).collect();
        let at = OwnWord::At { token: 1, word: 1 };
        assert_eq!(own, [at, OwnWord::Several, OwnWord::Missing]);
    }
}
