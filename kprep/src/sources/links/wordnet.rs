//! Examples of synsets and `SemCor` to rows: what `KnowBERT-WordNet` learns.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use kprep_align::{
    Hypernyms, Lexicon, LinkSpan, OwnWord, TaggedSentence, examples, lemma, link_row,
    sense_candidates,
};
use kprep_ingest::Input;
use kprep_schemas::{Dataset, Fact, LinkExample, OutputDir, Position, Reject, Split, Synset};

use super::args::{Args, Candidates};
use crate::build::errors::Errors;
use crate::build::{inputs, pipeline};
use crate::datasets::entity_table::Named;
use crate::sources::align::sources;
use crate::sources::lexicon::Wordnet;
use crate::sources::supersenses::gold;
use crate::sources::supersenses::rows::{MISSING, SEVERAL, Told};
use crate::sources::task::build::{Build, Outcome};
use crate::sources::task::files::Place;

/// Synsets that a worker takes at a time.
const BATCH: usize = 256;

/// How the names of files end.
const SUFFIXES: [&str; 1] = [".data.xml"];

/// Why a sentence gives no row, or a word no span.
const BEYOND: &str = "its sense is beyond --max-candidates";
const SEVERAL_HYPERNYMS: &str = "its sense has several hypernyms";
const NO_SENSE: &str = "no word with a sense of the wordnet";
const OTHER_KEY: &str = "keys that are no sense of the word in the wordnet";

/// How rows are made.
struct Rows<'a> {
    lexicon: &'a Lexicon,
    pos: Vec<char>,
    most: usize,
    candidates: Candidates,
    /// What takes the place of synsets, if something does.
    hypernyms: Option<Hypernyms>,
}

/// What a run has made: the rows, their entities, and the files that were read.
pub(crate) struct Made {
    pub(crate) build: Build<LinkExample>,
    pub(crate) entities: Named,
    pub(crate) files: Vec<Input>,
}

/// Bytes of what is read, as stored; none if a pipe is among it.
pub(crate) fn bytes(args: &Args, wordnet: &Wordnet) -> Result<Option<u64>> {
    if args.reads_examples() {
        return Ok(Some(sources::bytes(&wordnet.synsets)));
    }
    let lists = args.files.by_split().into_iter();
    let mut all = Vec::new();
    for paths in lists.chain([&args.text]) {
        all.extend(inputs::find(paths, &SUFFIXES, &args.out, true)?);
    }
    Ok(inputs::total_bytes(&all))
}

