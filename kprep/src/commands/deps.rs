//! `kprep deps`: dependency parses to a set of head indexes.

use crate::commands::command_line::CommandLine;
pub(crate) use crate::sources::deps::args::Args;
use crate::sources::deps::build::{Build, nothing_kept};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Result;
use kprep_parse::HeadSet;
use kprep_schemas::{DatasetWriter, OutputDir, Provenance};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
use crate::sources::deps::SUFFIXES;
use crate::sources::deps::read::Source;
use crate::sources::deps::sample::Sample;

use crate::sources::deps::card;

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let inputs = inputs::find(&args.inputs, &SUFFIXES, &args.out, args.build.run.quiet)?;
    let progress = Progress::start("deps", inputs::total_bytes(&inputs), args.build.run.quiet);
    let source = Source {
        inputs: &inputs,
        suffixes: &SUFFIXES,
        format: args.format,
        structure: args.structure(),
        threads: args.build.run.threads(),
        read: &progress.read,
    };

    let mut build = Build {
        set: HeadSet::new(args.choice(), args.build.splitter(), args.split_by.into()),
        sample: args.max_examples.map(Sample::new),
        writer: DatasetWriter::create(out, Vec::new())?,
        errors: Errors::new(args.build.errors.max_errors, args.build.run.quiet),
        broken: false,
        passed_over: Vec::new(),
        limit: args.limit.unwrap_or(u64::MAX),
    };
    source.parts(|part| {
        let more = build.add(part)?;
        let lost = build.set.lost_count();
        progress.lost.store(lost, Ordering::Relaxed);
        Ok(more)
    })?;
    build.write_sample()?;
    let Build {
        set,
        writer,
        errors,
        passed_over,
        ..
    } = build;
    if !args.build.run.quiet {
        inputs::tell_passed_over(&passed_over);
    }
    let read_whole = args.limit.is_none_or(|limit| set.read_count() < limit);
    let funnel = set.funnel();
    if funnel.kept() == 0 {
        return Err(nothing_kept(&set, &funnel, &inputs));
    }

    let provenance = Provenance {
        objective: None,
        command: "deps",
        arguments: args.describe(),
        seed: args.build.seed(),
        split_by: args.split_by.into(),
        inputs: inputs::described(&inputs, read_whole)?,
        funnel,
    };
    let card = card::card(args.allow_non_tree, &args.language, command_line.dataset);
    let manifest = writer.finish(provenance, &card)?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}
