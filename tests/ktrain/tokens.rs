//! Tokens against those of Python's transformers (`tests/data/tokens/make_digests.py`), thousands of
//! sentences.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use kprep_ingest::{JsonDocuments, decompress, parse_document};
use kprep_schemas::{DependencyExample, RelationExample, Words, hex};
use ktrain::data::examples::{Counts, TrainingRow};
use ktrain::data::text_corpus::{Limit, Lines};
use ktrain::data::tokenizer::Vocabulary;
use sha2::{Digest, Sha256};

use crate::datasets::{backbone, heads, relation};
use crate::needs::{not_run, real};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// No sentence is longer.
const LONGEST: usize = 65_535;

/// A text and its words.
type Sentence = (String, Words);

/// The sentences of a CoNLL-U file, without the lines of multiword tokens and empty nodes.
fn conllu(path: &Path, most: usize) -> Vec<Sentence> {
    let mut all = Vec::new();
    let (mut text, mut words) = (String::new(), Words::default());
    for line in BufReader::new(File::open(path).unwrap()).lines() {
        let line = line.unwrap();
        if let Some(found) = line.strip_prefix("# text = ") {
            found.clone_into(&mut text);
        } else if let Some((id, rest)) = line.split_once('\t') {
            if id.bytes().all(|byte| byte.is_ascii_digit()) {
                words.push(rest.split('\t').next().unwrap());
            }
        } else if line.is_empty() && !words.is_empty() {
            all.push((std::mem::take(&mut text), std::mem::take(&mut words)));
            if all.len() == most {
                break;
            }
        }
    }
    all
}

/// The sentences of a file of T-REx.
fn trex(path: &Path, most: usize) -> Vec<Sentence> {
    let mut all = Vec::new();
    let content = decompress(File::open(path).unwrap()).unwrap();
    for (batch, error) in JsonDocuments::new(content) {
        assert!(error.is_none());
        for (_, json) in batch.documents() {
            let document = parse_document(json.unwrap()).unwrap();
            let text: Vec<char> = document.text.chars().collect();
            let part = |&(start, end): &(i64, i64)| -> String {
                text[start as usize..end as usize].iter().collect()
            };
            for sentence in &document.sentences_boundaries {
                let words = document.words_boundaries.iter();
                let inside = words.filter(|word| sentence.0 <= word.0 && word.1 <= sentence.1);
                let mut words = Words::default();
                for word in inside {
                    words.push(&part(word));
                }
                if !words.is_empty() {
                    all.push((part(sentence), words));
                }
                if all.len() == most {
                    return all;
                }
            }
        }
    }
    all
}

/// First and last word of a subject and an object, as the script chooses them.
fn spans(number: usize, words: usize) -> [(i32, i32); 2] {
    let (subject, object) = (number % words, (7 * number + 3) % words);
    let last = |first: usize, more: usize| (first + more).min(words - 1) as i32;
    [
        (subject as i32, last(subject, number / 2 % 4)),
        (object as i32, last(object, number / 3 % 3)),
    ]
}

/// What the trainer and the encoder read of a sentence.
fn digest(vocabulary: &Vocabulary, number: usize, (text, token): &Sentence) -> String {
    let mut words = vocabulary.words();
    let mut counts = Counts::default();
    let parsed = DependencyExample {
        head: vec![0; token.len()],
        token: token.clone(),
        ..heads("", &[])
    };
    let parsed = parsed
        .examples(&mut words, LONGEST.into(), &mut counts)
        .remove(0);
    let [subject, object] = spans(number, token.len());
    let marked = RelationExample {
        token: token.clone(),
        subj_start: subject.0,
        subj_end: subject.1,
        obj_start: object.0,
        obj_end: object.1,
        ..relation("a", (0, 0), (0, 0), 0)
    };
    let marked = marked
        .examples(&mut words, LONGEST.into(), &mut counts)
        .remove(0);
    let (path, limit) = (Path::new("text"), Limit::Refuse(LONGEST));
    let line = Lines::read(text.as_bytes(), path, vocabulary, limit).unwrap();
    let all = [
        in_words(&parsed.ids),
        in_words(&marked.ids),
        in_words(line.ids(0)),
    ];
    hex(&Sha256::digest(all.join("\n")))[..8].to_owned()
}

fn in_words<T: ToString>(ids: &[T]) -> String {
    let ids: Vec<String> = ids.iter().map(T::to_string).collect();
    ids.join(" ")
}

/// A tokenizer's folder, if it is there: the small backbone may not be installed, or the environment
/// may name another.
fn folder(name: &str) -> Option<PathBuf> {
    if name != "all-minilm-l6-v2" {
        return Some(backbone(name));
    }
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    let dir = match env::var_os("KTRAIN_BACKBONE") {
        Some(dir) => PathBuf::from(dir),
        None => cache.join("ktrain/backbone").join(name),
    };
    (dir.ends_with(name) && dir.join("tokenizer.json").is_file()).then_some(dir)
}

/// Compares with a file of digests: a line a sentence, a column a tokenizer.
fn compare(digests: &str, sentences: &[Sentence]) {
    let path = Path::new(ROOT).join("tests/data/tokens").join(digests);
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(' ').collect()).collect();
    assert!(rows.len() >= 1000 && rows.len() == sentences.len());
    for (column, name) in names.into_iter().enumerate() {
        let Some(dir) = folder(name) else {
            not_run(&format!("the tokenizer of {name}"));
            continue;
        };
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let other: Vec<&Sentence> = (0..)
            .zip(sentences)
            .zip(&rows)
            .filter(|((number, sentence), row)| {
                digest(&vocabulary, *number, sentence) != row[column]
            })
            .map(|((_, sentence), _)| sentence)
            .collect();
        assert!(
            other.is_empty(),
            "{name}: {} of {digests}, such as {:?}",
            other.len(),
            other[0]
        );
    }
}

#[test]
fn the_sample_s_tokens_are_those_of_transformers() {
    let sample = Path::new(ROOT).join("data/sample");
    let mut sentences = conllu(&sample.join("deps/parses.conllu"), usize::MAX);
    sentences.extend(trex(&sample.join("trex/re-nlg_25-75.json"), usize::MAX));
    compare("sample.txt", &sentences);
}

#[test]
fn tokens_of_real_sentences_are_those_of_transformers() {
    let evidence = real("trex/evidence/re-nlg_0-4000.json.gz");
    let (Some(evidence), Some(ewt)) = (evidence, real("deps/conllu/en_ewt-ud-dev.conllu")) else {
        return;
    };
    compare("evidence.txt", &trex(&evidence, 1000));
    compare("ewt.txt", &conllu(&ewt, 1000));
}
