//! Words to tokens: the backbone's own tokenizer, one word at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tokenizers::Tokenizer;

use crate::files::backbone_config::BackboneConfig;
use crate::{Error, Result};

mod files;
mod growth;

/// Words whose tokens one thread remembers: text repeats itself, and looking up a word is ten
/// times as fast as tokenising it.
const REMEMBERED: usize = 1 << 17;

/// Bytes of the longest word that is remembered: with [`REMEMBERED`], the bound of that memory.
const LONGEST_REMEMBERED: usize = 256;

/// Bytes that are tokenised together. A tokenizer takes some eighty times the memory of its input; words
/// that are longer, which no text has, are cut into parts of this length.
const LONGEST_AT_ONCE: usize = 1 << 16;

/// What is written around subjects, and around objects.
pub(crate) const MARKERS: [&str; 2] = ["@", "#"];

/// The tokenizer and the tokens that stand around the words.
pub struct Vocabulary {
    tokenizer: Tokenizer,
    /// Its file.
    path: PathBuf,
    /// Before the first word.
    pub start: u32,
    /// After the last word.
    pub end: u32,
    /// Between two texts of an input: the end token, twice where the start token is RoBERTa's.
    pub separator: Box<[u32]>,
    /// Behind shorter inputs of a batch.
    pub pad: u32,
    /// Around the subject, without a leading space; the unknown token where there is no `@`
    /// (see [`Vocabulary::check_markers`]).
    pub subject: u32,
    /// Around the object, without a leading space; the same where there is no `#`.
    pub object: u32,
    unknown: u32,
}

