//! `kprep graph`: a knowledge graph to tables of concepts and facts.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use kprep_ingest::Input;
use kprep_schemas::{Job, OutputDir, Parts};

use crate::build::errors::Errors;
use crate::build::progress::Progress;
use crate::build::{inputs, parts};
use crate::commands::command_line::CommandLine;
pub(crate) use crate::sources::graph::args::Args;
use crate::sources::graph::args::Format;
use crate::sources::graph::card::Origin;
use crate::sources::graph::reading::Reading;
use crate::sources::graph::wikidata::Tables;
use crate::sources::graph::{SUFFIXES, build, files, umls, wikidata};

pub(crate) fn run(args: &Args, command_line: &CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    args.run.threads();
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    // There are no parts to go on from: all is read before it is written.
    let job = Job::new("graph", serde_json::Map::new(), Vec::new());
    let (reading, output, origin) = match &args.wikidata {
        Some(dir) => of_wikidata(args, dir, (out, job))?,
        None => of_files(args, (out, job))?,
    };
    let (tables, errors) = build::write(reading, output, args, &origin, &command_line.tables)?;
    parts::finish(&tables, &args.out, &errors, &args.run, start)
}

fn of_files(args: &Args, (out, job): (OutputDir, Job)) -> Result<(Reading, Parts, Origin)> {
    let mut found = inputs::find(&args.inputs, &SUFFIXES, &args.out, args.run.quiet)?;
    let format = files::format(&found, args.format)?;
    args.check(format)?;
    if format == Format::Umls {
        let is_read = |input: &Input| {
            let mut names = umls::FILES.into_iter();
            names.any(|name| files::named(std::slice::from_ref(input), name).is_some())
        };
        found.retain(is_read);
    }
    let progress = Progress::start("graph", inputs::total_bytes(&found), args.run.quiet);
    let output = Parts::create(out, job)?;
    let errors = Errors::new(args.errors.max_errors, args.run.quiet);
    let facts = build::facts_table(&output)?;
    let mut reading = Reading::new(facts, errors, &progress.read, args);
    build::read(&mut reading, &found, format, args)?;
    let origin = Origin {
        format,
        inputs: inputs::described(&found, true)?,
        languages: Vec::new(),
    };
    Ok((reading, output, origin))
}

fn of_wikidata(
    args: &Args,
    dir: &Path,
    (out, job): (OutputDir, Job),
) -> Result<(Reading, Parts, Origin)> {
    let tables = Tables::open(dir)?;
    let progress = Progress::start("graph", Some(tables.bytes()), args.run.quiet);
    let output = Parts::create(out, job)?;
    let errors = Errors::new(args.errors.max_errors, args.run.quiet);
    let facts = build::facts_table(&output)?;
    let mut reading = Reading::new(facts, errors, &progress.read, args);
    wikidata::read(&mut reading, &tables, args)?;
    let origin = Origin {
        format: Format::Wikidata,
        inputs: tables.described(),
        languages: tables.languages(),
    };
    Ok((reading, output, origin))
}
