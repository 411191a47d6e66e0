//! Arguments that several subcommands share.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use kprep_schemas::{GroupBy, Splitter};

use crate::console::tell;

/// How a dataset is built, whatever it holds.
///
/// Where a command has `--preset` (`kprep trex`), that changes the defaults named here.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// Worker threads; at most 4 a core are started; the output does not depend on it [default:
    /// all cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// Seed of the split, and of a sample
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,

    /// Percent of the groups that go to the validation split
    #[arg(long, value_name = "PERCENT", default_value_t = 5, default_value_if("preset", "kadapter", "10"), value_parser = clap::value_parser!(u8).range(..=50))]
    pub(crate) validation: u8,

    /// Percent of the groups that go to the test split
    #[arg(long, value_name = "PERCENT", default_value_t = 5, default_value_if("preset", "kadapter", "0"), value_parser = clap::value_parser!(u8).range(..=50))]
    pub(crate) test: u8,

    /// Malformed records, and files that break off, to put up with. A malformed record is skipped
    /// and counted in any case, and more than N end the command with exit code 3; a file that
    /// breaks off ends it at once, without a dataset, unless N allows for it
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) max_errors: u64,

    /// Replace the dataset at --out
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// No progress and no summary on stderr
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Print the summary on stdout as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a dataset is written whose rows another dataset has already.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// Threads that encode columns; at most 4 a core are started; the output does not depend on it [default:
    /// all cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// Replace the dataset at --out
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// No summary on stderr
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Print the summary on stdout as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl BuildArgs {
    /// Worker threads, at least one; as many encode columns (rayon's pool).
    pub(crate) fn threads(&self) -> usize {
        start_threads(self.threads, self.quiet)
    }

    pub(crate) fn splitter(&self) -> Splitter {
        Splitter {
            seed: self.seed,
            validation: self.validation,
            test: self.test,
        }
    }
}

/// Threads a core at most: more of them only wait for each other, which takes the longer the more they
/// are.
const THREADS_A_CORE: usize = 4;

/// Gives rayon's pool `wanted` threads, as far as the machine has work for them, or one a core, and says
/// how many these are.
pub(crate) fn start_threads(wanted: Option<usize>, quiet: bool) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = THREADS_A_CORE * cores;
    let wanted = wanted.unwrap_or(cores).max(1);
    let threads = wanted.min(most);
    if threads < wanted && !quiet {
        tell(&format_args!(
            "--threads {wanted}: {threads} are started, {THREADS_A_CORE} for each of {cores} cores"
        ));
    }
    // Fails only where the pool is already there, with this very size.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
    threads
}

/// What a split never cuts.
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

/// The folder of the samples that come with the program: in the current folder, or where the
/// program was built.
pub(crate) fn sample_dir() -> Option<PathBuf> {
    let here = Path::new("data/sample");
    let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample");
    [here.to_owned(), there]
        .into_iter()
        .find(|dir| dir.is_dir())
}
