//! Flags that several commands share: a group for each purpose, to be flattened into their
//! arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kprep_schemas::{GroupBy, Split, Splitter};

use crate::threads::start_threads;

/// How a run works and what it tells, whatever it does.
#[derive(Debug, Args)]
pub(crate) struct RunFlags {
    /// Replace what is at --out
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,

    /// No progress and no summary on stderr
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Print the summary on stdout as JSON
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    #[command(flatten)]
    threads: ThreadFlags,
}

impl RunFlags {
    /// Worker threads, at least one; as many encode columns (rayon's pool).
    pub(crate) fn threads(&self) -> usize {
        start_threads(self.threads.threads, self.quiet)
    }
}

/// How many threads work.
#[derive(Debug, Args)]
pub(crate) struct ThreadFlags {
    /// Worker threads, at most 4 a core; the output does not depend on it [default: all cores]
    #[arg(long, value_name = "N", help_heading = "Advanced")]
    pub(crate) threads: Option<usize>,
}

/// How many malformed records a run tolerates.
#[derive(Debug, Args)]
pub(crate) struct ErrorFlags {
    /// Tolerate N malformed records and files that break off. A malformed record is skipped and
    /// counted in any case, and more than N end the command with exit code 3; a file that breaks
    /// off ends it at once, without a dataset, unless N allows for it
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Input")]
    pub(crate) max_errors: u64,
}

/// What random choices start from.
#[derive(Debug, Args)]
pub(crate) struct SeedFlags {
    /// Seed of the split and of a sample
    #[arg(long, default_value_t = 42, help_heading = "Splits")]
    pub(crate) seed: u64,
}

/// Splits by a hash of seed and group.
///
/// Where a command has `--preset` (`kprep trex`), that changes the defaults named here.
#[derive(Debug, Args)]
pub(crate) struct SplitFlags {
    #[command(flatten)]
    seed: SeedFlags,

    /// Percent of the groups that go to the validation split
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 5,
        default_value_if("preset", "kadapter", "10"),
        value_parser = clap::value_parser!(u8).range(..=50),
        help_heading = "Splits"
    )]
    pub(crate) validation_percent: u8,

    /// Percent of the groups that go to the test split
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 5,
        default_value_if("preset", "kadapter", "0"),
        value_parser = clap::value_parser!(u8).range(..=50),
        help_heading = "Splits"
    )]
    pub(crate) test_percent: u8,
}

impl SplitFlags {
    pub(crate) fn seed(&self) -> u64 {
        self.seed.seed
    }

    pub(crate) fn splitter(&self) -> Splitter {
        Splitter {
            seed: self.seed(),
            validation: self.validation_percent,
            test: self.test_percent,
        }
    }
}

/// Files whose split is known.
#[derive(Debug, Args)]
pub(crate) struct SplitFiles {
    /// File or folder of the train split, whatever its name; can be repeated
    #[arg(
        long = "train-file",
        id = "train_file",
        value_name = "FILE",
        help_heading = "Input"
    )]
    pub(crate) train: Vec<PathBuf>,

    /// File or folder of the validation split; can be repeated
    #[arg(
        long = "validation-file",
        id = "validation_file",
        value_name = "FILE",
        help_heading = "Input"
    )]
    pub(crate) validation: Vec<PathBuf>,

    /// File or folder of the test split; can be repeated
    #[arg(
        long = "test-file",
        id = "test_file",
        value_name = "FILE",
        help_heading = "Input"
    )]
    pub(crate) test: Vec<PathBuf>,
}

impl SplitFiles {
    /// The files of each split, in the order of [`Split::ALL`].
    pub(crate) fn by_split(&self) -> [&Vec<PathBuf>; 3] {
        [&self.train, &self.validation, &self.test]
    }
}

/// How a dataset of rows is built, whatever they hold.
#[derive(Debug, Args)]
pub(crate) struct BuildFlags {
    #[command(flatten)]
    pub(crate) errors: ErrorFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,

    #[command(flatten)]
    pub(crate) split: SplitFlags,
}

impl BuildFlags {
    pub(crate) fn seed(&self) -> u64 {
        self.split.seed()
    }

    pub(crate) fn splitter(&self) -> Splitter {
        self.split.splitter()
    }
}

/// The tables of a wordnet.
#[derive(Debug, Args)]
pub(crate) struct WordNetFlags {
    /// What `kprep wordnet` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) wordnet: PathBuf,
}

/// How a dataset of several tables is built, whatever they hold.
#[derive(Debug, Args)]
pub(crate) struct TablesFlags {
    #[command(flatten)]
    pub(crate) errors: ErrorFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,

    /// Continue a run that was cut off, from its last finished part. Input and arguments must be
    /// the same; the output then is, too, to the last byte
    #[arg(long, help_heading = "Output")]
    pub(crate) resume: bool,

    /// Bytes of decompressed input in a part: after each part, a run that is cut off can be resumed
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8 << 30,
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = "Advanced"
    )]
    pub(crate) part_bytes: u64,
}

/// A split by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitName {
    /// The rows that a model learns from
    Train,
    /// The rows that settings are chosen by
    Validation,
    /// The rows that a result is measured on
    Test,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Train => Self::Train,
            SplitName::Validation => Self::Validation,
            SplitName::Test => Self::Test,
        }
    }
}

/// The group that is never divided between splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// All rows of a document stay together
    Document,
    /// All rows of a subject-object pair stay together, in both directions
    Pair,
    /// All rows of a sentence stay together
    Sentence,
    /// Nothing stays together: a row's neighbours may be in another split (a leak)
    Row,
}

impl From<SplitBy> for GroupBy {
    fn from(by: SplitBy) -> Self {
        match by {
            SplitBy::Document => Self::Document,
            SplitBy::Pair => Self::Pair,
            SplitBy::Sentence => Self::Sentence,
            SplitBy::Row => Self::Row,
        }
    }
}
