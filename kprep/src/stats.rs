//! `kprep stats`: what is in a dataset, in figures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use kprep_schemas::{Dataset, HeadExample, Record};

use crate::args::start_threads;

mod heads;
mod picture;
mod text;

/// What is in a dataset, in figures: lengths, labels, shares.
///
/// Reads every row of a dependency set, all splits together: lengths of sentences and of arcs (from
/// a word to its head), labels, words without a head, the trees' depth, and how many of them are
/// not projective: some word between the ends of an arc does not descend from the arc's head. Rows
/// that are no tree are counted, and left out of what is said of trees. "Right neighbour guessed
/// right" is ktrain's baseline: the next word as the head of each, the root as that of the last.
/// p90 is the length that 90 percent do not exceed.
///
/// Memory: a batch of 4,096 rows a thread, and the counts.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Print everything as JSON: all labels, and how often each length occurs
    #[arg(long)]
    json: bool,

    /// Draw a picture of it, too, in place of the file if it exists
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Threads; the output does not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dataset = Dataset::open(&args.dir)?;
    start_threads(args.threads);
    match dataset.manifest.record.as_str() {
        HeadExample::NAME => heads::run(args, &dataset)?,
        other => bail!(
            "{}: no statistics of {other} records in this version",
            args.dir.display()
        ),
    }
    Ok(ExitCode::SUCCESS)
}
