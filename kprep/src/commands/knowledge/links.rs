//! `kprep knowledge links`: mentions and what they mean.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use kprep_align::Priors;
use kprep_schemas::{
    AlignedPage, Card, Concept, Entity, Fact, InputFile, LinkExample, OutputDir, Provenance,
};

use crate::build::progress::Progress;
use crate::build::{inputs, shards, summary};
use crate::datasets::entity_table::ENTITIES;
use crate::sources::align::sources::bytes;
use crate::sources::lexicon::Wordnet;
pub(super) use crate::sources::links::args::Args;
use crate::sources::links::args::{Candidates, Target};
use crate::sources::links::{aligned, card, entities, priors, wordnet};
use crate::sources::task::build::Build;

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    args.check()?;
    args.build.run.threads();
    match (&args.wordnet, &args.aligned) {
        (Some(wordnet), _) => of_wordnet(args, wordnet, command_line),
        (None, Some(aligned)) => of_pages(args, aligned, command_line),
        (None, None) => bail!("expected --wordnet or --aligned"),
    }
}

fn of_wordnet(args: &Args, dir: &Path, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let wordnet = Wordnet::open(dir)?;
    let total = wordnet::bytes(args, &wordnet)?;
    let progress = Progress::start("links", total, args.build.run.quiet);
    let mut all = inputs::of_datasets(&[("synsets", &wordnet.synsets)]);
    let facts = match args.target {
        Target::Synset => None,
        Target::Hypernym => Some(shards::open::<Fact>(dir, "facts")?),
    };
    if let Some(facts) = &facts {
        all.extend(inputs::of_datasets(&[("facts", facts)]));
    }
    let made = wordnet::build(args, (&wordnet, facts.as_ref()), out, &progress.read)?;
    all.extend(inputs::described(&made.files, true)?);
    let table = entities::of_synsets(made.entities, &wordnet.synsets)?;
    let card = card::of_wordnet(args, command_line);
    drop(progress);
    finish(args, (made.build, &table), all, &card, start)
}

fn of_pages(args: &Args, aligned: &Path, command_line: Vec<String>) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let pages = shards::open::<AlignedPage>(aligned, "aligned")?;
    let items = args.wikidata.as_deref();
    let items = items
        .map(|dir| shards::open::<Entity>(dir, "entities"))
        .transpose()?;
    let progress = Progress::start("links", Some(bytes(&pages)), args.build.run.quiet);
    let most = args.max_candidates.into();
    let mut all = inputs::of_datasets(&[("pages", &pages)]);
    if let Some(items) = &items {
        all.extend(inputs::of_datasets(&[("entities", items)]));
    }
    let priors = match (&args.candidates, &args.priors, &items) {
        (Candidates::None, ..) => Priors::default(),
        (_, Some(path), Some(items)) => {
            let (priors, input) = priors::of_file(path, items, most)?;
            all.push(inputs::describe(&input, true)?);
            priors
        }
        _ => priors::of_links(&pages, args.build.splitter(), most)?,
    };
    let (build, found) = aligned::build(args, &pages, &priors, (out, &progress))?;
    let table = match &items {
        Some(items) => entities::of_items(found, items)?,
        None => entities::of_mentions(found, &pages, args.build.splitter())?,
    };
    let card = card::of_pages(args, pages.manifest.languages.clone(), command_line);
    drop(progress);
    finish(args, (build, &table), all, &card, start)
}

fn finish(
    args: &Args,
    (mut build, table): (Build<LinkExample>, &[Concept]),
    inputs: Vec<InputFile>,
    card: &Card,
    start: Instant,
) -> Result<ExitCode> {
    let funnel = build.funnel("sentences");
    if funnel.kept() == 0 {
        bail!("no sentence of the inputs is left:\n{funnel}");
    }
    build.writer().write_table(ENTITIES, table)?;
    let provenance = Provenance {
        objective: Some(args.objective().into()),
        command: "knowledge links",
        arguments: args.describe(),
        seed: args.build.seed(),
        split_by: args.group_by(),
        inputs,
        funnel,
    };
    let (manifest, errors) = build.finish(provenance, card)?;
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}