impl Vocabulary {
    /// Reads `tokenizer.json`, or else `vocab.json` and `merges.txt`, or BERT's `vocab.txt`, from the folder
    /// of the checkpoint whose `config.json` says how many tokens have an embedding.
    ///
    /// # Errors
    /// What reading `config.json` fails with; [`Error::NoBackbone`] if there is no tokenizer;
    /// [`Error::Tokenizer`] if a file is damaged, a special token is missing, or a token has no embedding.
    pub fn load(dir: &Path) -> Result<Self> {
        let rows = BackboneConfig::read(dir)?.vocab_size;
        let (path, mut tokenizer) = files::read(dir)?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|e| files::failed(&path, &e))?;
        let token = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| tokenizer.token_to_id(name))
                .ok_or_else(|| Error::Tokenizer {
                    path: path.clone(),
                    reason: format!("no token {}", names.join(" or ")),
                })
        };
        let unknown = token(&["<unk>", "[UNK]"])?;
        let [subject, object] =
            MARKERS.map(|marker| tokenizer.token_to_id(marker).unwrap_or(unknown));
        let end = token(&["</s>", "[SEP]"])?;
        let is_roberta = tokenizer.token_to_id("<s>").is_some();
        let vocabulary = Self {
            start: token(&["<s>", "[CLS]"])?,
            end,
            separator: vec![end; 1 + usize::from(is_roberta)].into(),
            pad: token(&["<pad>", "[PAD]"])?,
            subject,
            object,
            unknown,
            path,
            tokenizer,
        };
        vocabulary.check_rows(rows)?;
        Ok(vocabulary)
    }

    /// Refuses tokens beyond the table of embeddings, which has so many rows.
    fn check_rows(&self, rows: i64) -> Result<()> {
        let all = self.tokenizer.get_vocab(true);
        let beyond = all.iter().filter(|(_, id)| i64::from(**id) >= rows);
        let Some((token, id)) = beyond.max_by_key(|(token, id)| (*id, *token)) else {
            return Ok(());
        };
        Err(self.wrong(format!(
            "the token {token:?} has the id {id}, but the embedding has {rows} rows (vocab_size in \
             config.json): tokenizer and weights are of two checkpoints"
        )))
    }

    /// Refuses a tokenizer without the tokens that mark the entities in the inputs of a task.
    ///
    /// # Errors
    /// [`Error::Tokenizer`].
    pub fn check_markers(&self, needed: &[&str]) -> Result<()> {
        let is_missing = |marker: &&&str| self.tokenizer.token_to_id(marker).is_none();
        match needed.iter().find(is_missing) {
            None => Ok(()),
            Some(marker) => Err(self.wrong(format!(
                "no token {marker}, which marks the entities of sentences: choose a backbone whose \
                 tokenizer has it"
            ))),
        }
    }

    fn wrong(&self, reason: String) -> Error {
        Error::Tokenizer {
            path: self.path.clone(),
            reason,
        }
    }

    /// The token that stands for what is to be guessed.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if there is none.
    pub fn mask(&self) -> Result<u32> {
        let mask = ["<mask>", "[MASK]"].iter();
        let mut mask = mask.filter_map(|name| self.tokenizer.token_to_id(name));
        let none = || self.wrong("no mask token (<mask> or [MASK])".to_owned());
        mask.next().ok_or_else(none)
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words that are a single token each, in the order of the tokens.
    pub fn whole_words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for id in 0..self.len() as u32 {
            let word = self.word(id).unwrap_or_default();
            if self.single(&word) == Some(id) && word.chars().all(char::is_alphanumeric) {
                words.push(word);
            }
        }
        words
    }

    /// What a token looks like in text, without the space before it.
    pub fn word(&self, token: u32) -> Option<String> {
        let text = self.tokenizer.decode(&[token], true).ok()?;
        Some(text.trim().to_owned())
    }

    /// The token that a word is, if it is a single one and known.
    pub fn single(&self, word: &str) -> Option<u32> {
        match *self.tokens(word) {
            [token] if token != self.unknown => Some(token),
            _ => None,
        }
    }

    /// A thread's view of the vocabulary.
    pub fn words(&self) -> Words<'_> {
        Words {
            vocabulary: self,
            known: HashMap::new(),
            long: Box::default(),
        }
    }

    /// The tokens of a word that a space precedes. Byte-level tokenizers cut text before each
    /// space, so that words one by one give the tokens of the whole; others drop the space.
    fn tokens(&self, word: &str) -> Box<[u32]> {
        if word.len() <= LONGEST_AT_ONCE {
            return self.tokens_at_once(word);
        }
        let parts = parts(word).flat_map(|part| self.tokens_at_once(part));
        parts.collect()
    }

    fn tokens_at_once(&self, word: &str) -> Box<[u32]> {
        match self.tokenizer.encode_fast(format!(" {word}"), false) {
            Ok(encoding) if !encoding.is_empty() => encoding.get_ids().into(),
            // Some words are nothing to a tokenizer (control characters). They keep their place,
            // so that heads and spans can point to them.
            _ => [self.unknown].into(),
        }
    }
}

/// A word in parts of at most [`LONGEST_AT_ONCE`] bytes.
fn parts(mut word: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (part, rest) = word.split_at(word.floor_char_boundary(LONGEST_AT_ONCE));
        word = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// Looks words up, and remembers them.
pub struct Words<'a> {
    vocabulary: &'a Vocabulary,
    known: HashMap<String, Box<[u32]>>,
    /// The tokens of the last word that is too long to be remembered.
    long: Box<[u32]>,
}

impl Words<'_> {
    /// The vocabulary behind it.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
    }

    /// The tokens of a word, at least one.
    pub fn tokens(&mut self, word: &str) -> &[u32] {
        if word.len() > LONGEST_REMEMBERED {
            self.long = self.vocabulary.tokens(word);
            return &self.long;
        }
        if !self.known.contains_key(word) {
            if self.known.len() == REMEMBERED {
                self.known.clear();
            }
            self.known
                .insert(word.to_owned(), self.vocabulary.tokens(word));
        }
        &self.known[word]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_any_length_is_tokenised_in_parts() {
        let word = "ä".repeat(LONGEST_AT_ONCE); // two bytes each
        let lengths: Vec<usize> = parts(&word).map(str::len).collect();
        assert_eq!(lengths, [LONGEST_AT_ONCE; 2]);
        let odd = format!("a{word}");
        assert_eq!(parts(&odd).collect::<String>(), odd);
        assert_eq!(parts(&odd).next().map(str::len), Some(LONGEST_AT_ONCE - 1));
    }
}
