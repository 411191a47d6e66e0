//! `kprep import`: what `kprep export` writes, and others' files in these formats, as a dataset.

pub(crate) use crate::sources::import::args::Args;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_schemas::{OutputDir, Record, rows_from_json};

use crate::commands::command_line::CommandLine;
use crate::datasets::dispatch::{self, Work};
use crate::formats::find_head::read_find_head;
use crate::formats::kadapter::from_kadapter;
use crate::formats::tacred::from_tacred;
use crate::formats::trex::read_page;
use crate::sources::import::File;
use crate::sources::import::build::import;
use crate::sources::import::format::Format;
use crate::sources::import::source::Place;

use crate::sources::import::format;
use crate::sources::objectives;

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let start = (Instant::now(), command_line.dataset);
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let files = args.inputs()?;
    ensure!(
        args.record.is_none() || args.format == Format::Jsonl,
        "--record is for jsonl: what {} holds is known",
        args.format.name()
    );
    ensure!(
        args.objective.is_none() || args.format == Format::Jsonl,
        "--objective is for jsonl: {} has none",
        args.format.name()
    );
    match args.format {
        Format::Tacred => import(args, out, &files, start, |objects, _| {
            objects.iter().map(|o| text(from_tacred(o))).collect()
        }),
        Format::Kadapter => import(args, out, &files, start, |objects, _| {
            objects.iter().map(|o| text(from_kadapter(o))).collect()
        }),
        Format::FindHead => import(args, out, &files, start, |objects, places| {
            let rows = objects.iter().zip(places);
            let row = |(o, place): (&&[u8], &Place<'_>)| {
                text(read_find_head(o, place.source, place.position.record))
            };
            rows.map(row).collect()
        }),
        Format::Trex => import(args, out, &files, start, |objects, _| {
            objects.iter().map(|o| read_page(o)).collect()
        }),
        Format::Jsonl => {
            let record = match &args.record {
                Some(name) => name.clone(),
                None => format::record_of(&files)?.to_owned(),
            };
            dispatch::for_record(
                &record,
                Jsonl {
                    args,
                    out,
                    files: &files,
                    start,
                },
            )
        }
    }
}

/// A row or what is wrong with it.
fn text<R, E: ToString>(row: Result<R, E>) -> Result<R, String> {
    row.map_err(|error| error.to_string())
}

struct Jsonl<'a> {
    args: &'a Args,
    out: OutputDir,
    files: &'a [File],
    start: (Instant, Vec<String>),
}

impl Work for Jsonl<'_> {
    type Output = Result<ExitCode>;

    fn run<R: Record>(self) -> Result<ExitCode> {
        if let Some(objective) = &self.args.objective {
            let record = objectives::record(objective);
            ensure!(
                record == Some(R::NAME),
                "--objective {objective} is for {}, the rows are {}",
                record.unwrap_or("no record"),
                R::NAME
            );
        }
        import::<R>(self.args, self.out, self.files, self.start, |objects, _| {
            rows_from_json(objects).into_iter().map(text).collect()
        })
    }
}
