//! Sentences of pages to rows: what `KnowBERT-Wiki` and ERNIE learn.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use anyhow::Result;
use kprep_align::{Chunk, LinkSpan, Priors, chunks, link_row};
use kprep_schemas::{
    AlignedPage, Dataset, GroupBy, LinkExample, OutputDir, Position, Reject, Words, stable_hash,
};

use super::args::{Args, Candidates};
use crate::build::errors::Errors;
use crate::build::pipeline;
use crate::build::progress::Progress;
use crate::datasets::entity_table::Named;
use crate::sources::replaced::build::{BATCH, batches};
use crate::sources::task::build::{Build, Outcome};
use crate::sources::task::files::Place;

/// The most words of a span that means none of its candidates.
const LONGEST: usize = 8;

/// Why a sentence gives no row.
const FEW: &str = "fewer distinct items than --min-entities";

/// What is counted within sentences.
const OFF_WORDS: &str = "mentions that do not begin and end with words";
const NO_CANDIDATE: &str = "mentions without a candidate";
const NOT_AMONG: &str = "mentions whose item is none of their candidates";

/// Makes the rows.
pub(crate) fn build(
    args: &Args,
    pages: &Dataset,
    priors: &Priors,
    (out, progress): (OutputDir, &Progress),
) -> Result<(Build<LinkExample>, Named)> {
    let places = vec![Place::Hash(args.build.splitter())];
    let errors = Errors::new(args.build.errors.max_errors, args.build.run.quiet);
    let mut build = Build::create(out, Vec::new(), places, GroupBy::Document, errors)?;
    let mut entities = Named::default();
    let rows: u64 = pages.manifest.shards.iter().map(|shard| shard.rows).sum();
    let bytes: u64 = pages.manifest.shards.iter().map(|shard| shard.bytes).sum();
    let mut read = 0;
    pipeline::ordered(
        args.build.run.threads(),
        |send| batches(pages, send),
        |batch| {
            let made = batch.iter().map(|page| of_page(args, page, priors));
            made.collect::<Vec<_>>()
        },
        |outcomes| {
            for outcome in outcomes.into_iter().flatten() {
                build.add((0, "pages"), outcome, |split, row| entities.add(split, row))?;
            }
            read += 1;
            let done = (read * BATCH as u64).min(rows);
            progress
                .read
                .store(bytes * done / rows.max(1), Ordering::Relaxed);
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok((build, entities))
}

fn of_page(args: &Args, page: &AlignedPage, priors: &Priors) -> Vec<Outcome<LinkExample>> {
    // What is found otherwise is no span, and not free for others either.
    let all = ["link", "name", "pronoun"].map(str::to_owned);
    let chunked = chunks(page, 1, &all);
    let mut outcomes = vec![Outcome::Within(OFF_WORDS, chunked.off_words)];
    for sentence in &chunked.chunks {
        let found = of_sentence(args, page, sentence, priors);
        outcomes.push(Outcome::Within(NO_CANDIDATE, found.no_candidate));
        outcomes.push(Outcome::Within(NOT_AMONG, found.not_among));
        let spans = found.spans;
        let entities = spans
            .iter()
            .map(|span| &span.entity)
            .filter(|id| !id.is_empty());
        let entities: BTreeSet<&String> = entities.collect();
        if entities.len() < args.min_entities().max(1) {
            outcomes.push(Outcome::Lost(Reject {
                doc_id: Some(page.id.clone()),
                index: Some(sentence.number),
                reason: FEW,
                detail: entities.len().to_string(),
                ..Reject::default()
            }));
            continue;
        }
        let token: Words = sentence.words.iter().map(|(_, word)| word).collect();
        let text = sentence.text(0..sentence.words.len()) + sentence.tail;
        let row = link_row((&page.id, sentence.number), &text, token, &spans);
        outcomes.push(Outcome::Row(Position::default(), row));
    }
    outcomes
}

/// The spans of a sentence, and what is none.
#[derive(Default)]
struct Found {
    spans: Vec<LinkSpan>,
    no_candidate: u64,
    not_among: u64,
}

fn of_sentence(args: &Args, page: &AlignedPage, sentence: &Chunk<'_>, priors: &Priors) -> Found {
    let mut found = Found::default();
    for slot in &sentence.slots {
        let source = &page.mention_source[slot.mention];
        if !args.sources.iter().any(|wanted| wanted == source) {
            continue;
        }
        let entity = format!("Q{}", slot.item);
        let mut candidates = Vec::new();
        if args.candidates == Candidates::Priors {
            candidates = named(priors.of(&sentence.text(slot.start..slot.end + 1)));
            if candidates.is_empty() {
                found.no_candidate += 1;
                continue;
            }
            if !candidates.iter().any(|(id, _)| *id == entity) {
                found.not_among += 1;
                continue;
            }
        }
        found.spans.push(LinkSpan {
            start: slot.start,
            end: slot.end,
            entity,
            candidates,
        });
    }
    if args.candidates == Candidates::Priors {
        let most = args.max_none * found.spans.len();
        let mut none = of_none(sentence, priors);
        let seed = args.build.seed().to_le_bytes();
        let number = sentence.number.to_le_bytes();
        none.sort_by_key(|span| {
            let start = (span.start as u64).to_le_bytes();
            stable_hash([&seed[..], page.id.as_bytes(), &number, &start])
        });
        none.truncate(most);
        found.spans.append(&mut none);
        found.spans.sort_by_key(|span| span.start);
    }
    found
}

/// Spans outside mentions that have candidates: the longest at each place, none overlapping another.
fn of_none(sentence: &Chunk<'_>, priors: &Priors) -> Vec<LinkSpan> {
    let mut spans = Vec::new();
    let mut slots = sentence.slots.iter().peekable();
    let mut start = 0;
    let longest = priors.longest().min(LONGEST);
    while start < sentence.words.len() {
        if let Some(slot) = slots.next_if(|slot| slot.start <= start) {
            start = start.max(slot.end + 1);
            continue;
        }
        let free = slots.peek().map_or(sentence.words.len(), |slot| slot.start);
        let most = longest.min(free - start);
        let span = (1..=most).rev().find_map(|words| {
            let candidates = priors.of(&sentence.text(start..start + words));
            (!candidates.is_empty()).then(|| LinkSpan {
                start,
                end: start + words - 1,
                entity: String::new(),
                candidates: named(candidates),
            })
        });
        start = span.as_ref().map_or(start + 1, |span| span.end + 1);
        spans.extend(span);
    }
    spans
}

fn named(candidates: &[(u32, f64)]) -> Vec<(String, f64)> {
    let candidates = candidates.iter();
    candidates
        .map(|&(item, prior)| (format!("Q{item}"), prior))
        .collect()
}
