//! `kprep knowledge synonyms`: related words of a wordnet to pairs with negatives.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_align::synonyms::WordPairs;
use kprep_schemas::{OutputDir, Provenance};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
pub(super) use crate::sources::synonyms::args::Args;
use crate::sources::synonyms::read::Tables;
use crate::sources::synonyms::{build, card, vectors};

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    args.check()?;
    args.run.threads();
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let tables = Tables::open(&args.wordnet.wordnet)?;
    let progress = Progress::start("synonyms", Some(tables.bytes()), args.run.quiet);
    let (network, foreign) = tables.network(&progress.read)?;
    let pairs = WordPairs::of(&network, &args.options());
    let mut inputs = inputs::of_datasets(&[("synsets", &tables.synsets), ("facts", &tables.facts)]);
    let mut vectors = None;
    if let Some(path) = &args.vectors {
        let (read, input) = vectors::read(path, &network, &pairs)?;
        inputs.push(inputs::describe(&input, true)?);
        vectors = Some(read);
    }
    let (writer, counts) = build::write(args, (&network, &pairs), vectors.as_ref(), out)?;
    let funnel = build::funnel(&pairs, &counts, foreign);
    ensure!(
        funnel.kept() > 0,
        "no pair of the wordnet is left:\n{funnel}"
    );
    let provenance = Provenance {
        objective: Some("libert".into()),
        command: "knowledge synonyms",
        arguments: args.describe(),
        seed: args.split.seed(),
        split_by: args.split_by.into(),
        inputs,
        funnel,
    };
    let card = card::card(args, &tables, &counts, command_line);
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
