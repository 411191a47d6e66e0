//! One run of `kprep task`: what every benchmark has in common.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use kprep_ingest::task::Classes;
use kprep_ingest::{Input, SideFile};
use kprep_schemas::{Card, GroupBy, OutputDir, Provenance, Record, languages};
use serde_json::{Map, Value};

use super::build::Build;
use super::files::Files;
use super::read::Source;
use crate::build::errors::Errors;
use crate::build::inputs::{self, Wanted};
use crate::build::progress::Progress;
use crate::build::summary;
use crate::commands::command_line;
use crate::commands::flags::start_threads;

/// How a dataset is built, whatever the task.
#[derive(Debug, clap::Args)]
pub(crate) struct OutArgs {
    /// Where the dataset goes [default: data/ and the task's name]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Worker threads; at most 4 a core are started; the output does not depend on it [default:
    /// all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Seed of the split
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,

    /// Malformed records, and files that break off, to put up with. A malformed record is skipped and
    /// counted in any case, and more than N end the command with exit code 3; a file that breaks off
    /// ends it at once, without a dataset, unless N allows for it
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_errors: u64,

    /// Replace the dataset at --out
    #[arg(long)]
    overwrite: bool,

    /// No progress and no summary on stderr
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Print the summary on stdout as JSON
    #[arg(long)]
    json: bool,
}

/// How and where the output of a task goes.
pub(crate) struct Out<'a> {
    pub(crate) args: &'a OutArgs,
    pub(crate) place: PathBuf,
    /// What the task reads.
    wanted: Wanted,
}

impl OutArgs {
    /// For the task of this name, `task ` before it, which reads such files.
    pub(crate) fn of(&self, command: &'static str, formats: &'static str) -> Out<'_> {
        let name = command.strip_prefix("task ").unwrap_or(command);
        let place = self.out.clone();
        Out {
            args: self,
            place: place.unwrap_or_else(|| PathBuf::from("data").join(name)),
            wanted: Wanted { command, formats },
        }
    }
}

/// A run under way.
pub(crate) struct Session<'a> {
    args: &'a OutArgs,
    out: PathBuf,
    /// The same, until the dataset is begun.
    claimed: Option<OutputDir>,
    wanted: Wanted,
    pub(crate) files: Files,
    /// Inputs beside the data.
    side: Vec<Input>,
    start: Instant,
    progress: Progress,
    threads: usize,
}

impl<'a> Session<'a> {
    /// Begins; the data are read `passes` times.
    pub(crate) fn begin(to: Out<'a>, files: Files, passes: u64) -> Result<Self> {
        let start = Instant::now();
        let Out {
            args,
            place: out,
            wanted,
        } = to;
        let claimed = OutputDir::claim(&out, args.overwrite)?;
        let total = inputs::total_bytes(&files.inputs).map(|bytes| passes * bytes);
        Ok(Self {
            args,
            out,
            claimed: Some(claimed),
            wanted,
            side: Vec::new(),
            start,
            progress: Progress::start(wanted.command, total, args.quiet),
            threads: start_threads(args.threads, args.quiet),
            files,
        })
    }

    /// A file beside the data, read whole; the manifest names it, too.
    pub(crate) fn side_file(&mut self, path: &Path) -> Result<SideFile> {
        let side = SideFile::read(path)?;
        self.side.push(side.input.clone());
        Ok(side)
    }

    /// The classes of a file of labels.
    pub(crate) fn classes(&mut self, path: &Path) -> Result<Classes> {
        let side = self.side_file(path)?;
        Classes::parse(side.text()?).with_context(|| path.display().to_string())
    }

    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            files: &self.files,
            wanted: self.wanted,
            threads: self.threads,
            read: &self.progress.read,
        }
    }

    /// Malformed input of a pass that writes nothing.
    pub(crate) fn silent_errors(&self) -> Errors {
        Errors::new(self.args.max_errors, true)
    }

    pub(crate) fn build<R: Record>(
        &mut self,
        classes: Vec<String>,
        group_by: GroupBy,
    ) -> Result<Build<R>> {
        inputs::unchanged(&self.files.inputs)?;
        let errors = Errors::new(self.args.max_errors, self.args.quiet);
        let places = self.files.places.clone();
        let out = self.claimed.take().context("a task writes one dataset")?;
        Build::create(out, classes, places, group_by, errors)
    }

    /// Writes the rest and tells what was built.
    pub(crate) fn finish<R: Record>(
        self,
        arguments: Map<String, Value>,
        (unit, group_by): (&str, GroupBy),
        build: Build<R>,
        card: Card,
    ) -> Result<ExitCode> {
        let funnel = build.funnel(unit);
        if funnel.kept() == 0 {
            let inputs = &self.files.inputs;
            return Err(inputs::nothing_kept("row", &funnel, inputs, &self.wanted));
        }
        let mut inputs = self.files.inputs.clone();
        inputs.extend(self.side);
        let mut arguments = arguments;
        arguments.insert("max-errors".into(), self.args.max_errors.into());
        let provenance = Provenance {
            command: self.wanted.command,
            arguments,
            seed: self.args.seed,
            split_by: self.files.group_by(group_by),
            inputs: inputs::described(&inputs, true)?,
            funnel,
        };
        let details = format!("## Origin of the splits\n\n{}\n\n", self.files.told);
        let card = Card {
            details: details + &card.details,
            languages: languages(["en"]),
            command_line: command_line::dataset(),
            ..card
        };
        let (manifest, errors) = build.finish(provenance, &card)?;
        drop(self.progress);
        let (quiet, json) = (self.args.quiet, self.args.json);
        summary::told(&manifest, &self.out, &errors, (quiet, json), self.start)
    }
}
