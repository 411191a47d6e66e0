//! `kprep task tacred`: TACRED, Re-TACRED and TACREV.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{Classes, Fault, Patch, TacredExample};
use kprep_schemas::{Card, GroupBy, Reject, RelationExample};
use serde_json::json;

use crate::datasets::relation_table::{RELATIONS, RelationTable};
use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::patches;
use crate::sources::task::read::{At, Json};
use crate::sources::task::session::Session;

/// The class of pairs without a relation.
const NONE: &str = "no_relation";

/// TACRED: which of 41 relations holds between two mentions, or none.
///
/// Example: kprep task tacred train.json dev.json test.json --out data/tacred
///
/// Give train.json, dev.json and test.json of the release (LDC2018T24, which the Linguistic Data
/// Consortium licenses), the JSON with `token`, `subj_start` and so on. With the label files of
/// Re-TACRED (`train_id2label.json` …) or of TACREV (`dev_patch.json`, `test_patch.json`), both on
/// the hosting site of their authors' code, as --patch, the set becomes one of these.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,

    /// Other relations for these ids: Re-TACRED's {id: relation}, which drops the ids that it does
    /// not list, or TACREV's [{id, relation}]. Can be given several times, a file a split
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    patch: Vec<PathBuf>,

    /// The relations in label order, as a JSON object with their numbers, a JSON list, or one a
    /// line; examples with another one are lost [default: `no_relation`, then those of the files by
    /// name]
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    labels: Option<PathBuf>,

    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let to = args.out.of("task tacred", "TACRED's JSON");
    let files = args.files.find(&[".json"], &to)?;
    let passes = 1 + u64::from(args.labels.is_none());
    let mut session = Session::begin(to, files, passes, command_line)?;
    let patch = patches::read(&mut session, &args.patch)?;
    let classes = match &args.labels {
        Some(file) => session.classes(file)?,
        None => classes(&session, patch.as_ref())?,
    };
    let mut relations = RelationTable::new(classes.names().len());
    let mut build = session.build(classes.names().to_vec(), GroupBy::Sentence)?;
    let mut met = HashSet::new();
    let source = session.source();
    source.json(
        &source.all(),
        |at, json| example(at, json, patch.as_ref(), &classes),
        |place, outcome| {
            build.add(place, outcome, |split, row| {
                relations.add(split, row);
                if patch.is_some() {
                    met.insert(row.id.clone());
                }
            })
        },
    )?;
    if let Some(patch) = &patch {
        let unmet = patch.entries().keys().filter(|id| !met.contains(*id));
        let unmet = Outcome::Within("ids of the patch without a row", unmet.count() as u64);
        build.add((0, ""), unmet, |_, _| {})?;
    }
    let table = relations.finish(classes.names(), |_| None);
    build.writer().write_table(RELATIONS, &table)?;
    let mut arguments = args.files.describe();
    arguments.insert("patch".into(), json!(kind(patch.as_ref())));
    arguments.insert("labels".into(), json!(args.labels.is_some()));
    let unit = ("examples", GroupBy::Sentence);
    let card = card(kind(patch.as_ref()));
    session.finish(arguments, unit, build, card)
}

/// First pass: the relations that occur.
fn classes(session: &Session<'_>, patch: Option<&Patch>) -> Result<Classes> {
    let source = session.source();
    let mut errors = session.silent_errors();
    let mut names = BTreeSet::new();
    source.json(
        &source.all(),
        |at, json| {
            let relation = json.and_then(parse).map(|example| {
                let relation = relation_of(&example, patch);
                relation.map(str::to_owned)
            });
            vec![at.outcome(relation)]
        },
        |_, outcome| {
            match outcome {
                Outcome::Row(_, relation) => names.extend(relation),
                Outcome::Broken(message) => errors.file(&message)?,
                _ => {}
            }
            Ok(())
        },
    )?;
    let none = names.take(NONE);
    Ok(Classes::new(none.into_iter().chain(names)))
}

fn parse(json: &[u8]) -> Result<TacredExample<'_>, Fault> {
    serde_json::from_slice(json).map_err(Fault::malformed)
}

fn relation_of<'a>(example: &'a TacredExample<'_>, patch: Option<&'a Patch>) -> Option<&'a str> {
    let relation = &*example.relation;
    patch.map_or(Some(relation), |patch| {
        patch.relation(&example.id, relation)
    })
}

fn example(
    at: At<'_>,
    json: Json<'_>,
    patch: Option<&Patch>,
    classes: &Classes,
) -> Vec<Outcome<RelationExample>> {
    let example = match json.and_then(parse) {
        Ok(example) => example,
        Err(fault) => return vec![at.outcome(Err(fault))],
    };
    let lost = |reason, detail: String| {
        vec![Outcome::Lost(Reject::at(
            at.source,
            at.position,
            reason,
            detail,
        ))]
    };
    let id = &example.id;
    let Some(relation) = relation_of(&example, patch) else {
        return lost("not in the patch", format!("id {id}"));
    };
    let Some(label) = classes.number(relation) else {
        return lost("relation not in --labels", format!("id {id}: {relation}"));
    };
    let changed = u64::from(relation != example.relation);
    vec![
        at.outcome(example.row(relation, label)),
        Outcome::Within("relations changed by the patch", changed),
    ]
}

fn kind(patch: Option<&Patch>) -> Option<&'static str> {
    patch.map(|patch| match patch {
        Patch::ReTacred(_) => "Re-TACRED",
        Patch::TacRev(_) => "TACREV",
    })
}

fn card(patch: Option<&'static str>) -> Card {
    let patched = patch.map_or_else(String::new, |patch| {
        format!(" Relations are those of {patch}.")
    });
    Card {
        title: patch.unwrap_or("TACRED").into(),
        summary: format!(
            "Which relation holds between a subject and an object mention of a sentence from news and \
             the web; `no_relation` is a class. The usual score is the micro F1 without it. The \
             sentence is its words with blanks between them.{patched}"
        ),
        license: "other",
        source: "TACRED, LDC2018T24, under the licence of the Linguistic Data Consortium: it may not be passed \
                 on.",
        citations: match patch {
            None => &[citations::TACRED],
            Some("TACREV") => &[citations::TACRED, citations::TACREV],
            Some(_) => &[citations::TACRED, citations::RE_TACRED],
        },
        task_categories: &["text-classification"],
        ..Card::default()
    }
}
