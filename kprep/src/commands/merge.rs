//! `kprep merge`: several datasets into one.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_schemas::{Dataset, OutputDir};

use crate::build::errors::Errors;
use crate::build::summary;
use crate::commands::command_line::CommandLine;
use crate::datasets::dispatch;
use crate::datasets::merge::{Merge, read_from};
use crate::flags::RunFlags;

/// Make one dataset of several that hold records of one type.
///
/// Example: kprep merge data/a data/b --out data/merged
///
/// Rows keep their splits and their order, dataset after dataset. Of rows with the same id the
/// first one stays; statements, which have no id, are the same when all of their columns are. The
/// classes of relation datasets and typing datasets are those of all datasets, numbered again
/// unless they are the same already: properties by number, then other names by the alphabet.
///
/// A group (document, pair or sentence) that is in different splits of two datasets is in both
/// splits of the merged one. The summary counts such groups; the manifest then promises only that
/// no row is in two splits. Datasets that were split by the same hash with the same seed and
/// percentages have none.
///
/// Memory: a few thousand rows, and at most 21 bytes a row for its id, 39 a document, pair or
/// sentence, and 21 a pair of a relation.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folders of the datasets
    #[arg(value_name = "DIR", required = true, num_args = 2.., help_heading = "Input")]
    dirs: Vec<PathBuf>,

    /// Where the merged dataset goes
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,

    #[command(flatten)]
    run: RunFlags,
}

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let opened = args.dirs.iter().map(|dir| Dataset::open(dir));
    let datasets = opened.collect::<Result<Vec<_>, _>>()?;
    let first = &datasets[0];
    for other in &datasets[1..] {
        ensure!(
            other.manifest.record == first.manifest.record,
            "{} holds {}, {} holds {}: expected datasets of one record type",
            first.dir.display(),
            first.manifest.record,
            other.dir.display(),
            other.manifest.record
        );
        let objective = |dataset: &Dataset| {
            let objective = dataset.manifest.objective.clone();
            objective.unwrap_or_else(|| "none".into())
        };
        ensure!(
            objective(first) == objective(other),
            "{} is for objective {}, {} for {}: expected datasets of one objective",
            first.dir.display(),
            objective(first),
            other.dir.display(),
            objective(other)
        );
    }
    args.run.threads();
    let record = first.manifest.record.clone();
    let start = Instant::now();
    let notes: Vec<String> = datasets.iter().map(read_from).collect();
    let merge = Merge {
        out,
        datasets,
        command_line: command_line.dataset,
    };
    let manifest = dispatch::for_record(&record, merge)?;
    let errors = Errors::new(0, args.run.quiet);
    for note in &notes {
        errors.note(note);
    }
    let told = (args.run.quiet, args.run.json);
    summary::told(&manifest, &args.out, &errors, told, start)
}
