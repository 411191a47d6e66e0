//! `kprep head`: a few records for people to read.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use kprep_schemas::{Dataset, Split};

use crate::console::{show, show_lines};
use crate::datasets::several;
use crate::flags::SplitName;
use crate::report::preview;

/// Print the first records of a dataset so that a person can read them.
///
/// Example: kprep head data/trex-rc -n 3
///
/// Ids have labels where the tables of the same run lie beside the dataset (`kprep wikidata`, `graph`,
/// `wordnet`). Of a folder of several datasets, these are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    dir: PathBuf,

    /// How many records
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 5,
        help_heading = "Output"
    )]
    n: usize,

    /// Which split [default: the first one that has rows]
    #[arg(long, value_enum, help_heading = "Input")]
    split: Option<SplitName>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if let Some(datasets) = several::below(&args.dir) {
        show(&several::list(&args.dir, &datasets))?;
        return Ok(ExitCode::SUCCESS);
    }
    let dataset = Dataset::open(&args.dir)?;
    let asked = |split: &Split| args.split.is_none_or(|name| Split::from(name) == *split);
    let Some(split) = dataset.manifest.splits().find(asked) else {
        let splits: Vec<_> = dataset.manifest.splits().map(Split::name).collect();
        let dir = args.dir.display();
        bail!(
            "{dir}: no rows there; splits with rows: {}",
            splits.join(", ")
        );
    };
    // The blank line at its end belongs to a record.
    preview::each(&dataset, split, args.n, &mut |record| show_lines(record))?;
    Ok(ExitCode::SUCCESS)
}
