//! Negatives that are the nearest word of a batch.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{Manifest, PairExample, Split};
use tempfile::TempDir;

use super::super::{kprep, text};
use super::{build, pair, synonyms};
use crate::folder::files;
use crate::util::{all_rows, rows};

/// Pairs of a batch.
const BATCH: usize = 32;

type Pair = (String, String);

/// The sample's wordnet, its dataset with negatives of another way, and a file with vectors.
struct Sample {
    dir: TempDir,
    words: BTreeSet<String>,
    related: BTreeSet<Pair>,
    file: PathBuf,
}

impl Sample {
    /// Every word of the pairs has a vector, but the first of the alphabet.
    fn new() -> Self {
        let (dir, out) = build(&[]);
        let pairs: Vec<PairExample> = all_rows(&out);
        let phrases = pairs.iter().flat_map(|row| [&row.first, &row.second]);
        let words = phrases.flat_map(|phrase| phrase.split(' '));
        let words: BTreeSet<String> = words.map(str::to_owned).collect();
        let mut lines = format!("{} 26\n", words.len());
        for word in words.iter().map(String::as_str).skip(1).chain(["notaword"]) {
            let numbers: Vec<String> = letters(word).iter().map(f32::to_string).collect();
            writeln!(lines, "{word} {} ", numbers.join(" ")).unwrap();
        }
        let file = dir.path().join("words.vec");
        fs::write(&file, lines).unwrap();
        let related = pairs.iter().filter(|row| row.label == 1).map(pair);
        Self {
            related: related.collect(),
            dir,
            words,
            file,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The mean of the words of a phrase, at length 1.
    fn vector(&self, phrase: &str) -> Vec<f32> {
        let without = self.words.first().unwrap();
        let mut sum = vec![0.0; 26];
        for word in phrase.split(' ').filter(|word| word != without) {
            letters(word)
                .iter()
                .zip(&mut sum)
                .for_each(|(x, sum)| *sum += x);
        }
        let length: f32 = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        sum.into_iter().map(|x| x / length).collect()
    }

    fn cosine(&self, a: &str, b: &str) -> f32 {
        let (a, b) = (self.vector(a), self.vector(b));
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// How often each letter is in a word.
fn letters(word: &str) -> Vec<f32> {
    let count = |letter: u8| word.bytes().filter(|&byte| byte == letter).count() as f32;
    (b'a'..=b'z').map(count).collect()
}

/// The word that stays, and the one that takes the other's place.
fn words_of(row: &PairExample) -> (&str, &str) {
    match &*row.replaced {
        "first" => (&row.second, &row.first),
        _ => (&row.first, &row.second),
    }
}

/// Checks that no word that may be drawn is nearer. Returns how many negatives were drawn so.
fn check(sample: &Sample, out: &Path, split: Split) -> usize {
    // No negative is there twice, whatever the split.
    let used: BTreeSet<Pair> = all_rows::<PairExample>(out).iter().map(pair).collect();
    let all: Vec<PairExample> = rows(out, split);
    let positives: Vec<_> = all.iter().filter(|row| row.positive.is_empty()).collect();
    let nearest = all.iter().filter(|row| row.negative == "vectors");
    let checked = nearest.map(|row| {
        let place = positives.iter().position(|of| of.id == row.positive);
        let batch = positives.chunks(BATCH).nth(place.unwrap() / BATCH).unwrap();
        let (kept, new) = words_of(row);
        let words = batch.iter().flat_map(|of| [&*of.first, &*of.second]);
        assert!(words.clone().any(|word| word == new), "{row:?}");
        let may_be = words.filter(|other| {
            let mut two = [kept, *other].map(str::to_owned);
            two.sort_unstable();
            let two = two.into();
            *other != kept && !sample.related.contains(&two) && !used.contains(&two)
        });
        let best = may_be.map(|other| sample.cosine(kept, other));
        let best = best.fold(f32::MIN, f32::max);
        assert!(sample.cosine(kept, new) >= best - 1e-5, "{row:?}");
    });
    checked.count()
}

#[test]
fn vectors_give_the_nearest_word_of_a_batch() {
    let sample = Sample::new();
    let wordnet = sample.path("wordnet");
    let [nearest, again] = ["nearest", "again"].map(|name| sample.path(name));
    let args = ["--draw", "vectors", "--vectors", text(&sample.file)];
    synonyms(&wordnet, &nearest, &args);
    let threads = ["--threads", "1"];
    synonyms(&wordnet, &again, &[&args[..], &threads].concat());
    assert!(files(&nearest.join("data")) == files(&again.join("data")));
    let counts = Split::ALL.map(|split| check(&sample, &nearest, split));
    assert!(counts[0] > 100, "{counts:?}");
    let card = fs::read_to_string(nearest.join("README.md")).unwrap();
    assert!(card.contains("nearest word among 32 pairs"), "{card}");
    let inputs = Manifest::read(&nearest).unwrap().inputs;
    assert_eq!(inputs.last().unwrap().name, "words.vec");
}

#[test]
fn what_is_wrong_with_vectors_is_said() {
    let sample = Sample::new();
    let (wordnet, out) = (sample.path("wordnet"), sample.path("out"));
    let fails = |args: &[&str]| {
        let fixed = ["knowledge", "synonyms", "--wordnet", text(&wordnet), "-q"];
        let told = kprep(&[&fixed[..], &["--out", text(&out)], args].concat()).code(1);
        String::from_utf8(told.get_output().stderr.clone()).unwrap()
    };
    assert_eq!(
        fails(&["--draw", "vectors"]),
        "kprep: --draw vectors and --vectors FILE go together, one of them is missing\n"
    );
    let [first, last] = [sample.words.first(), sample.words.last()].map(Option::unwrap);
    for (content, expected) in [
        (
            format!("{first} 1 2\n{last} 1\n"),
            "expected 2 numbers, found 1",
        ),
        (
            "notaword 1\n".to_owned(),
            "words of the pairs has a vector there",
        ),
        (
            "goose 1".to_owned(),
            "expected a line that ends with a line break",
        ),
    ] {
        fs::write(&sample.file, content).unwrap();
        let told = fails(&["--draw", "vectors", "--vectors", text(&sample.file)]);
        assert!(
            told.contains(expected) && told.contains("words.vec"),
            "{told}"
        );
    }
    assert!(!out.exists());
}
