//! Rows of a dependency set as K-Adapter's released code reads them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kprep_schemas::{DependencyExample, NO_HEAD, Unfit};
use serde::Serialize;

/// A sentence in the find-head JSON of K-Adapter's released code (Wang et al., 2021), to be
/// serialized.
///
/// `FindHeadProcessor` and `convert_examples_to_features_find_head` in the release's `utils_glue.py`
/// read an array of these objects from `train.json` and `dev.json`:
/// `tokens[i]` has one key, the number of the word from 1 as a string, with its code points in `sent`
/// (end exclusive); `pairs` gives each word's head (`governor_index`, 0 for the root). The release
/// holds no file of this kind and no script that makes one, so that further keys of its authors'
/// files are not known; the reader asks for none.
///
/// That reader needs a head for every word. It also passes over, without a word, each sentence in
/// which the last word is the head of another; such sentences are written all the same.
#[derive(Debug, Serialize)]
pub struct FindHead<'a> {
    sent: Cow<'a, str>,
    tokens: Vec<BTreeMap<String, Span>>,
    pairs: Vec<Pair>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Span {
    start: usize,
    end: usize,
}

#[derive(Debug, Serialize)]
struct Pair {
    dependent_index: usize,
    governor_index: i32,
}

impl<'a> FindHead<'a> {
    /// The sentence as its source writes it, or its words with spaces between them where there is no
    /// such text or the words do not stand in it.
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
}
