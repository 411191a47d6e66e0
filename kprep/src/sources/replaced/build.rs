//! Aligned pages to a dataset of kept and replaced entities.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use anyhow::Result;
use kprep_align::distant::Facts;
use kprep_align::{Chunk, Replacer, chunks};
use kprep_ingest::words;
use kprep_schemas::{
    AlignedPage, Dataset, GroupBy, LabelExample, OutputDir, Position, Reject, Split, Words,
};
use rustc_hash::FxHashSet;

use super::args::Args;
use super::world::{Connections, World, number};
use crate::build::errors::Errors;
use crate::build::pipeline;
use crate::build::progress::Progress;
use crate::sources::task::build::{Build, Outcome};
use crate::sources::task::files::Place;

/// Pages that a worker takes at a time.
pub(crate) const BATCH: usize = 8;

/// The names of the classes.
pub(crate) const CLASSES: [&str; 2] = ["kept", "replaced"];

/// Why a copy gives no row.
const NOTHING: &str = "no mention that can be replaced";
const SAME: &str = "an earlier copy of the chunk again";

/// What is counted within copies.
const OFF_WORDS: &str = "mentions that do not begin and end with words (of all copies)";
const OTHER_SPLIT: &str = "mentions of an item of another split (of all copies)";
const TRUE: &str = "draws that a statement connects with the text";
const NOT_DRAWN: &str = "mentions for which no draw was right";

/// Makes the rows.
pub(crate) fn build(
    args: &Args,
    pages: &Dataset,
    world: &World,
    facts: &Facts,
    (out, progress): (OutputDir, &Progress),
) -> Result<Build<LabelExample>> {
    let names = CLASSES.map(str::to_owned).to_vec();
    let places = vec![Place::Hash(args.split.splitter())];
    let errors = Errors::new(0, args.run.quiet);
    let mut build = Build::create(out, names, places, GroupBy::Document, errors)?;
    let cut = |name: &str| -> Words { words(name).map(|word| &name[word]).collect() };
    let replacers = Split::ALL.map(|split| Replacer {
        names: &world.names,
        pools: world.pools(split),
        words: &cut,
        options: args.options(),
    });
    let rows: u64 = pages.manifest.shards.iter().map(|shard| shard.rows).sum();
    let bytes: u64 = pages.manifest.shards.iter().map(|shard| shard.bytes).sum();
    let mut read = 0;
    pipeline::ordered(
        args.run.threads(),
        |send| batches(pages, send),
        |batch| {
            let made = batch
                .iter()
                .map(|page| of_page(args, page, (world, &replacers), facts));
            made.collect::<Result<Vec<_>, _>>()
        },
        |outcomes| {
            for outcomes in outcomes? {
                for outcome in outcomes {
                    build.add((0, "pages"), outcome, |_, _| {})?;
                }
                read += 1;
            }
            progress
                .read
                .store(bytes * read / rows.max(1), Ordering::Relaxed);
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(build)
}

/// All pages, some at a time.
pub(crate) fn batches(
    pages: &Dataset,
    send: &mut dyn FnMut(Vec<AlignedPage>) -> ControlFlow<()>,
) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    for split in Split::ALL {
        for page in pages.rows::<AlignedPage>(split)? {
            batch.push(page?);
            if batch.len() == BATCH && send(std::mem::take(&mut batch)).is_break() {
                return Ok(());
            }
        }
    }
    let _ = send(batch);
    Ok(())
}

type Outcomes = Vec<Outcome<LabelExample>>;

fn of_page(
    args: &Args,
    page: &AlignedPage,
    (world, replacers): (&World, &[Replacer<'_>; 3]),
    facts: &Facts,
) -> Result<Outcomes, kprep_align::distant::Error> {
    let mut outcomes = Vec::new();
    let split = args.split.splitter().split(page.id.as_bytes());
    let mut connections = Connections::new(facts);
    let item = number(&page.entity).unwrap_or_default();
    let chunked = chunks(page, args.chunk, &args.sources);
    outcomes.push(Outcome::Within(OFF_WORDS, chunked.off_words * args.copies));
    for chunk in &chunked.chunks {
        let items = chunk.slots.iter().map(|slot| slot.item);
        let others = items.filter(|&item| world.is_of_another(item, split));
        outcomes.push(Outcome::Within(
            OTHER_SPLIT,
            others.count() as u64 * args.copies,
        ));
        let mut seen: FxHashSet<Words> = FxHashSet::default();
        for copy in 0..args.copies {
            let mut related = |candidate, others: &[u32]| connections.any(candidate, others);
            let made =
                replacers[split as usize].replace((&page.id, item), chunk, copy, &mut related)?;
            let Some(made) = made else {
                outcomes.push(lost(page, chunk, NOTHING));
                continue;
            };
            outcomes.push(Outcome::Within(TRUE, made.could_be_true));
            outcomes.push(Outcome::Within(NOT_DRAWN, made.not_drawn));
            if seen.insert(made.row.token.clone()) {
                outcomes.push(Outcome::Row(Position::default(), made.row));
            } else {
                outcomes.push(lost(page, chunk, SAME));
            }
        }
    }
    Ok(outcomes)
}

fn lost(page: &AlignedPage, chunk: &Chunk<'_>, reason: &'static str) -> Outcome<LabelExample> {
    Outcome::Lost(Reject {
        doc_id: Some(page.id.clone()),
        index: Some(chunk.number),
        reason,
        detail: page.title.clone(),
        ..Reject::default()
    })
}
