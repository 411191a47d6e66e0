//! `kprep task semeval`: SemEval-2010 Task 8.

use std::process::ExitCode;

use anyhow::Result;
use kprep_ingest::task::{Blocks, Classes, Fault, SemEval, semeval_classes};
use kprep_schemas::{Card, GroupBy, RelationExample};

use crate::datasets::relation_table::{RELATIONS, RelationTable};
use crate::sources::task::citations;
use crate::sources::task::files::FileArgs;
use crate::sources::task::out::OutArgs;
use crate::sources::task::session::Session;

/// SemEval-2010 Task 8: which of nine relations holds between two nominals, and in which direction.
///
/// Example: kprep task semeval train.txt test.txt --out data/semeval
///
/// Give `TRAIN_FILE.TXT` and `TEST_FILE_FULL.TXT` of the task's release
/// (`SemEval2010_task8_all_data`; `TEST_FILE.TXT` has no relations). e1 becomes the subject, e2 the
/// object.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn run(args: &Args, command_line: Vec<String>) -> Result<ExitCode> {
    let to = args.out.of("task semeval", "SemEval-2010 Task 8's text");
    let files = args.files.find(&[".txt"], &to)?;
    let mut session = Session::begin(to, files, 1, command_line)?;
    let classes = Classes::new(semeval_classes());
    let mut relations = RelationTable::new(classes.names().len());
    let mut build = session.build(classes.names().to_vec(), GroupBy::Sentence)?;
    let source = session.source();
    for file in source.all() {
        source.text(
            file,
            |content, take| Blocks::new(content).try_for_each(take),
            |at, lines| vec![at.outcome(lines.and_then(|lines| row(&lines, &classes)))],
            |place, outcome| build.add(place, outcome, |split, row| relations.add(split, row)),
        )?;
    }
    let table = relations.finish(classes.names(), |_| None);
    build.writer().write_table(RELATIONS, &table)?;
    let unit = ("examples", GroupBy::Sentence);
    session.finish(args.files.describe(), unit, build, card())
}

fn row(lines: &[String], classes: &Classes) -> Result<RelationExample, Fault> {
    let example = SemEval::parse(lines)?;
    let label = classes.number(&example.relation).ok_or_else(|| {
        Fault::malformed(format!(
            "{:?} is none of the task's 19 relations",
            example.relation
        ))
    })?;
    example.row(label)
}

fn card() -> Card {
    Card {
        title: "SemEval-2010 Task 8".into(),
        summary: "Which relation holds between two nominals of a sentence, and in which direction: \
                  nine relations in two directions each, and Other. The official score is the macro \
                  F1 of the nine relations with direction, without Other. `id` is the number that \
                  the task's scorer takes."
            .into(),
        license: "cc-by-3.0",
        source: "SemEval-2010 Task 8, CC BY 3.0. Words are cut as T-REx's are; the marks of the nominals are \
                 taken out.",
        citations: &[citations::SEMEVAL],
        task_categories: &["text-classification"],
        ..Card::default()
    }
}