/// Makes the rows of the wordnet's examples, or of files.
pub(crate) fn build(
    args: &Args,
    (wordnet, facts): (&Wordnet, Option<&Dataset>),
    out: OutputDir,
    read: &Arc<AtomicU64>,
) -> Result<Made> {
    let (mut files, places) = files(args)?;
    let errors = Errors::new(args.build.errors.max_errors, args.build.run.quiet);
    let mut build = Build::create(out, Vec::new(), places, args.group_by(), errors)?;
    let mut entities = Named::default();
    let rows = Rows {
        lexicon: &wordnet.lexicon,
        pos: args.pos(),
        most: args.max_candidates.into(),
        candidates: args.candidates,
        hypernyms: facts.map(hypernyms).transpose()?,
    };
    let mut side = Vec::new();
    for (file, input) in files.iter().enumerate() {
        let make = |told| rows.of_tagged(told);
        gold::read((input, &mut side), &make, read, &mut |name, outcome| {
            build.add((file, name), outcome, |split, row| entities.add(split, row))
        })?;
    }
    if args.reads_examples() {
        pipeline::ordered(
            args.build.run.threads(),
            |send| synsets(wordnet, send),
            |batch| {
                let synsets = batch.iter();
                synsets
                    .flat_map(|synset| rows.of_synset(synset))
                    .collect::<Vec<_>>()
            },
            |outcomes| {
                for outcome in outcomes {
                    build.add((0, "synsets"), outcome, |split, row| {
                        entities.add(split, row);
                    })?;
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
    }
    if args.reads_examples() {
        read.fetch_add(sources::bytes(&wordnet.synsets), Ordering::Relaxed);
    }
    files.extend(side);
    Ok(Made {
        build,
        entities,
        files,
    })
}

fn hypernyms(facts: &Dataset) -> Result<Hypernyms> {
    let mut hypernyms = Hypernyms::default();
    for row in facts.rows::<Fact>(Split::Train)? {
        hypernyms.add_fact(&row?);
    }
    Ok(hypernyms)
}

/// The files, and where the rows of each go; those of the examples at last.
fn files(args: &Args) -> Result<(Vec<Input>, Vec<Place>)> {
    let splitter = Place::Hash(args.build.splitter());
    let (mut files, mut places) = (Vec::new(), Vec::new());
    let named = Split::ALL.map(Place::Given);
    let lists = args.files.by_split().into_iter().zip(named);
    for (paths, place) in [(&args.text, splitter)].into_iter().chain(lists) {
        for input in inputs::find(paths, &SUFFIXES, &args.out, args.build.run.quiet)? {
            files.push(input);
            places.push(place);
        }
    }
    if args.reads_examples() {
        places.push(splitter);
    }
    Ok((files, places))
}

/// The synsets, some at a time.
fn synsets(wordnet: &Wordnet, send: &mut dyn FnMut(Vec<Synset>) -> ControlFlow<()>) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    for row in wordnet.synsets.rows::<Synset>(Split::Train)? {
        batch.push(row?);
        if batch.len() == BATCH && send(std::mem::take(&mut batch)).is_break() {
            return Ok(());
        }
    }
    let _ = send(batch);
    Ok(())
}

/// The letter of a synset's part of speech; satellites are adjectives.
fn letter(pos: &str) -> char {
    match pos.chars().next() {
        Some('s') => 'a',
        other => other.unwrap_or_default(),
    }
}

impl Rows<'_> {
    fn of_synset(&self, synset: &Synset) -> Vec<Outcome<LinkExample>> {
        let pos = letter(&synset.pos);
        if !self.pos.contains(&pos) {
            return Vec::new();
        }
        let rows = examples(self.lexicon, synset).map(|example| {
            let lost = |reason| {
                Outcome::Lost(Reject {
                    source: Some("synsets".into()),
                    doc_id: Some(synset.id.clone()),
                    index: Some(example.number as u64),
                    reason,
                    ..Reject::default()
                })
            };
            let (token, word) = match example.own {
                OwnWord::At { token, word } => (token, word),
                OwnWord::Missing => return lost(MISSING),
                OwnWord::Several => return lost(SEVERAL),
            };
            let found = self.span((token, token), &lemma(&synset.word[word]), pos, &synset.id);
            let span = match found {
                Ok(span) => span,
                Err(reason) => return lost(reason),
            };
            let place = (synset.id.as_str(), example.number as u64);
            let row = link_row(place, &example.text, example.token, &[span]);
            Outcome::Row(Position::default(), row)
        });
        rows.collect()
    }

    /// A span, or why there is none.
    fn span(
        &self,
        (start, end): (usize, usize),
        lemma: &str,
        pos: char,
        synset: &str,
    ) -> Result<LinkSpan, &'static str> {
        let mut candidates = sense_candidates(self.lexicon, lemma, pos, self.most);
        if !candidates.iter().any(|(id, _)| id == synset) {
            return Err(BEYOND);
        }
        let mut entity = synset.to_owned();
        if let Some(hypernyms) = &self.hypernyms {
            let [hypernym] = hypernyms.of(synset)[..] else {
                return Err(SEVERAL_HYPERNYMS);
            };
            hypernym.clone_into(&mut entity);
            candidates = hypernyms.merged(&candidates);
        }
        if self.candidates == Candidates::None {
            candidates.clear();
        }
        Ok(LinkSpan {
            start,
            end,
            entity,
            candidates,
        })
    }

    fn of_tagged(&self, told: Told) -> Vec<Outcome<LinkExample>> {
        let TaggedSentence {
            doc_id,
            number,
            text,
            token,
            gold,
            ..
        } = told.sentence;
        let (mut spans, mut outcomes) = (Vec::new(), Vec::new());
        for sense in gold {
            let pos = pos_of_key(&sense.key);
            if !self.pos.contains(&pos) {
                continue;
            }
            let mut senses = self.lexicon.senses(&sense.lemma, pos).iter();
            let found = senses.find(|known| self.lexicon.key(known) == sense.key);
            let Some(found) = found else {
                outcomes.push(Outcome::Within(OTHER_KEY, 1));
                continue;
            };
            let synset = self.lexicon.synset_id(found);
            match self.span((sense.start, sense.end), &sense.lemma, pos, synset) {
                Ok(span) => spans.push(span),
                Err(reason) => outcomes.push(Outcome::Within(reason, 1)),
            }
        }
        outcomes.push(if spans.is_empty() {
            Outcome::Lost(Reject {
                source: Some(told.source),
                doc_id: Some(doc_id),
                index: Some(number),
                reason: NO_SENSE,
                ..Reject::default()
            })
        } else {
            let row = link_row((&doc_id, number), &text, token, &spans);
            Outcome::Row(told.position, row)
        });
        outcomes
    }
}

/// The part of speech in a sense key: `lemma%type:…`.
fn pos_of_key(key: &str) -> char {
    let kind = key
        .rsplit_once('%')
        .and_then(|(_, rest)| rest.chars().next());
    match kind {
        Some('1') => 'n',
        Some('2') => 'v',
        Some('3' | '5') => 'a',
        Some('4') => 'r',
        _ => ' ',
    }
}
