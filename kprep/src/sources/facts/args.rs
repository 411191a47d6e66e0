//! The arguments of `kprep knowledge facts`.

use std::path::PathBuf;

use clap::ValueEnum;
use kprep_align::facts::{FactDraw, FactNames, FactPairsOptions, FactSplit};
use kprep_schemas::GroupBy;
use serde_json::{Map, Value, json};

use crate::flags::{RunFlags, SplitFlags};

/// Facts that are real or fake, as BERT-MK learns them from UMLS.
///
/// Example: kprep knowledge facts --graph data/graph --out data/facts
///
/// A row is a fact in words: the name of its head, its relation, the name of its tail. A real fact is
/// followed by fake ones, rows of their own in the same split: the head or the tail is replaced, and the
/// result is no fact of the graph, of any split. Rows are in the order of the ids of the real facts, which
/// are hashes.
///
/// With --neighbours N, the first phrase is what the graph tells of the head, and then the head: "aspirin
/// may treat flu; flu is a illness; flu". These are facts of the train split alone, N that lead to the head
/// and N that start from it, in the order of their ids. None is of the two concepts that are asked, whatever
/// its relation and direction, nor of those of the fact that a fake one was made of.
///
/// Memory: the names of the graph, and some 150 bytes a fact.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `kprep graph` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) graph: PathBuf,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/facts",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Leave out relations with fewer facts
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Rows")]
    pub(crate) min_facts: u64,

    /// Which name of a concept is in a row
    #[arg(long, value_enum, default_value_t = Names::Label, help_heading = "Rows")]
    pub(crate) names: Names,

    /// Facts around the head to put before it, at most so many in each direction
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=100), help_heading = "Rows")]
    pub(crate) neighbours: u16,

    /// Fake facts for each real one
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=100), help_heading = "Rows")]
    pub(crate) negatives: u64,

    /// How the concept that takes the place of another one is drawn; several ways alternate. A random one
    /// is taken where a way finds none
    #[arg(
        long,
        value_enum,
        value_name = "WAY",
        value_delimiter = ',',
        default_values_t = [DrawName::Slot],
        help_heading = "Rows"
    )]
    pub(crate) draw: Vec<DrawName>,

    /// The group that is never divided between splits
    #[arg(long, value_enum, default_value_t = SplitBy::Pair, help_heading = "Splits")]
    pub(crate) split_by: SplitBy,

    #[command(flatten)]
    pub(crate) split: SplitFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Names {
    /// The preferred one
    Label,
    /// Any, by a hash of seed and row
    Random,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DrawName {
    /// The concept in the same place of another fact of the relation
    Slot,
    /// A concept with a type of the one that it replaces
    Type,
    /// A concept of any fact
    Random,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// All facts of two concepts stay together, in both directions
    Pair,
    /// The split is the one that the name of the source's file tells: train, valid, dev or test. A fact and
    /// its inverse may be in different splits (a leak)
    Source,
}

impl From<Names> for FactNames {
    fn from(names: Names) -> Self {
        match names {
            Names::Label => Self::Label,
            Names::Random => Self::Random,
        }
    }
}

impl From<DrawName> for FactDraw {
    fn from(name: DrawName) -> Self {
        match name {
            DrawName::Slot => Self::Slot,
            DrawName::Type => Self::Type,
            DrawName::Random => Self::Random,
        }
    }
}

impl Args {
    pub(crate) fn options(&self) -> FactPairsOptions {
        FactPairsOptions {
            min_facts: self.min_facts,
            split: match self.split_by {
                SplitBy::Pair => FactSplit::Pair(self.split.splitter()),
                SplitBy::Source => FactSplit::Source,
            },
        }
    }

    /// What no split divides.
    pub(crate) fn group_by(&self) -> GroupBy {
        match self.split_by {
            SplitBy::Pair => GroupBy::Pair,
            SplitBy::Source => GroupBy::Row,
        }
    }

    pub(crate) fn draws(&self) -> Vec<FactDraw> {
        self.draw.iter().map(|&name| name.into()).collect()
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let names = match self.names {
            Names::Label => "label",
            Names::Random => "random",
        };
        let split_by = match self.split_by {
            SplitBy::Pair => "pair",
            SplitBy::Source => "source",
        };
        let arguments = json!({
            "min-facts": self.min_facts,
            "names": names,
            "neighbours": self.neighbours,
            "negatives": self.negatives,
            "draw": self.draws().into_iter().map(FactDraw::name).collect::<Vec<_>>(),
            "split-by": split_by,
            "validation-percent": self.split.validation_percent,
            "test-percent": self.split.test_percent,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
