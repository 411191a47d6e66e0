//! The find-head JSON of K-Adapter's released code: parsed sentences, written and read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kprep_schemas::{DependencyExample, NO_HEAD, Unfit, Words, stable_id};
use serde::{Deserialize, Serialize};

/// A sentence in the find-head JSON of K-Adapter's released code (Wang et al., 2021), to be
/// serialized.
///
/// `FindHeadProcessor` and `convert_examples_to_features_find_head` in the release's
/// `utils_glue.py` read an array of these objects from `train.json` and `dev.json`: `tokens[i]` has
/// one key, the number of the word from 1 as a string, with its code points in `sent` (end
/// exclusive); `pairs` gives each word's head (`governor_index`, 0 for the root). The release holds
/// no file of this kind and no script that makes one, so that further keys of its authors' files
/// are not known; the reader asks for none.
///
/// That reader needs a head for every word. It also passes over, without a word, each sentence in
/// which the last word is the head of another; such sentences are written all the same.
#[derive(Debug, Serialize)]
pub struct FindHead<'a> {
    sent: Cow<'a, str>,
    tokens: Vec<BTreeMap<String, Span>>,
    pairs: Vec<Pair>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Span {
    start: usize,
    end: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Pair {
    dependent_index: usize,
    governor_index: i32,
}

impl<'a> FindHead<'a> {
    /// The sentence as its source writes it, or its words with spaces between them where there is
    /// no such text or the words do not stand in it.
    ///
    /// # Errors
    /// [`Unfit::WordWithoutHead`].
    pub fn new(row: &'a DependencyExample) -> Result<Self, Unfit> {
        if row.head.contains(&NO_HEAD) {
            return Err(Unfit::WordWithoutHead);
        }
        let raw = row.text.as_deref();
        let placed = raw.and_then(|text| Some((text.into(), spans(row, text)?)));
        let (sent, spans) = if let Some(placed) = placed {
            placed
        } else {
            let joined = row.token.join(" ");
            let spans = spans(row, &joined).ok_or(Unfit::WordsNotInText)?;
            (joined.into(), spans)
        };
        let numbered =
            |(word, span): (usize, Span)| BTreeMap::from([((word + 1).to_string(), span)]);
        let pair = |(word, &head): (usize, &i32)| Pair {
            dependent_index: word + 1,
            governor_index: head,
        };
        Ok(Self {
            sent,
            tokens: spans.into_iter().enumerate().map(numbered).collect(),
            pairs: row.head.iter().enumerate().map(pair).collect(),
        })
    }
}

/// Code points of each word, or `None` if one is not in the text after the one before it.
fn spans(row: &DependencyExample, text: &str) -> Option<Vec<Span>> {
    let (mut rest, mut point) = (text, 0);
    let place = |token: &str| {
        let at = rest.find(token)?;
        let start = point + rest[..at].chars().count();
        point = start + token.chars().count();
        rest = &rest[at + token.len()..];
        Some(Span { start, end: point })
    };
    row.token.iter().map(place).collect()
}

#[derive(Deserialize)]
struct FindHeadJson {
    sent: String,
    tokens: Vec<BTreeMap<String, Span>>,
    pairs: Vec<Pair>,
}

/// Why a JSON object is no sentence in the find-head format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotFindHead {
    /// No JSON, or a key is missing.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// An entry of `tokens` is not the next word.
    #[error("word {word} is not tokens[{index}]: expected one key, {word:?}, there", index = word - 1)]
    NotNumbered {
        /// The number that the word should have, from 1.
        word: usize,
    },
    /// A word is not in the sentence.
    #[error("word {word} is code points {start}..{end} of the sentence, which has {points}")]
    Outside {
        /// The word, from 1.
        word: usize,
        /// Where it should start.
        start: usize,
        /// Where it should end.
        end: usize,
        /// Code points of the sentence.
        points: usize,
    },
    /// A pair is about a word that the sentence does not have, or that has a head already.
    #[error("a second head, or no such word: dependent_index {word} of {words} words")]
    Pair {
        /// The word, from 1.
        word: usize,
        /// Words of the sentence.
        words: usize,
    },
    /// No pair is about a word.
    #[error("word {word} has no pair")]
    NoHead {
        /// The word, from 1.
        word: usize,
    },
}

/// A sentence in the format that [`FindHead`] writes, number `number` of its document.
///
/// The format has no document, labels or tags: `doc_id` is given, every label is empty. Whether the
/// heads are a tree the row's [`check`](kprep_schemas::Record::check) tells.
///
/// # Errors
/// Why it is none.
pub fn read_find_head(
    json: &[u8],
    doc_id: &str,
    number: u64,
) -> Result<DependencyExample, NotFindHead> {
    let FindHeadJson {
        sent,
        tokens,
        pairs,
    } = serde_json::from_slice(json)?;
    let token = words(&sent, &tokens)?;
    let head = heads(&pairs, token.len())?;
    let words = token.iter().map(str::as_bytes);
    let number = number.to_le_bytes();
    Ok(DependencyExample {
        id: stable_id([doc_id.as_bytes(), &number].into_iter().chain(words)),
        doc_id: doc_id.to_owned(),
        sent_id: None,
        deprel: token.iter().map(|_| "").collect(),
        head,
        token,
        text: Some(sent),
        upos: None,
        xpos: None,
    })
}

