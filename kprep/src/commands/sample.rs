//! `kprep sample`: some rows of a dataset, as a dataset.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_schemas::{Dataset, OutputDir, Record};

use crate::build::errors::Errors;
use crate::build::summary;
use crate::commands::command_line::CommandLine;
use crate::datasets::dispatch::{self, Work};
use crate::datasets::sample::strata::Stratify;
use crate::datasets::sample::{Claimed, Options, Sample};
use crate::flags::{RunFlags, SeedFlags};

/// Make a dataset of some rows of another.
///
/// Example: kprep sample data/trex-rc --rows 1000 --out data/small
///
/// The rows are those with the lowest hashes of their ids and the seed: a uniform sample, the same
/// one whatever the order of the rows, and a smaller one with the same seed is part of a larger
/// one. Splits, order and labels stay as they are.
///
/// --stratify keeps the share of each relation (of a typing dataset: of each combination of types),
/// or of each split, to the row (largest remainder), and at least one row of each where N is enough
/// for that. Rows without a label count as a relation.
///
/// Memory: a few thousand rows, at most 32 bytes a row of the sample, 21 a pair of a relation, and
/// the combinations of types.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    dir: PathBuf,

    /// How many rows; all of them if there are fewer
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Rows")]
    rows: u64,

    /// What keeps its share
    #[arg(long, value_enum, help_heading = "Rows")]
    stratify: Option<Stratify>,

    #[command(flatten)]
    seed: SeedFlags,

    /// Where the sample goes
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,

    #[command(flatten)]
    run: RunFlags,
}

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let dataset = Dataset::open(&args.dir)?;
    let record = dataset.manifest.record.clone();
    ensure!(
        args.stratify != Some(Stratify::Relation) || dispatch::for_record(&record, HasClasses)?,
        "{} holds {record}, which has no relation: --stratify relation is for datasets \
         of relations, types and cloze queries",
        args.dir.display()
    );
    args.run.threads();
    let start = Instant::now();
    let sample = Sample {
        options: Options {
            rows: args.rows,
            stratify: args.stratify,
            seed: args.seed.seed,
        },
        dataset,
        command_line: command_line.dataset,
    };
    let manifest = dispatch::for_record(&record, Claimed { out, sample })?;
    let errors = Errors::new(0, args.run.quiet);
    let told = (args.run.quiet, args.run.json);
    summary::told(&manifest, &args.out, &errors, told, start)
}

/// Whether rows of a record type have classes.
struct HasClasses;

impl Work for HasClasses {
    type Output = Result<bool>;

    fn run<R: Record>(self) -> Result<bool> {
        Ok(R::CLASS.is_some())
    }
}
