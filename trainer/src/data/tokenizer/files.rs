//! A checkpoint's tokenizer, from any of the files that folders hold it in.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use super::growth;
use crate::files::file_kind;
use crate::{Error, Result};

/// The file that a folder's tokenizer is in, and the tokenizer.
///
/// # Errors
/// [`Error::NoBackbone`] if there is none; [`Error::Tokenizer`] for one that is damaged, or that would make
/// texts grow without bound; [`Error::Weights`] for what is no tokenizer at all.
pub(super) fn read(dir: &Path) -> Result<(PathBuf, Tokenizer)> {
    let file = |name: &str| Some(dir.join(name)).filter(|path| path.is_file());
    let (path, tokenizer) = if let Some(path) = file("tokenizer.json") {
        let tokenizer = from_json(&path)?;
        (path, tokenizer)
    } else if let (Some(vocab), Some(merges)) = (file("vocab.json"), file("merges.txt")) {
        let tokenizer = byte_level(&vocab, &merges)?;
        (vocab, tokenizer)
    } else if let Some(vocab) = file("vocab.txt") {
        let tokenizer = word_pieces(&vocab, dir)?;
        (vocab, tokenizer)
    } else {
        return Err(Error::NoBackbone {
            path: dir.to_owned(),
            file: "tokenizer.json (or vocab.json with merges.txt, or BERT's vocab.txt)",
        });
    };
    Ok((path, tokenizer))
}

fn from_json(path: &Path) -> Result<Tokenizer> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    growth::check(&bytes, path)?;
    Tokenizer::from_bytes(&bytes).map_err(|e| failed(path, &e))
}

/// The byte-level BPE of RoBERTa's older folders.
fn byte_level(vocab: &Path, merges: &Path) -> Result<Tokenizer> {
    let model = BPE::from_file(&vocab.to_string_lossy(), &merges.to_string_lossy())
        .build()
        .map_err(|e| failed(vocab, &e))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(ByteLevel::new(false, true, true)));
    let specials = ["<s>", "<pad>", "</s>", "<unk>"].map(|name| AddedToken::from(name, true));
    tokenizer.add_special_tokens(&specials);
    // Unlike the others, the mask takes the space before it.
    tokenizer.add_special_tokens(&[AddedToken::from("<mask>", true).lstrip(true)]);
    Ok(tokenizer)
}

/// What `tokenizer_config.json` says of BERT's normaliser.
#[derive(Default, Deserialize)]
struct Normaliser {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
}

/// The tokens of BERT's special tokens, in any order in the vocabulary.
const SPECIALS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The `WordPiece` of BERT's first folders, which hold a vocabulary and no more. Whether its tokens are
/// lower case was told by the folder's name then; here by the vocabulary, in which a cased model has
/// capitals.
fn word_pieces(vocab: &Path, dir: &Path) -> Result<Tokenizer> {
    let tokens = WordPiece::read_file(&vocab.to_string_lossy()).map_err(|e| failed(vocab, &e))?;
    let has_capitals = tokens
        .keys()
        .any(|token| !is_special(token) && token.chars().any(char::is_uppercase));
    let settings = dir.join("tokenizer_config.json");
    let stated: Normaliser = if settings.is_file() {
        let bytes = fs::read(&settings).map_err(Error::io(&settings))?;
        let failed = |error| file_kind::or(&settings, "JSON", Error::json(&settings)(error));
        serde_json::from_slice(&bytes).map_err(failed)?
    } else {
        Normaliser::default()
    };
    let known = SPECIALS.iter().filter(|name| tokens.contains_key(**name));
    let specials: Vec<AddedToken> = known.map(|name| AddedToken::from(*name, true)).collect();
    let model = WordPiece::builder()
        .vocab(tokens)
        .unk_token("[UNK]".into())
        .build()
        .map_err(|e| failed(vocab, &e))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_normalizer(Some(BertNormalizer::new(
        true,
        stated.tokenize_chinese_chars.unwrap_or(true),
        stated.strip_accents,
        stated.do_lower_case.unwrap_or(!has_capitals),
    )));
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.add_special_tokens(&specials);
    Ok(tokenizer)
}

/// `[CLS]`, `[unused1]`: capitals in these say nothing of the words.
fn is_special(token: &str) -> bool {
    token.starts_with('[') && token.ends_with(']')
}

pub(super) fn failed(path: &Path, error: &tokenizers::Error) -> Error {
    let parser = Error::Tokenizer {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    file_kind::or(path, "a tokenizer", parser)
}
