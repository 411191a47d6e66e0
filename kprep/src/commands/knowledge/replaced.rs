//! `kprep knowledge replaced`: aligned pages to texts with replaced entities.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use kprep_schemas::{AlignedPage, Entity, OutputDir, Provenance, Triple};

use crate::build::progress::Progress;
use crate::build::{inputs, shards, summary};
use crate::sources::align::args::facts_beside;
use crate::sources::align::facts;
use crate::sources::align::sources::bytes;
pub(super) use crate::sources::replaced::args::Args;
use crate::sources::replaced::build::build;
use crate::sources::replaced::card;
use crate::sources::replaced::world::{World, items};

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    args.check()?;
    args.run.threads();
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let pages = shards::open::<AlignedPage>(&args.aligned, "aligned")?;
    let entities = shards::open::<Entity>(&args.wikidata, "entities")?;
    let triples = shards::open::<Triple>(&args.wikidata, "triples")?;
    let dir = args
        .facts
        .clone()
        .unwrap_or_else(|| facts_beside(&args.wikidata));
    let facts = facts::open_or_make(&dir, args.run.quiet, &triples)?;
    let progress = Progress::start("replaced", Some(bytes(&pages)), args.run.quiet);
    let world = World::load(&entities, &items(&pages)?, args.item_splitter())?;
    let build = build(args, &pages, &world, &facts, (out, &progress))?;
    let funnel = build.funnel("copies of chunks");
    if funnel.kept() == 0 {
        bail!("no chunk of the pages is left:\n{funnel}");
    }
    let provenance = Provenance {
        objective: Some("wklm".into()),
        command: "knowledge replaced",
        arguments: args.describe(),
        seed: args.split.seed(),
        split_by: args.group_by(),
        inputs: inputs::of_datasets(&[
            ("pages", &pages),
            ("entities", &entities),
            ("triples", &triples),
        ]),
        funnel,
    };
    let languages = pages.manifest.languages.clone();
    let card = card::card(args, languages, command_line);
    let (manifest, errors) = build.finish(provenance, &card)?;
    drop(progress);
    let talk = (args.run.quiet, args.run.json);
    summary::told(&manifest, &args.out, &errors, talk, start)
}
