//! `kprep wikidata`: a dump of Wikidata to tables of items, properties and statements.

pub(crate) use crate::sources::wikidata::args::Args;
use std::process::ExitCode;
use std::slice;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Result;
use kprep_ingest::Input;
use kprep_schemas::{GroupBy, OutputDir, Provenance};

use crate::build::inputs;
use crate::build::parts;
use crate::build::progress::Progress;
use crate::commands::command_line::CommandLine;
use crate::sources::wikidata::WANTED;
use crate::sources::wikidata::build::Build;
use crate::sources::wikidata::read::Source;

pub(crate) fn run(args: &Args, command_line: &CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    let selection = args.selection()?;
    let out = OutputDir::claim(&args.out, args.tables.run.overwrite)?;
    let input = Input::new(&args.dump)?;
    let inputs = slice::from_ref(&input);
    let parts = parts::open(&args.tables, out, "wikidata", args.describe(), inputs)?;
    let progress = Progress::start(
        "wikidata",
        inputs::total_bytes(inputs),
        args.tables.run.quiet,
    );
    let source = Source {
        input: &input,
        from: parts.next(),
        selection: &selection,
        threads: args.tables.run.threads(),
        read: &progress.read,
    };
    let mut build = Build::open(parts, args, &selection)?;
    source.blocks(|piece| {
        let more = build.add(piece)?;
        progress.lost.store(build.counts.lost(), Ordering::Relaxed);
        Ok(more)
    })?;
    build.finish_reading()?;
    let funnel = build.counts.items_funnel();
    if funnel.kept() == 0 && build.counts.properties == 0 {
        return Err(inputs::nothing_kept(
            "item or property",
            &funnel,
            inputs,
            &WANTED,
        ));
    }
    build.count_objects()?;
    let read_whole = args.limit.is_none_or(|limit| build.counts.lines < limit);
    let provenance = Provenance {
        objective: None,
        command: "wikidata",
        arguments: args.describe(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: inputs::described(inputs, read_whole)?,
        funnel: build.counts.items_funnel(),
    };
    let (manifests, errors) = build.finish(&provenance, &command_line.tables)?;
    drop(progress);
    parts::finish(&manifests, &args.out, &errors, &args.tables.run, start)
}
