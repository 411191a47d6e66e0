//! Documents whose offsets are anything: each row that they give is one that `kprep validate`
//! takes.

#![allow(clippy::unwrap_used)] // a test may panic

use kprep_align::{Options, align};
use kprep_schemas::trex::{Boundaries, Document, Mention, Text, Triple};
use kprep_schemas::{Record as _, Rules};
use proptest::prelude::*;

/// Words with blanks between them, some beyond U+FFFF, and where they stand in either unit.
fn text() -> impl Strategy<Value = (String, Vec<Boundaries>)> {
    let word = prop::sample::select(vec!["Anna", "Zoë", "😀", "𝄞x", ".", "Oslo", "a"]);
    (prop::collection::vec(word, 1..12), any::<bool>()).prop_map(|(words, utf16)| {
        let length = |word: &str| {
            if utf16 {
                word.encode_utf16().count()
            } else {
                word.chars().count()
            }
        };
        let mut at = 0;
        let spans = words.iter().map(|word| {
            let start = at;
            at += length(word) as i64 + 1;
            (start, at - 1)
        });
        let spans = spans.collect();
        (words.join(" "), spans)
    })
}

/// Boundaries as they are, or with any of them changed.
fn broken(spans: Vec<Boundaries>) -> impl Strategy<Value = Vec<Boundaries>> {
    let offset = prop_oneof![4 => -1..40i64, 1 => any::<i64>()];
    let change = (0..spans.len().max(1), offset.clone(), offset);
    let changes = prop::collection::vec(change, 0..3);
    (Just(spans), changes).prop_map(|(mut spans, changes)| {
        for (at, start, end) in changes {
            if at < spans.len() {
                spans[at] = (start, end);
            }
        }
        spans
    })
}

fn mention(spans: Vec<Boundaries>, text: String) -> impl Strategy<Value = Mention<'static>> {
    (prop::sample::select(spans), any::<bool>()).prop_map(move |((start, end), is_named)| {
        let part = text.chars().skip(start as usize);
        let part: String = part.take((end - start) as usize).collect();
        Mention {
            boundaries: Some((start, end)),
            surfaceform: is_named.then(|| Text(part.into())),
            uri: "Q1".into(),
        }
    })
}

fn document() -> impl Strategy<Value = Document<'static>> {
    text().prop_flat_map(|(text, words)| {
        let end = words[words.len() - 1].1;
        let half = words[words.len() / 2];
        let sentences = prop_oneof![
            Just(vec![(0, end)]),
            Just(vec![(0, half.0 - 1), (half.0, end)])
        ];
        let triple = (
            mention(words.clone(), text.clone()),
            mention(words.clone(), text.clone()),
        );
        let triple = triple.prop_map(|(subject, object)| Triple {
            subject,
            predicate: Mention {
                boundaries: None,
                surfaceform: None,
                uri: "P1".into(),
            },
            object,
            sentence_id: None,
            annotator: None,
        });
        let triples = prop::collection::vec(triple, 1..4);
        (sentences.prop_flat_map(broken), broken(words), triples).prop_map(
            move |(sentences, words, triples)| Document {
                docid: "Q1".into(),
                title: "".into(),
                text: text.clone().into(),
                sentences_boundaries: sentences,
                words_boundaries: words,
                triples,
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn rows_validate(document in document(), snap in any::<bool>()) {
        let options = Options { snap, ..Options::default() };
        let aligned = align(&document, &options);
        prop_assert_eq!(aligned.facts.len() + aligned.lost.len(), document.triples.len());
        for fact in &aligned.facts {
            let row = fact.to_row(&aligned.doc, None);
            prop_assert_eq!(row.check(&Rules::default()), Ok(()));
            prop_assert!(!row.text.is_empty());
            let is_word = |word: &str| !word.is_empty() && word == word.trim();
            prop_assert!(row.token.iter().all(is_word), "{:?}", row.token);
        }
    }
}
