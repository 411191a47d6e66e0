//! Rows of a dataset as tokens and targets, in a few bytes a word.

use std::iter;
use std::ops::Range;

use serde::Serialize;
use tch::Device;

use crate::config::{Config, LengthLimit};
use crate::data::masks::WordMasks;
use crate::data::tokenizer::Words;

/// What a row becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<T> {
    /// The tokens, special ones included.
    pub ids: Vec<u32>,
    /// What is to be learnt. Places are indexes into the tokens.
    pub target: T,
}

/// A row that a task learns from: how it becomes examples, and several of these a batch's targets.
pub trait TrainingRow: kprep_schemas::Record {
    /// What is to be learnt from one example, as the store keeps it: compact.
    type Target: Send + Sync;
    /// What is to be learnt from a batch, as tensors.
    type Targets: Targets;
    /// Tokens without which no row becomes an example: the entity markers.
    const MARKERS: &'static [&'static str] = &[];

    /// Tokenises the row into as many tokens as are allowed: one example, unless its record holds several
    /// inputs; none for a row that is left out. `counts` says why.
    fn examples(
        &self,
        words: &mut Words,
        limit: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<Self::Target>>;

    /// The targets of some examples, each with its number of tokens, whose inputs are `width` wide.
    fn collate(examples: &[(&Self::Target, usize)], config: &Config, width: usize)
    -> Self::Targets;

    /// The inputs of an example of so many tokens: one, unless it has several, one behind the other.
    fn inputs(_target: &Self::Target, length: usize) -> Vec<Range<usize>> {
        iter::once(0..length).collect()
    }

    /// The share of words, or spans, that [`TrainingRow::mask`] masks in training, or in splits that are scored.
    fn masked_share(_config: &Config, _is_scored: bool) -> f64 {
        0.0
    }

    /// Masks some of an example's words, and gives what is to be learnt then; `None` where nothing ever is masked.
    fn mask(
        _target: &Self::Target,
        _ids: &mut [i64],
        _masks: &mut WordMasks,
    ) -> Option<Self::Target> {
        None
    }

    /// What an example has in common with those that must share a batch with it; `None` where none must. Either all examples
    /// have some or none has.
    fn company(_target: &Self::Target, _config: &Config) -> Option<u64> {
        None
    }

    /// Why these settings cannot be learnt from a training split with these targets, of a dataset with so many classes.
    fn unfit(_targets: &[Self::Target], _config: &Config, _classes: usize) -> Option<&'static str> {
        None
    }

    /// The keys of the entities that an example names.
    fn entities(_target: &Self::Target) -> Vec<i64> {
        Vec::new()
    }

    /// Forgets what scores alone need: the training split is never scored.
    fn forget_text(_target: &mut Self::Target) {}

    /// The highest index of a class; `None` where there are no classes.
    fn highest_class(_target: &Self::Target) -> Option<u16> {
        None
    }
}

/// What is to be learnt from a batch.
pub trait Targets: Send {
    /// How many labels there are, which the loss is a mean over: sentences, words, or what is compared with one.
    fn labels(&self) -> i64;

    /// The same on a device.
    #[must_use]
    fn to_device(&self, device: Device) -> Self;
}

/// How many rows became examples, and what happened to the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Examples, truncated ones included.
    pub kept: u64,
    /// Examples whose end was cut off, behind the entities' markers (see [`LengthLimit`]).
    pub truncated: u64,
    /// Rows left out since an entity, or any part of a parsed sentence, lies beyond the maximal
    /// length.
    pub too_long: u64,
    /// Rows left out since their relation is not one of the dataset's classes, or no word has a
    /// head.
    pub no_target: u64,
    /// Spans that were cut off with the end of their example, or that have nothing to learn.
    #[serde(skip_serializing_if = "is_zero")]
    pub spans_cut: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Adds another part's counts.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.truncated += other.truncated;
        self.too_long += other.too_long;
        self.no_target += other.no_target;
        self.spans_cut += other.spans_cut;
    }
}

impl Counts {
    /// Counts that of so many spans of the last example these have something to learn, and says whether there are any:
    /// otherwise its row is left out.
    pub(crate) fn keep_spans(&mut self, all: usize, learnt: usize) -> bool {
        if learnt == 0 {
            self.kept -= 1;
            self.no_target += 1;
            return false;
        }
        self.spans_cut += (all - learnt) as u64;
        true
    }
}

/// A place among an example's tokens. One beyond the longest input becomes the highest number: the row is then
/// too long.
pub(crate) fn place(i: usize) -> u16 {
    u16::try_from(i).unwrap_or(u16::MAX)
}
