//! The figures of datasets of spans (labels and links), and what one gets right without a model.

mod spanned;

use std::collections::BTreeMap;

use anyhow::Result;
use kprep_align::{Lexicon, Named};
use kprep_schemas::{Dataset, LEXFILES, Share, Split, stable_hash};
use rustc_hash::FxHashMap;

use super::benchmark_report::{Baseline, Report};
use super::count::{self, Rows};
use super::tally::Tally;
use super::{Forms, benchmark_page, benchmark_text, write};
use crate::console::{show, show_json};

use spanned::{Span, Spanned};

/// Prints the figures; `lexicon` is where first senses come from.
pub(crate) fn run<R: Spanned>(
    forms: &Forms,
    dataset: &Dataset,
    lexicon: Option<&Lexicon>,
) -> Result<()> {
    let report = report::<R>(dataset, lexicon)?;
    if let Some(path) = &forms.html {
        write(path, &benchmark_page::of(&report, dataset)?)?;
    }
    if forms.json {
        show_json(&report)
    } else {
        show(&benchmark_text::of(&report))
    }
}

fn report<R: Spanned>(dataset: &Dataset, lexicon: Option<&Lexicon>) -> Result<Report> {
    dataset.manifest.expect_record::<R>(&dataset.dir)?;
    let learned = count::split(dataset, Split::Train, Learned::add::<R>, Learned::merge)?;
    let most = learned.most();
    let count = |split| {
        let add = |counts: &mut Counts, row: &R| counts.add(row, &learned, most, lexicon);
        count::split(dataset, split, add, Counts::merge)
    };
    let [train, validation, test] = Split::ALL.map(count);
    let splits = [train?, validation?, test?];
    let mut all = Tally::default();
    for split in &splits {
        all.merge(&split.figures);
    }
    let rows = splits.each_ref().map(|split| split.figures.rows);
    Ok(Report {
        dataset: dataset.manifest.name.clone(),
        record: R::NAME,
        unit: R::ROWS,
        rows: Rows {
            train: rows[0],
            validation: rows[1],
            test: rows[2],
        },
        shares: (all.shares.iter())
            .map(|(of, &(yes, all))| (*of, Share::new(yes, all)))
            .collect(),
        names: names(&all),
        lengths: all
            .lengths
            .into_iter()
            .map(|(of, n)| (of, n.into()))
            .collect(),
        majority: None,
        tables: Vec::new(),
        baselines: baselines(&splits),
    })
}

/// The most frequent first, as shares of their spans.
fn names(all: &Tally) -> BTreeMap<&'static str, Vec<Named>> {
    let sorted = |names: &BTreeMap<String, u64>| {
        let sum = names.values().sum();
        let named = names.iter().map(|(name, &count)| Named {
            name: name.clone(),
            rows: Share::new(count, sum),
        });
        let mut named: Vec<Named> = named.collect();
        named.sort_by_key(|named| std::cmp::Reverse(named.rows.count));
        named
    };
    let names = all.names.iter();
    names.map(|(of, names)| (*of, sorted(names))).collect()
}

/// A baseline that some split has.
fn baselines(splits: &[Counts; 3]) -> Vec<Baseline> {
    let of = |name: &'static str| {
        let shares = splits.each_ref().map(|split| {
            let (right, of) = split
                .baselines
                .shares
                .get(name)
                .copied()
                .unwrap_or_default();
            Share::new(right, of)
        });
        let [train, validation, test] = shares;
        Baseline {
            name,
            train,
            validation,
            test,
        }
    };
    let named = BASELINES.into_iter().map(of);
    named
        .filter(|baseline| {
            let splits = [baseline.train, baseline.validation, baseline.test];
            splits.iter().any(|share| share.of > 0)
        })
        .collect()
}

const MAJORITY: &str = "most_frequent_answer_of_train";
const SAME_WORDS: &str = "most_frequent_answer_of_the_same_words_in_train";
const LIKELIEST: &str = "highest_prior_of_several_candidates";
const FIRST: &str = "first_sense_of_one_word";
const FIRST_AMBIGUOUS: &str = "first_sense_of_one_word_of_several_supersenses";
/// Beside the first sense: words that the wordnet has, and of these those whose class is among the
/// supersenses of the word.
const KNOWN: &str = "one_word_that_the_wordnet_has";
const AMONG: &str = "class_among_the_supersenses_of_one_word";
const BASELINES: [&str; 7] = [
    MAJORITY,
    SAME_WORDS,
    LIKELIEST,
    KNOWN,
    AMONG,
    FIRST,
    FIRST_AMBIGUOUS,
];

