//! `kprep task cosmosqa`: questions that need common sense, four answers each.

use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{CosmosQa, CosmosQaRows, Fault};
use kprep_schemas::{Card, ChoiceExample, GroupBy};

use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::read::At;
use crate::sources::task::session::Session;

/// CosmosQA: which of four answers to a question on a short story is right.
///
/// Example: kprep task cosmosqa train.csv valid.csv --out data/cosmosqa
///
/// Give train.csv, valid.csv and test.csv (or .jsonl) of the authors' release (wilburOne/cosmosqa).
/// The test set has no labels. Where only valid.csv is there, --split-percent 80,10,10 makes three
/// splits of it that share no context. A row of the CSV is malformed if a quotation mark in it is
/// not closed where it should be, or if it has more than 16 MiB.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let suffixes = [".csv", ".jsonl", ".json"];
    let to = args.out.of(
        "task cosmosqa",
        "CosmosQA's CSV with a header, or JSON Lines",
    );
    let files = args.files.find(&suffixes, &to)?;
    let mut session = Session::begin(to, files, 1, command_line)?;
    let mut build = session.build(Vec::new(), GroupBy::Document)?;
    let source = session.source();
    for file in source.all() {
        let mut consume = |place: (usize, &str), outcome: Outcome<ChoiceExample>| {
            build.add(place, outcome, |_, _| {})
        };
        if source.is_json(file)? {
            let work = |at: At<'_>, json: Result<&[u8], Fault>| {
                vec![at.outcome(json.and_then(CosmosQa::parse).and_then(CosmosQa::row))]
            };
            source.json(&[file], work, &mut consume)?;
            continue;
        }
        source.text(
            file,
            |content, take| match CosmosQaRows::new(content) {
                Ok(mut rows) => rows.try_for_each(take),
                Err(error) => take(Err(error)),
            },
            |at, question: Result<CosmosQa, Fault>| {
                vec![at.outcome(question.and_then(CosmosQa::row))]
            },
            &mut consume,
        )?;
    }
    let unit = ("questions", GroupBy::Document);
    session.finish(args.files.describe(), unit, build, card())
}

fn card() -> Card {
    Card {
        title: "CosmosQA".into(),
        summary: "Questions on short stories from personal blogs whose answers do not stand in the text: \
                  four answers each, one of them right. The score is accuracy."
            .into(),
        license: "cc-by-4.0",
        source: "CosmosQA, CC BY 4.0; the stories are from the Spinn3r blog corpus.",
        citations: &[citations::COSMOS_QA],
        task_categories: &["multiple-choice"],
        ..Card::default()
    }
}
