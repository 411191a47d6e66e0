//! `kprep task openentity` and `kprep task figer`: the types of a mention.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{Blocks, Classes, Fault, FigerMentions, FigerSentence, Typing};
use kprep_schemas::{Card, GroupBy, TypingExample};
use serde_json::json;

use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::read::{At, Source};
use crate::sources::task::session::Session;

/// OpenEntity: the types of a mention, nine general ones.
///
/// Example: kprep task openentity train.json dev.json test.json --out data/openentity
///
/// Give train.json, dev.json and test.json as the authors of ERNIE (thunlp/ERNIE, "annotated
/// datasets") prepared them, with sent, labels, start and end in code points; K-Adapter uses the
/// same. The files of the ultra-fine set itself (`uwnlp/open_type`: `y_str`, `mention_span` …) are
/// read, too: --labels with the nine names keeps these types alone.
#[derive(Debug, clap::Args)]
pub(super) struct OpenEntity {
    #[command(flatten)]
    typing: TypingArgs,
}

/// FIGER: the types of a mention, 113 fine ones.
///
/// Example: kprep task figer train.json dev.json test.json --out data/figer
///
/// Give train.json, dev.json and test.json as the authors of ERNIE (thunlp/ERNIE, "annotated
/// datasets") prepared them, or FIGER's own files (xiaoling/figer): the gold file (exp.label, a
/// word and its tag a line) with --test-file, and the training file (train.data.gz, serialized
/// protocol buffers). Give its types.map as --labels to have all its types: the training file names
/// those of Freebase, which types.map translates. A mention of the training file without a type in
/// --labels is left out, as FIGER's own program does; that trains on sentences of 15 to 50 words
/// alone, here all are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Figer {
    #[command(flatten)]
    typing: TypingArgs,
}

#[derive(Debug, clap::Args)]
struct TypingArgs {
    #[command(flatten)]
    files: FileArgs,

    /// The types in label order, as a JSON object with their numbers, a JSON list, one a line, or
    /// FIGER's types.map, which also translates Freebase's types; other types are left out of the
    /// rows and counted [default: those of the files, by name]
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    labels: Option<PathBuf>,

    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn open_entity(args: &OpenEntity, command_line: Vec<String>) -> Result<ExitCode> {
    let card = Card {
        title: "OpenEntity".into(),
        summary:
            "The types of a mention in a sentence; a mention can have several, or none. The usual \
                  score is the micro F1 over mentions and types."
                .into(),
        license: "other",
        source: "OpenEntity, the ultra-fine entity typing dataset; in JSON with nine types as prepared for ERNIE. No \
                 licence is stated for the data.",
        citations: &[citations::ULTRA_FINE, citations::ERNIE],
        task_categories: &["token-classification"],
        ..Card::default()
    };
    let formats = "the JSON of ERNIE's authors, or of the ultra-fine set";
    run(
        ("task openentity", formats),
        &args.typing,
        card,
        command_line,
    )
}

pub(super) fn figer(args: &Figer, command_line: Vec<String>) -> Result<ExitCode> {
    let card = Card {
        title: "FIGER".into(),
        summary: "The fine-grained types of a mention in a sentence; a mention can have several. The usual \
                  scores are strict accuracy, loose macro F1 and loose micro F1."
            .into(),
        license: "other",
        source: "FIGER, under its own licence; in JSON as prepared for ERNIE, or its own files.",
        citations: &[citations::FIGER, citations::ERNIE],
        task_categories: &["token-classification"],
        ..Card::default()
    };
    let formats = "the JSON of ERNIE's authors, or FIGER's own files";
    run(("task figer", formats), &args.typing, card, command_line)
}

fn run(
    (command, formats): (&'static str, &'static str),
    args: &TypingArgs,
    card: Card,
    command_line: Vec<String>,
) -> Result<ExitCode> {
    let suffixes = [".json", ".jsonl", ".label", ".data"];
    let to = args.out.of(command, formats);
    let files = args.files.find(&suffixes, &to)?;
    let passes = 1 + u64::from(args.labels.is_none());
    let mut session = Session::begin(to, files, passes, command_line)?;
    let classes = match &args.labels {
        Some(path) => session.classes(path)?,
        None => classes(&session)?,
    };
    let mut build = session.build(classes.names().to_vec(), GroupBy::Sentence)?;
    mentions(
        &session.source(),
        |at, number, typing| row(at, number, typing, &classes),
        |place, outcome| build.add(place, outcome, |_, _| {}),
    )?;
    let mut arguments = args.files.describe();
    arguments.insert("labels".into(), json!(args.labels.is_some()));
    let unit = ("mentions", GroupBy::Sentence);
    session.finish(arguments, unit, build, card)
}

/// First pass: the types that occur.
fn classes(session: &Session<'_>) -> Result<Classes> {
    let mut errors = session.silent_errors();
    let mut names = BTreeSet::new();
    mentions(
        &session.source(),
        |at, _, typing| vec![at.outcome(typing.map(|typing| typing.types))],
        |_, outcome| {
            match outcome {
                Outcome::Row(_, types) => names.extend(types),
                Outcome::Broken(message) => errors.file(&message)?,
                _ => {}
            }
            Ok(())
        },
    )?;
    Ok(Classes::new(names))
}

/// Every mention of all files, with its number in its record.
fn mentions<R: Send>(
    source: &Source<'_>,
    work: impl Fn(At<'_>, u64, Result<Typing, Fault>) -> Vec<Outcome<R>> + Sync,
    mut consume: impl FnMut((usize, &str), Outcome<R>) -> Result<()>,
) -> Result<()> {
    for file in source.all() {
        // First: the length of a mention can be the number of a bracket.
        if source.starts(file, FigerMentions::<&[u8]>::recognises)? {
            source.text(
                file,
                |content, take| FigerMentions::new(content).try_for_each(take),
                |at, mention| work(at, 0, mention),
                &mut consume,
            )?;
            continue;
        }
        if source.is_json(file)? {
            let work =
                |at: At<'_>, json: Result<&[u8], Fault>| work(at, 0, json.and_then(Typing::parse));
            source.json(&[file], work, &mut consume)?;
            continue;
        }
        source.text(
            file,
            |content, take| Blocks::new(content).try_for_each(take),
            |at, lines: Result<Vec<String>, Fault>| match lines
                .and_then(|lines| FigerSentence::parse(&lines))
            {
                Ok(sentence) => (0..)
                    .zip(sentence.typings())
                    .flat_map(|(number, typing)| work(at, number, Ok(typing)))
                    .collect(),
                Err(fault) => work(at, 0, Err(fault)),
            },
            &mut consume,
        )?;
    }
    Ok(())
}

fn row(
    at: At<'_>,
    number: u64,
    typing: Result<Typing, Fault>,
    classes: &Classes,
) -> Vec<Outcome<TypingExample>> {
    let place = [at.file as u64, at.position.record, number];
    match typing.and_then(|typing| typing.row(place, classes)) {
        Ok((row, lost)) => vec![
            at.outcome(Ok(row)),
            Outcome::Within("types that are not in --labels", lost),
        ],
        Err(fault) => vec![at.outcome(Err(fault))],
    }
}
