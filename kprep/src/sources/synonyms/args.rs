//! The arguments of `kprep knowledge synonyms`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use kprep_align::synonyms::{Draw, PairClasses, WordPairsOptions};
use kprep_schemas::GroupBy;
use serde_json::{Map, Value, json};

use crate::flags::{RunFlags, SplitFlags, WordNetFlags};

/// Pairs of words that are related or not, as LIBERT learns them from WordNet.
///
/// Example: kprep knowledge synonyms --wordnet data/wordnet --out data/synonyms
///
/// Related are two words of a synset, and a word of a synset with a word of its direct hypernym, in
/// lower case, each pair once whatever the direction. A pair is followed by its negatives, rows of their
/// own in the same split: one of the two words is replaced, and the result is never a related pair, of
/// any split. Rows are in the order of the ids of the related pairs, which are hashes of the words.
///
/// --draw vectors is LIBERT's way: related pairs of a split are taken in batches of 32, and what takes the
/// place of a word is the word or phrase of the batch whose vector is nearest (by cosine) to that of the word
/// that stays, unless the two are related. Vectors come from --vectors, a text file of word2vec or fastText
/// with a word and its numbers a line. A phrase has the mean of its words, of which those without a vector
/// are passed over. Words are in lower case.
///
/// Memory: some 200 MB for WordNet 3.1; of --vectors those of words that occur (100 MB with 300 numbers).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) wordnet: WordNetFlags,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/synonyms",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// What is to be told of two words
    #[arg(long, value_enum, default_value_t = Classes::Two, help_heading = "Rows")]
    pub(crate) classes: Classes,

    /// Single words only
    #[arg(long, help_heading = "Rows")]
    pub(crate) single: bool,

    /// Take instances with what they are instances of, too (Bern with city)
    #[arg(long, help_heading = "Rows")]
    pub(crate) instances: bool,

    /// Negatives for each related pair
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=100), help_heading = "Rows")]
    pub(crate) negatives: u64,

    /// How the word that takes the place of another one is drawn; several ways alternate
    #[arg(
        long,
        value_enum,
        value_name = "WAY",
        value_delimiter = ',',
        default_values_t = [DrawName::Random, DrawName::Sister],
        help_heading = "Rows"
    )]
    pub(crate) draw: Vec<DrawName>,

    /// Vectors of words for --draw vectors; a malformed line ends the command
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) vectors: Option<PathBuf>,

    /// The group that is never divided between splits
    #[arg(long, value_enum, default_value_t = SplitBy::Pair, help_heading = "Splits")]
    pub(crate) split_by: SplitBy,

    #[command(flatten)]
    pub(crate) split: SplitFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Classes {
    /// `unrelated` and `related`; which word is the first is by a hash
    Two,
    /// `none`, `synonym` and `hypernym`; a hyponym is before its hypernym
    Relation,
}

impl From<Classes> for PairClasses {
    fn from(classes: Classes) -> Self {
        match classes {
            Classes::Two => Self::Two,
            Classes::Relation => Self::Relation,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DrawName {
    /// The word in the same place of another related pair of the split
    Random,
    /// A word that shares a direct hypernym with the word that stays; a random one where there is none
    Sister,
    /// The word of 32 pairs that is nearest to the word that stays, by --vectors; a random one where there
    /// is none
    Vectors,
}

impl From<DrawName> for Draw {
    fn from(name: DrawName) -> Self {
        match name {
            DrawName::Random => Self::Random,
            DrawName::Sister => Self::Sister,
            DrawName::Vectors => Self::Vectors,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// All rows of a pair stay together, with its negatives; its words are in other splits, too
    Pair,
    /// Words have a split, and a pair is in that of both; pairs of words of two splits are lost
    Word,
}

impl From<SplitBy> for GroupBy {
    fn from(by: SplitBy) -> Self {
        match by {
            SplitBy::Pair => Self::Pair,
            SplitBy::Word => Self::Word,
        }
    }
}

impl Args {
    pub(crate) fn check(&self) -> Result<()> {
        let is_drawn = self.draw.contains(&DrawName::Vectors);
        ensure!(
            is_drawn == self.vectors.is_some(),
            "--draw vectors and --vectors FILE go together, one of them is missing"
        );
        Ok(())
    }

    pub(crate) fn options(&self) -> WordPairsOptions {
        WordPairsOptions {
            single: self.single,
            instances: self.instances,
            any_order: self.classes == Classes::Two,
            splitter: self.split.splitter(),
            by_word: self.split_by == SplitBy::Word,
        }
    }

    pub(crate) fn draws(&self) -> Vec<Draw> {
        self.draw.iter().map(|&name| name.into()).collect()
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "classes": PairClasses::from(self.classes).names(),
            "single": self.single,
            "instances": self.instances,
            "negatives": self.negatives,
            "draw": self.draws().into_iter().map(Draw::name).collect::<Vec<_>>(),
            "validation-percent": self.split.validation_percent,
            "test-percent": self.split.test_percent,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
