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
use super::out::{Out, OutArgs};
use super::read::Source;
use crate::build::errors::Errors;
use crate::build::inputs::{self, Wanted};
use crate::build::progress::Progress;
use crate::build::summary;

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
    /// For the card.
    command_line: Vec<String>,
    progress: Progress,
    threads: usize,
}

impl<'a> Session<'a> {
    /// Begins; the data are read `passes` times.
    pub(crate) fn begin(
        to: Out<'a>,
        files: Files,
        passes: u64,
        command_line: Vec<String>,
    ) -> Result<Self> {
        let start = Instant::now();
        let Out {
            args,
            place: out,
            wanted,
        } = to;
        let claimed = OutputDir::claim(&out, args.run.overwrite)?;
        let total = inputs::total_bytes(&files.inputs).map(|bytes| passes * bytes);
        Ok(Self {
            args,
            out,
            claimed: Some(claimed),
            wanted,
            side: Vec::new(),
            start,
            command_line,
            progress: Progress::start(wanted.command, total, args.run.quiet),
            threads: args.run.threads(),
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
        Errors::new(self.args.errors.max_errors, true)
    }

    pub(crate) fn build<R: Record>(
        &mut self,
        classes: Vec<String>,
        group_by: GroupBy,
    ) -> Result<Build<R>> {
        inputs::unchanged(&self.files.inputs)?;
        let errors = Errors::new(self.args.errors.max_errors, self.args.run.quiet);
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
        arguments.insert("max-errors".into(), self.args.errors.max_errors.into());
        let provenance = Provenance {
            objective: None,
            command: self.wanted.command,
            arguments,
            seed: self.args.seed.seed,
            split_by: self.files.group_by(group_by),
            inputs: inputs::described(&inputs, true)?,
            funnel,
        };
        let details = format!("## Origin of the splits\n\n{}\n\n", self.files.told);
        let card = Card {
            details: details + &card.details,
            languages: languages(["en"]),
            command_line: self.command_line,
            ..card
        };
        let (manifest, errors) = build.finish(provenance, &card)?;
        drop(self.progress);
        let (quiet, json) = (self.args.run.quiet, self.args.run.json);
        summary::told(&manifest, &self.out, &errors, (quiet, json), self.start)
    }
}
