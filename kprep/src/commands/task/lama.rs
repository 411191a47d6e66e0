//! `kprep task lama`: what a language model knows by itself.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{Fault, LamaFact, LamaRelation, google_re_template};
use kprep_schemas::{Card, ClozeExample, GroupBy};
use serde_json::{Map, Value, json};

use crate::sources::task::build::Outcome;
use crate::sources::task::citations;
use crate::sources::task::files::Files;
use crate::sources::task::out::OutArgs;
use crate::sources::task::read::{At, Json};
use crate::sources::task::session::Session;

/// LAMA: facts of T-REx and Google-RE as cloze queries, with the object masked.
///
/// Example: kprep task lama LAMA/ --vocabulary words.txt --out data/lama
///
/// Give relations.jsonl (the templates) and the files of facts (facebookresearch/LAMA:
/// `TREx/*.jsonl`, `Google_RE/*_test.jsonl`), or the folder with all of them. A fact becomes a row
/// by its relation's template and a row for each sentence that tells it (`source` says which); a
/// sentence with no mask or several is lost. All rows go into the test split.
///
/// --vocabulary leaves the facts whose object every model can say in one word, as the published
/// scores want it. --uhn leaves out the facts whose object is in the subject's name: the first of
/// the two filters of LAMA-UHN. The second one asks BERT whether the name sounds like the object
/// (of `place_of_birth`, `place_of_death`, P19, P20, P27, P103 and P1412): `ktrain probe
/// --uhn-names` applies it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files and folders
    #[arg(value_name = "FILE", required = true, help_heading = "Input")]
    files: Vec<PathBuf>,

    /// Keep facts whose object is one of these words, a line each (LAMA: `common_vocab_cased.txt`)
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    vocabulary: Option<PathBuf>,

    /// Leave out facts whose object is in the subject's name
    #[arg(long, help_heading = "Rows")]
    uhn: bool,

    #[command(flatten)]
    out: OutArgs,
}

/// What facts are held against.
struct Filter {
    templates: HashMap<String, String>,
    vocabulary: Option<HashSet<String>>,
    uhn: bool,
}

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let to = args
        .out
        .of("task lama", "LAMA's relations and facts in JSON Lines");
    let files = Files::test_only(&args.files, &[".jsonl"], &to)?;
    let mut session = Session::begin(to, files, 2, command_line)?;
    let vocabulary = match &args.vocabulary {
        Some(path) => {
            let words = session.side_file(path)?;
            Some(words.text()?.lines().map(str::to_owned).collect())
        }
        None => None,
    };
    let filter = Filter {
        templates: templates(&session)?,
        vocabulary,
        uhn: args.uhn,
    };
    let mut build = session.build(Vec::new(), GroupBy::Pair)?;
    let source = session.source();
    source.json(
        &source.all(),
        |at, json| rows(at, json, &filter),
        |place, outcome| build.add(place, outcome, |_, _| {}),
    )?;
    let arguments = json!({"vocabulary": args.vocabulary.is_some(), "uhn": args.uhn});
    let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
    let unit = ("questions", GroupBy::Pair);
    session.finish(arguments, unit, build, card(args.uhn))
}

/// First pass: the templates; facts are passed over.
fn templates(session: &Session<'_>) -> Result<HashMap<String, String>> {
    let source = session.source();
    let mut errors = session.silent_errors();
    let mut templates = HashMap::new();
    source.json(
        &source.all(),
        |at, json| {
            let relation = json.ok().and_then(template);
            relation.map(|r| at.outcome(Ok(r))).into_iter().collect()
        },
        |_, outcome| {
            match outcome {
                Outcome::Row(_, relation) => {
                    templates.insert(relation.relation, relation.template);
                }
                Outcome::Broken(message) => errors.file(&message)?,
                _ => {}
            }
            Ok(())
        },
    )?;
    Ok(templates)
}

fn template(json: &[u8]) -> Option<LamaRelation> {
    serde_json::from_slice(json).ok()
}

fn rows(at: At<'_>, json: Json<'_>, filter: &Filter) -> Vec<Outcome<ClozeExample>> {
    if json.as_ref().is_ok_and(|json| template(json).is_some()) {
        return Vec::new();
    }
    let fact = match json.and_then(LamaFact::parse) {
        Ok(fact) => fact,
        Err(fault) => return vec![at.outcome(Err(fault))],
    };
    let vocabulary = filter.vocabulary.as_ref();
    let lost = if vocabulary.is_some_and(|words| !words.contains(fact.object())) {
        Some((
            "object outside the vocabulary",
            "facts whose object is outside the vocabulary",
        ))
    } else if filter.uhn && fact.tells_itself() {
        Some((
            "object in the subject's name",
            "facts whose object is in the subject's name",
        ))
    } else {
        None
    };
    if let Some((reason, facts)) = lost {
        let ids = fact.ids().into_iter();
        let lost = ids.map(|id| {
            let detail = format!("{id}: {}", fact.object());
            at.outcome(Err(Fault::new(reason, detail)))
        });
        return lost.chain([Outcome::Within(facts, 1)]).collect();
    }
    let relation = fact.relation();
    let template = filter.templates.get(relation).map(String::as_str);
    let rows = fact.rows(template.or_else(|| google_re_template(relation)));
    rows.into_iter().map(|row| at.outcome(row)).collect()
}

fn card(uhn: bool) -> Card {
    let filtered = if uhn {
        " Facts whose object stands in the subject's name are left out (the string match of LAMA-UHN; its \
         second filter asks BERT for names that tell a place or a language: ktrain probe --uhn-names)."
    } else {
        ""
    };
    Card {
        title: if uhn {
            "LAMA without telling names"
        } else {
            "LAMA"
        }
        .into(),
        summary: format!(
            "Facts as sentences with one `[MASK]` where the object stands, to ask a language model what it \
             knows without training it. The published score is P@1 over the common vocabulary, the mean of \
             the relations.{filtered}"
        ),
        license: "cc-by-nc-4.0",
        source: "LAMA, CC BY-NC 4.0, made from T-REx (CC BY-SA) and Google's relation extraction corpus.",
        citations: &[
            citations::LAMA,
            citations::E_BERT,
            crate::build::citations::TREX,
        ],
        task_categories: &["fill-mask"],
        ..Card::default()
    }
}
