//! `kprep knowledge facts`: facts of a graph to pairs with fake ones.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_schemas::{OutputDir, Provenance};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
pub(super) use crate::sources::facts::args::Args;
use crate::sources::facts::read::Tables;
use crate::sources::facts::{build, card};

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    args.run.threads();
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let tables = Tables::open(&args.graph)?;
    let progress = Progress::start("facts", Some(tables.bytes()), args.run.quiet);
    let pairs = tables.pairs(&args.options(), &progress.read)?;
    let (writer, counts) = build::write(args, &pairs, out)?;
    let funnel = build::funnel(args, &pairs, &counts);
    ensure!(funnel.kept() > 0, "no fact of the graph is left:\n{funnel}");
    let provenance = Provenance {
        objective: Some("bert-mk".into()),
        command: "knowledge facts",
        arguments: args.describe(),
        seed: args.split.seed(),
        split_by: args.group_by(),
        inputs: inputs::of_datasets(&[("concepts", &tables.concepts), ("facts", &tables.facts)]),
        funnel,
    };
    let card = card::card(args, &tables, (&pairs, &counts), command_line);
    let manifest = writer.finish(provenance, &card)?;
    drop(progress);
    let talk = (args.run.quiet, args.run.json);
    summary::told(
        &manifest,
        &args.out,
        &Errors::new(0, args.run.quiet),
        talk,
        start,
    )
}
