//! What the card of a dataset of real and fake facts says.

use std::fmt::Write as _;

use kprep_align::facts::FactPairs;
use kprep_schemas::{Card, thousands};

use super::args::{Args, SplitBy};
use super::build::Counts;
use super::read::Tables;
use crate::build::citations;
use crate::datasets::source_card;

pub(crate) fn card(
    args: &Args,
    tables: &Tables,
    (pairs, counts): (&FactPairs, &Counts),
    command_line: Vec<String>,
) -> Card {
    Card {
        title: "Real and fake facts".into(),
        summary: format!(
            "Facts of a knowledge graph in words, of {} relations, each followed by facts that are not in the graph, \
             which were made of it by replacing the head or the tail. The task is to tell which ones are real. The \
             objective is `bert-mk`.",
            pairs.relation_count()
        ),
        languages: tables.concepts.manifest.languages.clone(),
        license: source_card::license(&[tables.concepts.clone(), tables.facts.clone()]),
        source: "Names and facts are those of the graph whose tables are named here, and stand under its terms. What \
                 is made of UMLS may not be passed on.",
        task_categories: &["text-classification"],
        details: details(pairs, counts),
        limits: limits(args),
        citations: &[citations::BERT_MK],
        command_line,
    }
}

fn details(pairs: &FactPairs, counts: &Counts) -> String {
    let mut details = String::from("## Rows by their origin\n\n| row | rows |\n|---|---|\n");
    let [slot, kind, random] = counts.drawn;
    for (name, count) in [
        ("real", pairs.kept.len() as u64),
        ("fake: a concept in this place of the relation", slot),
        ("fake: a concept of the same type", kind),
        ("fake: a random concept", random),
    ] {
        if count > 0 {
            let _ = writeln!(details, "| {name} | {} |", thousands(count));
        }
    }
    details.push('\n');
    details
}

fn limits(args: &Args) -> Vec<String> {
    let mut limits = vec![
        "This adapter learns BERT-MK's objective from BERT-MK's kind of source on a frozen encoder. It is not \
         BERT-MK: BERT-MK trained its encoder. Compare the rows of its table with each other, not with BERT-MK's \
         paper."
            .to_owned(),
        around(args),
        "A fake fact is not in the graph. It may be true all the same: no graph is complete.".to_owned(),
    ];
    if args.split_by == SplitBy::Source {
        limits.push(
            "The splits are the source's own: a fact of test may be in train with its inverse relation. The funnel \
             counts pairs of concepts in several splits."
                .to_owned(),
        );
    }
    limits
}

/// What of the graph around a fact is in its row.
fn around(args: &Args) -> String {
    let original = "BERT-MK learns vectors of concepts from subgraphs, and puts them into the encoder. Here a fact is text, and";
    match args.neighbours {
        0 => format!("{original} nothing of the graph around it is."),
        most => format!(
            "{original} of the graph around it there are at most {most} facts that lead to the head and {most} that \
             start from it, before the head in `first`. They are of the train split alone, and none is of the two \
             concepts of the row, nor of those of the fact that a fake one was made of."
        ),
    }
}