/// What the rows of train say of words: answers by their hashes, with counts.
///
/// Memory: 16 bytes for each distinct answer of each distinct form.
#[derive(Default)]
struct Learned {
    forms: FxHashMap<u64, FxHashMap<u64, u64>>,
    all: FxHashMap<u64, u64>,
}

fn hash(text: &str) -> u64 {
    stable_hash([text.as_bytes()])
}

/// The most frequent; of several, that of the lowest hash.
fn most(counts: &FxHashMap<u64, u64>) -> Option<u64> {
    let best = counts
        .iter()
        .max_by_key(|&(&answer, &count)| (count, std::cmp::Reverse(answer)));
    best.map(|(&answer, _)| answer)
}

impl Learned {
    fn add<R: Spanned>(&mut self, row: &R) {
        for span in row.spans() {
            let form = self.forms.entry(hash(&span.form)).or_default();
            for right in span.right {
                *form.entry(hash(right)).or_default() += 1;
                *self.all.entry(hash(right)).or_default() += 1;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        // Sums do not depend on the order.
        #[expect(clippy::iter_over_hash_type)]
        for (&form, answers) in &other.forms {
            let all = self.forms.entry(form).or_default();
            for (&answer, count) in answers {
                *all.entry(answer).or_default() += count;
            }
        }
        #[expect(clippy::iter_over_hash_type)]
        for (&answer, count) in &other.all {
            *self.all.entry(answer).or_default() += count;
        }
    }

    fn most(&self) -> Option<u64> {
        most(&self.all)
    }
}

/// Counts of a split.
#[derive(Default)]
struct Counts {
    figures: Tally,
    baselines: Tally,
}

impl Counts {
    fn add<R: Spanned>(
        &mut self,
        row: &R,
        learned: &Learned,
        majority: Option<u64>,
        lexicon: Option<&Lexicon>,
    ) {
        let figures = &mut self.figures;
        let spans = row.spans();
        figures.rows += 1;
        figures.length("words_a_text", row.words());
        figures.length("spans_a_text", spans.len());
        let is_gold = spans.iter().all(|span| span.right.len() == 1);
        for span in &spans {
            let figures = &mut self.figures;
            figures.length("words_a_span", span.words);
            R::answers(span, figures);
            let is_right = |answer: u64| span.right.iter().any(|right| hash(right) == answer);
            let baselines = &mut self.baselines;
            if let Some(majority) = majority {
                baselines.share(MAJORITY, is_right(majority));
                let same = learned.forms.get(&hash(&span.form)).and_then(most);
                baselines.share(SAME_WORDS, is_right(same.unwrap_or(majority)));
            }
            if let Some(likeliest) = span.likeliest.filter(|_| span.candidates > 1) {
                baselines.share(LIKELIEST, span.right == [likeliest]);
            }
            if let Some(lexicon) = lexicon.filter(|_| is_gold && span.words == 1) {
                self.first_sense(span, lexicon);
            }
        }
    }

    /// What the first sense of a word gets right whose supersense is known.
    fn first_sense(&mut self, span: &Span<'_>, lexicon: &Lexicon) {
        let gold = span.right[0];
        let Some(pos) = pos_of(gold) else {
            return;
        };
        let lemmas = lexicon.lemmas(span.lemma, pos);
        let first = lemmas
            .first()
            .and_then(|lemma| lexicon.senses(lemma, pos).first());
        self.baselines.share(KNOWN, first.is_some());
        let Some(first) = first else {
            return;
        };
        let mut allowed: Vec<i32> = lemmas
            .iter()
            .flat_map(|lemma| lexicon.supersenses(lemma, pos))
            .collect();
        allowed.sort_unstable();
        allowed.dedup();
        let is_gold = |file: i32| {
            let file = usize::try_from(file)
                .ok()
                .and_then(|file| LEXFILES.get(file));
            file == Some(&gold)
        };
        let among = allowed.iter().any(|&file| is_gold(file));
        self.baselines.share(AMONG, among);
        self.baselines.share(FIRST, is_gold(first.lexfile));
        if allowed.len() > 1 {
            self.baselines
                .share(FIRST_AMBIGUOUS, is_gold(first.lexfile));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.figures.merge(&other.figures);
        self.baselines.merge(&other.baselines);
    }
}

/// The part of speech of a supersense.
fn pos_of(class: &str) -> Option<char> {
    match class.split_once('.')?.0 {
        "noun" => Some('n'),
        "verb" => Some('v'),
        "adj" => Some('a'),
        "adv" => Some('r'),
        _ => None,
    }
}
