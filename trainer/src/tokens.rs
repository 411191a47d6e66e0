//! Words to pieces: the backbone's own tokenizer, one word at a time.

use std::collections::HashMap;
use std::path::Path;

use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use crate::{Error, Result};

/// Words whose pieces one thread remembers: text repeats itself, and looking up a word is ten
/// times as fast as tokenising it.
const REMEMBERED: usize = 1 << 17;

/// The tokenizer and the pieces that stand around the words.
pub struct Vocabulary {
    tokenizer: Tokenizer,
    /// Before the first word.
    pub start: u32,
    /// After the last word.
    pub end: u32,
    /// Behind shorter inputs of a batch.
    pub pad: u32,
    /// Around the subject, without a leading space.
    pub subject: u32,
    /// Around the object, without a leading space.
    pub object: u32,
    unknown: u32,
}

impl Vocabulary {
    /// Reads `tokenizer.json`, or else `vocab.json` and `merges.txt`, from a checkpoint's folder.
    ///
    /// # Errors
    /// [`Error::NoBackbone`] if neither is there; [`Error::Tokenizer`] if a file is damaged or a
    /// piece is missing that training needs.
    pub fn load(dir: &Path) -> Result<Self> {
        let json = dir.join("tokenizer.json");
        let (path, mut tokenizer) = if json.is_file() {
            let tokenizer = Tokenizer::from_file(&json).map_err(|e| failed(&json, &e))?;
            (json, tokenizer)
        } else {
            (dir.join("vocab.json"), byte_level(dir)?)
        };
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|e| failed(&path, &e))?;
        let piece = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| tokenizer.token_to_id(name))
                .ok_or_else(|| Error::Tokenizer {
                    path: path.clone(),
                    reason: format!("no piece {}", names.join(" or ")),
                })
        };
        Ok(Self {
            start: piece(&["<s>", "[CLS]"])?,
            end: piece(&["</s>", "[SEP]"])?,
            pad: piece(&["<pad>", "[PAD]"])?,
            subject: piece(&["@"])?,
            object: piece(&["#"])?,
            unknown: piece(&["<unk>", "[UNK]"])?,
            tokenizer,
        })
    }

    /// The piece that stands for what is to be guessed.
    ///
    /// # Errors
    /// [`Error::Config`] if there is none.
    pub fn mask(&self) -> Result<u32> {
        let mask = ["<mask>", "[MASK]"].iter();
        let mut mask = mask.filter_map(|name| self.tokenizer.token_to_id(name));
        let none = || Error::Config("the backbone's tokenizer has no mask piece".to_owned());
        mask.next().ok_or_else(none)
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words that are a single piece each, in the order of the pieces.
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

    /// What a piece looks like in text, without the space before it.
    pub fn word(&self, piece: u32) -> Option<String> {
        let text = self.tokenizer.decode(&[piece], true).ok()?;
        Some(text.trim().to_owned())
    }

    /// The piece that a word is, if it is a single one and known.
    pub fn single(&self, word: &str) -> Option<u32> {
        match *self.pieces(word) {
            [piece] if piece != self.unknown => Some(piece),
            _ => None,
        }
    }

    /// A thread's view of the vocabulary.
    pub fn words(&self) -> Words<'_> {
        Words {
            vocabulary: self,
            known: HashMap::new(),
        }
    }

    /// The pieces of a word that a space precedes. Byte-level tokenizers cut text before each
    /// space, so that words one by one give the pieces of the whole; others drop the space.
    fn pieces(&self, word: &str) -> Box<[u32]> {
        match self.tokenizer.encode_fast(format!(" {word}"), false) {
            Ok(encoding) if !encoding.is_empty() => encoding.get_ids().into(),
            // Some words are nothing to a tokenizer (control characters). They keep their place,
            // so that heads and spans can point to them.
            _ => [self.unknown].into(),
        }
    }
}

/// The byte-level BPE of RoBERTa's older folders.
fn byte_level(dir: &Path) -> Result<Tokenizer> {
    let (vocab, merges) = (dir.join("vocab.json"), dir.join("merges.txt"));
    if !vocab.is_file() || !merges.is_file() {
        return Err(Error::NoBackbone {
            path: dir.to_owned(),
            file: "tokenizer.json (or vocab.json with merges.txt)",
        });
    }
    let model = BPE::from_file(&vocab.to_string_lossy(), &merges.to_string_lossy())
        .build()
        .map_err(|e| failed(&vocab, &e))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(ByteLevel::new(false, true, true)));
    let specials = ["<s>", "<pad>", "</s>", "<unk>"].map(|name| AddedToken::from(name, true));
    tokenizer.add_special_tokens(&specials);
    // Unlike the others, the mask takes the space before it.
    tokenizer.add_special_tokens(&[AddedToken::from("<mask>", true).lstrip(true)]);
    Ok(tokenizer)
}

fn failed(path: &Path, error: &tokenizers::Error) -> Error {
    Error::Tokenizer {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// Looks words up, and remembers them.
pub struct Words<'a> {
    vocabulary: &'a Vocabulary,
    known: HashMap<String, Box<[u32]>>,
}

impl Words<'_> {
    /// The vocabulary behind it.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
    }

    /// The pieces of a word, at least one.
    pub fn pieces(&mut self, word: &str) -> &[u32] {
        if !self.known.contains_key(word) {
            if self.known.len() == REMEMBERED {
                self.known.clear();
            }
            self.known
                .insert(word.to_owned(), self.vocabulary.pieces(word));
        }
        &self.known[word]
    }
}
