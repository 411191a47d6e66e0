//! `kprep export`: a dataset in the formats of others.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use kprep_schemas::{Dataset, Split};

use crate::console;
use crate::datasets::relation_table::relation_names;
use crate::formats::export::export;
use crate::formats::export_format::Format;
use crate::formats::export_output::Output;

/// Write a dataset in a format that other programs read.
///
/// Example: kprep export data/deps --format conllu --out deps.conllu
///
/// Rows come in their stored order, so that the same dataset gives the same bytes. A row that the
/// format cannot hold is left out and counted under its reason. The file appears when it is
/// complete. Memory: a few thousand rows; for trex the rows of one document.
///
/// K-Adapter's released code reads one file a split:
///
///   kprep export data/trex-rc --format kadapter --split train --out train.json
///   kprep export data/trex-rc --format kadapter --split validation --out dev.json
///
/// It knows the relations of its own list alone and ends at any other.
///
/// What comes back: `kprep import` makes the same dataset of jsonl (with --objective NAME where the
/// dataset has an objective, which the summary then names), and of tacred, kadapter and
/// find-head one that exports the same bytes. `kprep deps` reads conllu and gives the same rows.
/// `kprep trex --min-pairs 1` reads trex and gives the same rows but for their ids and the split:
/// only sentences that have rows are known, so that places in the document are others.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    dir: PathBuf,

    /// The format
    #[arg(long, value_enum, help_heading = "Output")]
    format: Format,

    /// The file to write; - is stdout
    #[arg(
        long,
        short,
        value_name = "FILE",
        default_value = "-",
        help_heading = "Output"
    )]
    out: PathBuf,

    /// Which split
    #[arg(long, value_enum, default_value_t = Which::All, help_heading = "Input")]
    split: Which,

    /// With tacred: relations by their English label, where there is one, in place of the P-id
    #[arg(long, help_heading = "Output")]
    label: bool,

    /// Replace the file at --out
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// No summary on stderr
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Train,
    Validation,
    Test,
    /// One after the other
    All,
}

impl Which {
    fn splits(self) -> &'static [Split] {
        match self {
            Self::Train => &[Split::Train],
            Self::Validation => &[Split::Validation],
            Self::Test => &[Split::Test],
            Self::All => &Split::ALL,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dataset = Dataset::open(&args.dir)?;
    args.format.check(&dataset)?;
    let names = if args.label {
        relation_names(&dataset)?
    } else {
        Vec::new()
    };
    let mut out = Output::create(&args.out, args.overwrite, args.format.is_array())?;
    let counts = export(&dataset, args.split.splits(), args.format, &names, &mut out)?;
    out.finish()?;
    if !args.quiet {
        console::tell(&counts);
        if let (Format::Jsonl, Some(objective)) = (args.format, &dataset.manifest.objective) {
            console::tell(&format_args!(
                "the objective is {objective}, which the rows do not tell: `kprep import --objective \
                 {objective}` keeps it"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
