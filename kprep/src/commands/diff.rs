//! `kprep diff`: what changed between two builds of a dataset.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use kprep_schemas::{Dataset, Record, with_causes};

use crate::console::{even_unread, show, show_json, tell};
use crate::datasets::diff::origin::Origin;
use crate::datasets::diff::report::Report;
use crate::datasets::diff::rows::compare_rows;
use crate::datasets::dispatch::{self, Work};

/// Show what changed between two builds of a dataset.
///
/// Example: kprep diff data/old data/new
///
/// Compares how they were made (program, arguments, seed, inputs by their checksums) and what they
/// hold: rows of each relation (of a typing dataset, of each type), and row by row, matched by
/// their ids: added, removed, with another relation or other types, in another split, or with
/// anything else changed. Statements have no id; each is the same as one that has the same columns.
///
/// Exit codes: 0 nothing differs, 1 something does, 2 the comparison failed.
///
/// Memory: 17 bytes a row of A, and what grows with the relations, or combinations of types.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of a dataset
    #[arg(value_name = "A", help_heading = "Input")]
    a: PathBuf,

    /// The folder of another one, built later
    #[arg(value_name = "B", help_heading = "Input")]
    b: PathBuf,

    /// How many rows to name of each kind of change
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Output")]
    examples: usize,

    /// Print the differences as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let told = compare(args).and_then(|report| {
        let printed = if args.json {
            show_json(&report)
        } else {
            show(&report)
        };
        even_unread(printed)?;
        Ok(report.equal)
    });
    match told {
        Ok(equal) => ExitCode::from(u8::from(!equal)),
        Err(error) => {
            // 1 says that the datasets differ.
            tell(&format_args!("kprep: {}", with_causes(error.as_ref())));
            ExitCode::from(2)
        }
    }
}

fn compare(args: &Args) -> Result<Report> {
    let (a, b) = (Dataset::open(&args.a)?, Dataset::open(&args.b)?);
    ensure!(
        a.manifest.record == b.manifest.record,
        "{} holds {}, {} holds {}: expected two datasets of one record type",
        a.dir.display(),
        a.manifest.record,
        b.dir.display(),
        b.manifest.record
    );
    let record = a.manifest.record.clone();
    let examples = args.examples;
    dispatch::for_record(&record, Compare { a, b, examples })
}

struct Compare {
    a: Dataset,
    b: Dataset,
    examples: usize,
}

impl Work for Compare {
    type Output = Result<Report>;

    fn run<R: Record>(self) -> Result<Report> {
        let Self { a, b, examples } = self;
        let origin = Origin::of(&a.manifest, &b.manifest);
        let (relations, rows) = compare_rows::<R>(&a, &b, examples)?;
        let shards = |dataset: &Dataset| -> Vec<String> {
            let shards = dataset.manifest.shards.iter();
            shards.map(|shard| shard.sha256.clone()).collect()
        };
        let class = R::CLASS.map_or("relation", |class| class.name);
        let shards_differ = shards(&a) != shards(&b);
        Ok(Report::new(class, origin, relations, rows, shards_differ))
    }
}
