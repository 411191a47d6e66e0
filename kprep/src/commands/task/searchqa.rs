//! `kprep task searchqa`: questions of Jeopardy! with snippets of a search engine.

use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::SearchQa;
use kprep_schemas::{Card, GroupBy, QuestionExample};

use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::read::{At, Json};
use crate::sources::task::session::Session;

/// SearchQA: questions of Jeopardy!, the answer, and what a search engine found on them.
///
/// Example: kprep task searchqa train/ val/ test/ --out data/searchqa
///
/// Give the folders of the authors' raw JSON (nyu-dl/dl4ir-searchQA: one file a question with
/// `search_results`), or MRQA's JSON Lines (mrqa/MRQA-Shared-Task-2019), whose files are called
/// alike for train and dev: name them with --train-file and --validation-file.
///
/// Places of answers are found by distant supervision: wherever the words of an answer are in a
/// paragraph, in lower case, without punctuation and articles, as SQuAD's score compares them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let suffixes = [".json", ".jsonl", ".zip"];
    let to = args
        .out
        .of("task searchqa", "SearchQA's JSON, or MRQA's JSON Lines");
    let files = args.files.find(&suffixes, &to)?;
    let mut session = Session::begin(to, files, 1, command_line)?;
    let mut build = session.build(Vec::new(), GroupBy::Sentence)?;
    let source = session.source();
    source.json(&source.all(), rows, |place, outcome| {
        build.add(place, outcome, |_, _| {})
    })?;
    let unit = ("questions", GroupBy::Sentence);
    session.finish(args.files.describe(), unit, build, card())
}

fn rows(at: At<'_>, json: Json<'_>) -> Vec<Outcome<QuestionExample>> {
    let record = match json.and_then(SearchQa::parse) {
        Ok(record) => record,
        Err(fault) => return vec![at.outcome(Err(fault))],
    };
    let rows = record.rows().into_iter();
    let mut outcomes: Vec<_> = rows
        .flat_map(|row| {
            let found = row.as_ref().is_ok_and(|row| row.answer_start.is_empty());
            let unfound =
                Outcome::Within("questions whose answer stands nowhere", u64::from(found));
            [at.outcome(row), unfound]
        })
        .collect();
    let bare = record.bare_hits();
    outcomes.push(Outcome::Within("search results without a snippet", bare));
    outcomes
}

fn card() -> Card {
    Card {
        title: "SearchQA".into(),
        summary: "Questions of Jeopardy! with their answer and the snippets that a search engine found. \
                  `answer_paragraph`, `answer_start` and `answer_end` are the places where the answer's \
                  words stand (distant supervision): lower case, without ASCII punctuation and the \
                  articles a, an and the. Questions whose answer stands nowhere stay. The usual scores are \
                  exact match and token F1 after the same normalisation."
            .into(),
        license: "other",
        source: "SearchQA: questions from the J! Archive, snippets from the web, whose owners keep their rights; in \
                 JSON Lines from the MRQA 2019 shared task.",
        citations: &[citations::SEARCH_QA, citations::MRQA],
        limits: vec![
            "Nobody marked where the answer is meant: a place is wherever its words stand.".into(),
        ],
        task_categories: &["question-answering"],
        ..Card::default()
    }
}
