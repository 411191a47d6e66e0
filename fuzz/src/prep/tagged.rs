//! Sense-tagged text (STREUSLE, `SemCor`), priors of entity linking, and vectors of words.

use std::fmt::Debug;
use std::io::BufReader;

use kprep_ingest::semcor::{SemcorReader, gold_keys};
use kprep_ingest::wordnet::{WordNetError, WordNetResult};
use kprep_ingest::{mention_priors, word_vectors};
use kprep_parse::{Error, LexReader};

use crate::target::{Target, ending, file};

pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "conllulex",
        read: conllulex,
        seeds: || vec![file("tests/data/knowledge/sample.conllulex")],
    },
    Target {
        name: "semcor",
        read: semcor,
        seeds: || vec![file("tests/data/knowledge/sample.data.xml")],
    },
    Target {
        name: "tagged_lines",
        read: lines,
        seeds: || {
            let priors = b"Bern\t4\t70,0.75,Bern\t9,0.25,Bern,_New_York\n".to_vec();
            let vectors = b"2 3\ngoose 0.5 -1 2e-3 \nbird 1 0 0\n".to_vec();
            vec![
                file("tests/data/knowledge/sample.gold.key.txt"),
                priors,
                vectors,
            ]
        },
    },
];

/// Labels name words of their sentence, and the buffer does not matter.
fn conllulex(input: &[u8]) {
    let read = |buffer| -> Vec<String> {
        let reader = LexReader::new(BufReader::with_capacity(buffer, input));
        let sentences = ending(reader).map(|sentence| match sentence {
            Ok(sentence) => {
                let words = sentence.labels.iter().flat_map(|label| &label.words);
                assert!(words.into_iter().all(|&word| word < sentence.token.len()));
                assert_eq!(sentence.token.len(), sentence.upos.len());
                format!("{sentence:?}")
            }
            Err(Error::Sentence { position, .. }) => position.to_string(),
            Err(other) => other.to_string(),
        });
        sentences.collect()
    };
    assert_eq!(read(1 << 16), read(7));
}

/// The same records and faults whatever the buffer is.
fn records<'a, T: Debug, I: Iterator<Item = WordNetResult<T>> + 'a>(
    input: &'a [u8],
    read: impl Fn(BufReader<&'a [u8]>) -> I,
) {
    let read = |buffer| -> Vec<String> {
        let records = ending(read(BufReader::with_capacity(buffer, input)));
        let shown = records.map(|record| match record {
            Ok(record) => format!("{record:?}"),
            Err(WordNetError::Syntax { position, .. }) => position.to_string(),
            Err(other) => other.to_string(),
        });
        shown.collect()
    };
    assert_eq!(read(1 << 16), read(7));
}

fn semcor(input: &[u8]) {
    for (_, sentence) in ending(SemcorReader::new(input)).flatten() {
        let words = sentence.token.len();
        let mut tagged = sentence.tagged.iter();
        assert!(tagged.all(|word| word.start <= word.end && word.end < words));
    }
    records(input, SemcorReader::new);
}

fn lines(input: &[u8]) {
    records(input, gold_keys);
    records(input, mention_priors);
    records(input, word_vectors);
}