fn words(sent: &str, tokens: &[BTreeMap<String, Span>]) -> Result<Words, NotFindHead> {
    // Byte offsets of the code points, and the end.
    let bytes: Vec<usize> = sent
        .char_indices()
        .map(|(byte, _)| byte)
        .chain([sent.len()])
        .collect();
    let word = |(number, token): (usize, &BTreeMap<String, Span>)| {
        let span = token.get(&number.to_string()).filter(|_| token.len() == 1);
        let &Span { start, end } = span.ok_or(NotFindHead::NotNumbered { word: number })?;
        let slice = bytes.get(start).zip(bytes.get(end));
        slice
            .filter(|(start, end)| start <= end)
            .map(|(&start, &end)| &sent[start..end])
            .ok_or(NotFindHead::Outside {
                word: number,
                start,
                end,
                points: bytes.len() - 1,
            })
    };
    (1..).zip(tokens).map(word).collect()
}

fn heads(pairs: &[Pair], words: usize) -> Result<Vec<i32>, NotFindHead> {
    let mut heads = vec![None; words];
    for &Pair {
        dependent_index: word,
        governor_index,
    } in pairs
    {
        let head = word.checked_sub(1).and_then(|index| heads.get_mut(index));
        match head {
            Some(head @ None) => *head = Some(governor_index),
            _ => return Err(NotFindHead::Pair { word, words }),
        }
    }
    let head = |(word, head): (usize, Option<i32>)| head.ok_or(NotFindHead::NoHead { word });
    (1..).zip(heads).map(head).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: Option<&str>) -> DependencyExample {
        DependencyExample {
            id: "0".into(),
            doc_id: "d".into(),
            sent_id: None,
            text: text.map(str::to_owned),
            token: ["Zoë", "went", "."].into(),
            head: vec![2, 0, 2],
            deprel: ["nsubj", "root", "punct"].into(),
            upos: None,
            xpos: None,
        }
    }

    #[test]
    fn places_in_the_sentence_and_heads() {
        let pairs = r#""pairs":[{"dependent_index":1,"governor_index":2},{"dependent_index":2,"governor_index":0},{"dependent_index":3,"governor_index":2}]"#;
        let json = |text| serde_json::to_string(&FindHead::new(&row(text)).unwrap()).unwrap();
        assert_eq!(
            json(Some("Zoë went.")),
            format!(
                r#"{{"sent":"Zoë went.","tokens":[{{"1":{{"start":0,"end":3}}}},{{"2":{{"start":4,"end":8}}}},{{"3":{{"start":8,"end":9}}}}],{pairs}}}"#
            )
        );
        let joined = json(None);
        assert!(joined.starts_with(r#"{"sent":"Zoë went .""#), "{joined}");
        assert_eq!(json(Some("He went.")), joined);
    }

    #[test]
    fn a_word_without_a_head_does_not_fit() {
        let mut row = row(None);
        row.head[2] = NO_HEAD;
        assert_eq!(FindHead::new(&row).unwrap_err(), Unfit::WordWithoutHead);
    }

    const JSON: &str = r#"{"sent":"Zoë went.","tokens":[{"1":{"start":0,"end":3}},{"2":{"start":4,"end":8}},{"3":{"start":8,"end":9}}],"pairs":[{"dependent_index":1,"governor_index":2},{"dependent_index":2,"governor_index":0},{"dependent_index":3,"governor_index":2}]}"#;

    #[test]
    fn what_was_written_comes_back() {
        let row = read_find_head(JSON.as_bytes(), "train.json", 1).unwrap();
        assert_eq!(row.token, ["Zoë", "went", "."]);
        assert_eq!(row.head, [2, 0, 2]);
        assert_eq!(row.deprel, ["", "", ""]);
        assert_eq!((&*row.doc_id, row.id.len()), ("train.json", 20));
        let again = serde_json::to_string(&FindHead::new(&row).unwrap()).unwrap();
        assert_eq!(again, JSON);
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |from: &str, to: &str| {
            let json = JSON.replacen(from, to, 1);
            read_find_head(json.as_bytes(), "d", 1)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            fault(r#"{"2":"#, r#"{"4":"#),
            "word 2 is not tokens[1]: expected one key, 2, there"
        );
        assert_eq!(
            fault(r#""end":9"#, r#""end":19"#),
            "word 3 is code points 8..19 of the sentence, which has 9"
        );
        assert_eq!(
            fault(r#""dependent_index":3"#, r#""dependent_index":2"#),
            "a second head, or no such word: dependent_index 2 of 3 words"
        );
        assert_eq!(
            fault(r#",{"dependent_index":3,"governor_index":2}"#, ""),
            "word 3 has no pair"
        );
        assert_eq!(
            fault("sent", "text"),
            "missing field `sent` at line 1 column 243"
        );
    }
}
