//! Facts with one word left out (LAMA; Petroni et al., 2019), and the words that may fill the gap.

use std::collections::{BTreeMap, HashMap};

use kprep_schemas::{ClozeExample, Dataset, Split};

use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::{Vocabulary, Words};
use crate::evaluate::person_names::Names;
use crate::{Error, Result};

/// What stands for the word in a text.
const MASK: &str = "[MASK]";

/// The words that may fill a gap, each a token of its own. Words that are the same token (an uncased
/// vocabulary has one for several) are one candidate, under the name of the one that is spelt as the
/// token, or else of the first.
pub struct Candidates {
    names: Vec<String>,
    tokens: Vec<i64>,
    numbers: HashMap<u32, usize>,
    /// Words that are no single token.
    pub passed_over: u64,
}

impl Candidates {
    /// The candidates among these words.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>, vocabulary: &Vocabulary) -> Self {
        let mut candidates = Self {
            names: Vec::new(),
            tokens: Vec::new(),
            numbers: HashMap::new(),
            passed_over: 0,
        };
        for word in words {
            let Some(token) = vocabulary.single(word) else {
                candidates.passed_over += 1;
                continue;
            };
            let next = candidates.names.len();
            let number = *candidates.numbers.entry(token).or_insert(next);
            if number == next {
                candidates.names.push(word.to_owned());
                candidates.tokens.push(token.into());
            } else if vocabulary.word(token).as_deref() == Some(word) {
                word.clone_into(&mut candidates.names[number]);
            }
        }
        candidates
    }

    /// The tokens, in the order of the candidates' numbers.
    pub fn tokens(&self) -> &[i64] {
        &self.tokens
    }

    /// The word of a candidate.
    pub fn name(&self, i: usize) -> &str {
        self.names.get(i).map_or("", String::as_str)
    }

    fn number(&self, word: &str, vocabulary: &Vocabulary) -> Option<usize> {
        self.numbers.get(&vocabulary.single(word)?).copied()
    }
}

/// A fact as a text with a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloze {
    /// The relation.
    pub relation: String,
    /// The text as people read it.
    pub text: String,
    /// Where the gap is, in tokens.
    pub place: usize,
    /// The candidate that fills it.
    pub answer: usize,
}

/// Facts that cannot be asked for, by the reason.
pub type Lost = BTreeMap<&'static str, u64>;

/// All facts of a dataset that can be asked for, and their tokens.
pub struct Clozes {
    /// The facts.
    pub all: Vec<Cloze>,
    /// Their tokens, in the same order.
    pub lines: Lines,
    /// The others.
    pub lost: Lost,
}

impl Clozes {
    /// Reads the texts of this source (`template` or `evidence`). White space separates words; each is
    /// taken with a space before it, as in training, and so is what stands behind the gap. Facts that
    /// `names` give away are left out.
    ///
    /// # Errors
    /// [`Error::Dataset`]; [`Error::Unusable`] if nothing is left; [`Error::Tokenizer`] if it has no mask token.
    pub fn read(
        dataset: &Dataset,
        source: &str,
        vocabulary: &Vocabulary,
        candidates: &Candidates,
        names: Option<&Names>,
        longest: usize,
    ) -> Result<Self> {
        let mask = vocabulary.mask()?;
        let mut clozes = Self {
            all: Vec::new(),
            lines: Lines::new(vocabulary),
            lost: Lost::new(),
        };
        let mut words = vocabulary.words();
        for split in Split::ALL {
            for row in dataset.rows::<ClozeExample>(split)? {
                let row = row?;
                let reason = if row.source != source {
                    "text of another source"
                } else if names.is_some_and(|names| names.give_away(&row)) {
                    "the person's name gives the object away"
                } else if let Some(answer) = candidates.number(&row.obj_label, vocabulary) {
                    match clozes.push(row, answer, mask, &mut words, longest) {
                        None => continue,
                        Some(reason) => reason,
                    }
                } else {
                    "object is no word of the vocabulary"
                };
                *clozes.lost.entry(reason).or_default() += 1;
            }
        }
        if clozes.all.is_empty() {
            let lost = clozes.lost.iter();
            let lost: Vec<_> = lost.map(|(why, count)| format!("{count} {why}")).collect();
            return Err(Error::Unusable {
                path: dataset.dir.clone(),
                reason: format!("no fact can be asked for ({})", lost.join(", ")),
            });
        }
        Ok(clozes)
    }

    /// Adds a fact, or says why not.
    fn push(
        &mut self,
        row: ClozeExample,
        answer: usize,
        mask: u32,
        words: &mut Words<'_>,
        longest: usize,
    ) -> Option<&'static str> {
        let Some((before, behind)) = row.text.split_once(MASK) else {
            return Some("text without [MASK]");
        };
        let gap = (before, mask, behind);
        match self.lines.push_with_gap(gap, words, Limit::Refuse(longest)) {
            Err(_) => Some("text that is too long"),
            Ok(place) => {
                self.all.push(Cloze {
                    relation: row.relation,
                    text: row.text,
                    place,
                    answer,
                });
                None
            }
        }
    }
}
