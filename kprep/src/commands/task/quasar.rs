//! `kprep task quasar-t`: trivia questions with passages of the web.

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{Fault, QuasarContexts, QuasarQuestion};
use kprep_schemas::{Card, GroupBy, Position, QuestionExample, Reject};

use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::read::{At, Json};
use crate::sources::task::session::Session;

/// Quasar-T: trivia questions, the answer, and passages of ClueWeb09 that a search engine found.
///
/// Example: kprep task quasar-t short/ --out data/quasar-t
///
/// Give the files of questions and of contexts (bdhingra/quasar: `train_questions.json` and
/// `train_contexts.json` from the folder short or long, likewise dev and test), in any order: they
/// are matched by uid. All questions are held in memory, some 300 bytes each.
///
/// Places of answers are found by distant supervision: wherever the words of the answer are in a
/// paragraph, in lower case, without punctuation and articles, as SQuAD's score compares them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    out: OutArgs,
}

/// A question, and whether its contexts were met.
type Questions = HashMap<String, (QuasarQuestion, usize, bool)>;

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let to = args
        .out
        .of("task quasar-t", "Quasar-T's questions and contexts in JSON");
    let files = args.files.find(&[".json", ".jsonl"], &to)?;
    let mut session = Session::begin(to, files, 2, command_line)?;
    let mut build = session.build(Vec::new(), GroupBy::Sentence)?;
    let source = session.source();
    let mut order = Vec::new();
    let mut questions = Questions::new();
    source.json(&source.all(), question, |place, outcome| {
        let (file, name) = place;
        match outcome {
            Outcome::Row(position, question) if questions.contains_key(&question.uid) => {
                let detail = format!("id {:?}", question.uid);
                let reject = Reject::at(name, position, "id of an earlier record", detail);
                build.add(place, Outcome::Lost(reject), |_, _| {})?;
            }
            Outcome::Row(_, question) => {
                order.push(question.uid.clone());
                questions.insert(question.uid.clone(), (question, file, false));
            }
            Outcome::Lost(reject) => build.add(place, Outcome::Lost(reject), |_, _| {})?,
            Outcome::Broken(message) => build.add(place, Outcome::Broken(message), |_, _| {})?,
            Outcome::Within(..) => {}
        }
        Ok(())
    })?;
    let mut met = Vec::new();
    source.json(
        &source.all(),
        |at, json| contexts(at, json, &questions),
        |place, outcome| build.add(place, outcome, |_, row| met.push(row.id.clone())),
    )?;
    for uid in met {
        if let Some((_, _, met)) = questions.get_mut(&uid) {
            *met = true;
        }
    }
    for uid in order {
        if let Some((_, file, false)) = questions.get(&uid) {
            let name = &session.files.inputs[*file].name;
            let detail = format!("id {uid:?}");
            let reject = Reject::at(name, Position::default(), "no contexts", detail);
            build.add((*file, name), Outcome::Lost(reject), |_, _| {})?;
        }
    }
    let unit = ("questions", GroupBy::Sentence);
    session.finish(args.files.describe(), unit, build, card())
}

/// First pass: the questions; lines with contexts are passed over.
fn question(at: At<'_>, json: Json<'_>) -> Vec<Outcome<QuasarQuestion>> {
    match json.and_then(QuasarQuestion::parse) {
        Ok(question) => question.into_iter().map(|q| at.outcome(Ok(q))).collect(),
        Err(fault) => vec![at.outcome(Err(fault))],
    }
}

/// Second pass: the contexts; what is wrong with other lines was told in the first one.
fn contexts(at: At<'_>, json: Json<'_>, questions: &Questions) -> Vec<Outcome<QuestionExample>> {
    let Some(json) = json.ok().filter(|json| QuasarContexts::is(json)) else {
        return Vec::new();
    };
    let contexts = match QuasarContexts::parse(json) {
        Ok(contexts) => contexts,
        Err(fault) => return vec![at.outcome(Err(fault))],
    };
    let Some((question, _, _)) = questions.get(&*contexts.uid) else {
        let detail = format!("id {:?}", contexts.uid);
        let fault = Fault::new("contexts without a question", detail);
        return vec![at.outcome(Err(fault))];
    };
    let row = contexts.row(question);
    let unfound = u64::from(row.answer_start.is_empty());
    vec![
        at.outcome(Ok(row)),
        Outcome::Within("questions whose answer stands nowhere", unfound),
    ]
}

fn card() -> Card {
    Card {
        title: "Quasar-T".into(),
        summary: "Trivia questions with their answer and the passages that a search engine found, the best \
                  first. `answer_paragraph`, `answer_start` and `answer_end` are the places where the \
                  answer's words stand (distant supervision): lower case, without ASCII punctuation and the \
                  articles a, an and the. Questions whose answer stands nowhere stay. The usual scores are \
                  exact match and token F1 after the same normalisation."
            .into(),
        license: "other",
        source: "Quasar-T; passages are from ClueWeb09, whose terms hold for them.",
        citations: &[citations::QUASAR],
        limits: vec![
            "Nobody marked where the answer is meant: a place is wherever its words stand.".into(),
        ],
        task_categories: &["question-answering"],
        ..Card::default()
    }
}
