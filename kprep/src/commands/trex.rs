//! `kprep trex`: T-REx documents to a relation dataset.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use kprep_align::RelationSet;
use kprep_schemas::{DatasetWriter, OutputDir, Provenance};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::spool::Spool;
use crate::build::summary;
use crate::commands::command_line::CommandLine;
pub(crate) use crate::sources::trex::args::Args;
use crate::sources::trex::example::Examples;
use crate::sources::trex::read::Source;

use crate::sources::trex::aligned_input;
use crate::sources::trex::card;
use crate::sources::trex::labels;
use crate::sources::trex::passes::{Rows, relations};

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let labels = labels::property_labels(args.property_labels.as_deref())?;
    let (order, labels_file) = args.order()?;
    let inputs = args.inputs()?;
    let (options, exclude) = args.options()?;
    let total = inputs::total_bytes(&inputs).map(|bytes| 2 * bytes);
    let progress = Progress::start("trex", total, args.build.run.quiet);
    let source = Source {
        inputs: &inputs,
        limit: args.limit.unwrap_or(u64::MAX),
        threads: args.build.run.threads(),
        read: &progress.read,
    };

    let mut spool = Spool::beside(out.folder())?;
    let relations = relations(args, &source, &options, order, &mut spool)?;
    let listed = relations.listed.iter();
    let class_names = listed.map(|(relation, _)| relation.clone()).collect();
    // What was read is what is described, or nothing is: before the work of writing it.
    let described = inputs::described(&inputs, args.limit.is_none())?;
    let mut rows = Rows {
        set: RelationSet::new(relations, args.build.splitter(), args.split_by.into()),
        writer: DatasetWriter::create(out, class_names)?,
        examples: Examples::default(),
        errors: Errors::new(args.build.errors.max_errors, args.build.run.quiet),
    };
    rows.write(spool, source.threads, &progress)?;
    let Rows {
        set,
        mut writer,
        examples,
        errors,
    } = rows;

    let languages = aligned_input::languages(&args.inputs)?;
    let table = set.table(&labels);
    writer.write_table("relations.parquet", &table)?;
    let provenance = Provenance {
        objective: None,
        command: "trex",
        arguments: args.describe(labels_file.as_ref(), &exclude),
        seed: args.build.seed(),
        split_by: args.split_by.into(),
        inputs: described,
        funnel: set.funnel(),
    };
    let card = card::card(&table, &examples, languages, command_line.dataset);
    let manifest = writer.finish(provenance, &card)?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}
