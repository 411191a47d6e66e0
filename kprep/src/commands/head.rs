//! `kprep head`: a few records for people to read.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Concept, Dataset, DependencyExample, Entity, Fact,
    LabelExample, LinkExample, NO_HEAD, Page, PairExample, Property, QuestionExample, Record,
    Redirect, RelationExample, Split, Synset, Triple, TypingExample,
};

use crate::console;
use crate::datasets::relation_table::relation_names;
use crate::flags::SplitName;
use crate::report::preview::aligned::aligned;
use crate::report::preview::knowledge::{entity, page, property, triple};
use crate::report::preview::pair::{concept, pair};
use crate::report::preview::spans::{label, link};
use crate::report::preview::task::{choice, cloze, question, typing};
use crate::report::preview::wordnet::{fact, synset};

/// Print the first records of a dataset so that a person can read them.
///
/// Example: kprep head data/trex-rc -n 3
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    dir: PathBuf,

    /// How many records
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 5,
        help_heading = "Output"
    )]
    n: usize,

    /// Which split [default: the first one that has rows]
    #[arg(long, value_enum, help_heading = "Input")]
    split: Option<SplitName>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dataset = Dataset::open(&args.dir)?;
    match dataset.manifest.record.as_str() {
        RelationExample::NAME => {
            let names = relation_names(&dataset)?;
            print(args, &dataset, |row| relation(row, &names))?;
        }
        DependencyExample::NAME => print(args, &dataset, heads)?,
        AlignedPage::NAME => print(args, &dataset, aligned)?,
        Entity::NAME => print(args, &dataset, entity)?,
        Property::NAME => print(args, &dataset, property)?,
        Triple::NAME => print(args, &dataset, triple)?,
        Page::NAME => print(args, &dataset, page)?,
        Redirect::NAME => print(args, &dataset, |r: &Redirect| {
            format!("{} -> {}", r.title, r.target)
        })?,
        TypingExample::NAME => print(args, &dataset, typing)?,
        ChoiceExample::NAME => print(args, &dataset, choice)?,
        QuestionExample::NAME => print(args, &dataset, question)?,
        ClozeExample::NAME => print(args, &dataset, cloze)?,
        Synset::NAME => print(args, &dataset, synset)?,
        Fact::NAME => print(args, &dataset, fact)?,
        LabelExample::NAME => print(args, &dataset, label)?,
        LinkExample::NAME => print(args, &dataset, link)?,
        PairExample::NAME => print(args, &dataset, pair)?,
        Concept::NAME => print(args, &dataset, concept)?,
        other => bail!(
            "{}: no view of {other} records in this version",
            args.dir.display()
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn print<R: Record>(args: &Args, dataset: &Dataset, show: impl Fn(&R) -> String) -> Result<()> {
    let asked = |split: &Split| args.split.is_none_or(|name| Split::from(name) == *split);
    let Some(split) = dataset.manifest.splits().find(asked) else {
        let splits: Vec<_> = dataset.manifest.splits().map(Split::name).collect();
        let dir = args.dir.display();
        bail!(
            "{dir}: no rows there; splits with rows: {}",
            splits.join(", ")
        );
    };
    for row in dataset.rows::<R>(split)?.take(args.n) {
        // Its blank line belongs to a record.
        console::show_lines(&show(&row?))?;
    }
    Ok(())
}

/// The sentence with its mentions in brackets, and the fact under it.
fn relation(row: &RelationExample, names: &[Option<String>]) -> String {
    let mut text = String::new();
    for (i, c) in row.text.chars().chain(['\0']).enumerate() {
        let at = i as i32;
        if at == row.subj_char_end || at == row.obj_char_end {
            text.push(']');
        }
        if at == row.subj_char_start {
            text.push_str("[subject ");
        }
        if at == row.obj_char_start {
            text.push_str("[object ");
        }
        if c != '\0' {
            text.push(c);
        }
    }
    let name = row
        .label
        .and_then(|label| names.get(label as usize)?.as_deref());
    format!(
        "{text}\n  {} {} ({}) {} {}  [{}]  {}\n",
        row.subj_id,
        row.relation,
        name.unwrap_or("no English label"),
        row.obj_type,
        row.obj_id,
        row.aligners.join(", "),
        row.doc_id,
    )
}

/// One line a word: its number, itself, its label and its head.
fn heads(row: &DependencyExample) -> String {
    let title = row.sent_id.as_deref().unwrap_or(&row.id);
    let mut out = format!("{title} ({})\n", row.doc_id);
    let width = row
        .token
        .iter()
        .map(|token| token.chars().count())
        .max()
        .unwrap_or(0);
    for (i, token) in row.token.iter().enumerate() {
        let head = match row.head[i] {
            NO_HEAD => "no head".to_owned(),
            0 => "root".to_owned(),
            head => format!(
                "{} <- {head} {}",
                &row.deprel[i],
                &row.token[head as usize - 1]
            ),
        };
        let _ = writeln!(out, "  {:>3} {token:width$}  {head}", i + 1);
    }
    out
}
