//! `kprep knowledge supersenses`: words with their supersenses.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use kprep_schemas::{OutputDir, Provenance};

use crate::build::progress::Progress;
use crate::build::summary;
use crate::sources::lexicon::Wordnet;
pub(super) use crate::sources::supersenses::args::Args;
use crate::sources::supersenses::build::{self, Sources};
use crate::sources::supersenses::card;

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    args.build.run.threads();
    let wordnet = Wordnet::open(&args.wordnet.wordnet)?;
    let mut sources = Sources::open(args, &wordnet)?;
    let progress = Progress::start("supersenses", sources.bytes(), args.build.run.quiet);
    let build = build::build(args, &wordnet, &mut sources, out, &progress.read)?;
    let funnel = build.funnel("sentences");
    if funnel.kept() == 0 {
        bail!("no sentence of the inputs is left:\n{funnel}");
    }
    let classes = build.class_names().len();
    let provenance = Provenance {
        objective: Some("sensebert".into()),
        command: "knowledge supersenses",
        arguments: args.describe(),
        seed: args.build.seed(),
        split_by: args.group_by(),
        inputs: sources.described(&wordnet, args.limit.is_none())?,
        funnel,
    };
    let (manifest, errors) = build.finish(provenance, &card::card(args, classes, command_line))?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}
