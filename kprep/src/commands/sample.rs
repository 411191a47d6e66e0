//! `kprep sample`: some rows of a dataset, as a dataset.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_schemas::{
    Card, ClozeExample, Dataset, DatasetWriter, Funnel, OutputDir, Provenance, Record,
    RelationExample, Split, TypingExample,
};
use serde_json::json;

use crate::build::errors::Errors;
use crate::build::summary;
use crate::commands::merge;
use crate::datasets::dispatch::{self, Work};
use crate::datasets::relation_table::{RELATIONS, RelationTable, relation_names};
use crate::datasets::sample::choice::{Choice, Chosen};
use crate::datasets::sample::shares::shares;
use crate::datasets::sample::strata::{Counts, Strata, Stratify};
use crate::datasets::source_card;
use crate::flags::{RunFlags, SeedFlags};

/// Make a dataset of some rows of another.
///
/// Example: kprep sample data/trex-rc --rows 1000 --out data/small
///
/// The rows are those with the lowest hashes of their ids and the seed: a uniform sample, the same one
/// whatever the order of the rows, and a smaller one with the same seed is part of a larger one.
/// Splits, order and labels stay as they are.
///
/// --stratify keeps the share of each relation (of a typing set: of each combination of types), or of each
/// split, to the row (largest remainder), and at least one row of each where N is enough for that. Rows
/// without a label count as a relation.
///
/// Memory: a few thousand rows, at most 32 bytes a row of the sample, 21 a pair of a relation, and the
/// combinations of types.
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

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let dataset = Dataset::open(&args.dir)?;
    let record = dataset.manifest.record.clone();
    ensure!(
        args.stratify != Some(Stratify::Relation) || has_relations(&record),
        "{} holds {record}, which has no relation: --stratify relation is for sets of relations, types \
         and cloze queries",
        args.dir.display()
    );
    args.run.threads();
    let sample = Sample { args, dataset };
    dispatch::run(&record, Claimed { out, sample })
}

fn has_relations(record: &str) -> bool {
    [
        RelationExample::NAME,
        TypingExample::NAME,
        ClozeExample::NAME,
    ]
    .contains(&record)
}

struct Sample<'a> {
    args: &'a Args,
    dataset: Dataset,
}

/// A sample, and where it goes.
struct Claimed<'a> {
    out: OutputDir,
    sample: Sample<'a>,
}

impl Work for Claimed<'_> {
    type Output = ExitCode;

    fn run<R: Record>(self) -> Result<ExitCode> {
        let start = Instant::now();
        let Self { out, sample } = self;
        let Sample { args, dataset } = &sample;
        let manifest = &dataset.manifest;
        let strata = sample.strata::<R>()?;
        let mut chosen = sample.choose::<R>(&strata)?;
        let names = manifest.class_names.clone();
        let mut table = RelationTable::new(names.len());
        let mut writer = DatasetWriter::create(out, names)?;
        sample.rows(|split, key, row: R| {
            if chosen.takes(strata.of(split, &row), key) {
                table.add(split, &row);
                writer.push(split, row)?;
            }
            Ok(())
        })?;
        if R::NAME == RelationExample::NAME {
            let english = relation_names(dataset)?;
            let mut table = table.finish(&manifest.class_names, |_| None);
            for (row, name) in table.iter_mut().zip(english) {
                row.name = name;
            }
            writer.write_table(RELATIONS, &table)?;
        }
        let read: u64 = strata.counts.iter().sum();
        ensure!(read > 0, "{}: no row to choose from", args.dir.display());
        let mut funnel = Funnel::new("rows", read);
        let lost = read.saturating_sub(args.rows);
        funnel.stage("sampled", [("not in the sample", lost)]);
        let written = writer.finish(sample.provenance(funnel)?, &sample.card())?;
        let errors = Errors::new(0, args.run.quiet);
        let told = (args.run.quiet, args.run.json);
        summary::told(&written, &args.out, &errors, told, start)
    }
}

impl Sample<'_> {
    /// All rows in order, each with its key.
    fn rows<R: Record>(&self, mut visit: impl FnMut(Split, u64, R) -> Result<()>) -> Result<()> {
        for split in Split::ALL {
            for batch in self.dataset.batches::<R>(split)? {
                let batch = batch?;
                let keys = dispatch::keys(&batch)?;
                for (row, key) in batch.into_iter().zip(keys) {
                    visit(split, key, row)?;
                }
            }
        }
        Ok(())
    }

    fn strata<R: Record>(&self) -> Result<Strata> {
        let (by, manifest) = (self.args.stratify, &self.dataset.manifest);
        if by != Some(Stratify::Relation) {
            return Ok(Strata::plain(by, manifest));
        }
        let mut counts = Counts::default();
        self.rows(|_, _, row: R| {
            counts.add(&row);
            Ok(())
        })?;
        Ok(Strata::classes(counts, &manifest.class_names))
    }

    fn choose<R: Record>(&self, strata: &Strata) -> Result<Chosen> {
        let shares = shares(&strata.counts, self.args.rows);
        let mut choice = Choice::new(self.args.seed.seed, &shares);
        self.rows(|split, key, row: R| {
            choice.offer(strata.of(split, &row), key);
            Ok(())
        })?;
        Ok(choice.finish())
    }

    fn provenance(&self, funnel: Funnel) -> Result<Provenance> {
        let Self { args, dataset } = self;
        let stratify = args.stratify.map(|by| format!("{by:?}").to_lowercase());
        let source = merge::describe(std::slice::from_ref(dataset));
        let mut arguments =
            json!({"rows": args.rows, "stratify": stratify, "seed": args.seed.seed})
                .as_object()
                .cloned()
                .unwrap_or_default();
        arguments.extend(source);
        Ok(Provenance {
            command: "sample",
            arguments,
            seed: dataset.manifest.seed,
            split_by: dataset.manifest.split_by,
            inputs: vec![merge::input(dataset)?],
            funnel,
        })
    }

    fn card(&self) -> Card {
        let Self { args, dataset } = self;
        let common = source_card::card(std::slice::from_ref(dataset));
        let kept = match args.stratify {
            None => "",
            Some(Stratify::Relation) if dataset.manifest.record == TypingExample::NAME => {
                " Each combination of types has its share of the rows there."
            }
            Some(Stratify::Relation) => " Each relation has its share of the rows there.",
            Some(Stratify::Split) => " Each split has its share of the rows there.",
        };
        Card {
            title: format!("{}, a sample", common.title),
            summary: format!(
                "A uniform sample of the rows of the dataset {}, each with the split that it has \
                 there: those with the lowest hash of id and seed.{kept}",
                dataset.manifest.name
            ),
            source: "The rows are those of the dataset that `manifest.json` names, and stand under \
                     the terms that its card names.",
            ..common
        }
    }
}
