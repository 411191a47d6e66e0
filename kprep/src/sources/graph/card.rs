//! What the cards of a graph's tables say.

use kprep_schemas::{Card, InputFile};

use super::args::{Args, Format};
use crate::build::citations;

/// What the tables were made of.
pub(crate) struct Origin {
    pub(crate) format: Format,
    pub(crate) inputs: Vec<InputFile>,
    /// Languages of the names, where they are known.
    pub(crate) languages: Vec<String>,
}

fn card(of: &Origin, title: &str, summary: String, command_line: &[String]) -> Card {
    let limits = match of.format {
        Format::Umls => vec![
            "Of a relation and its inverse one is there: facts about the tail are found under the other's name."
                .to_owned(),
            "UMLS may not be passed on: what is made of it stays with those who have a licence of their own."
                .to_owned(),
        ],
        Format::Obo => vec![
            "Facts may lead to terms of other files, which are no concepts here: the funnel counts them."
                .to_owned(),
            "Obsolete terms are left out.".to_owned(),
        ],
        Format::Triples | Format::Openke => vec![
            "The names of the source are the ids. Labels are the same with blanks for underscores.".to_owned(),
        ],
        Format::Wikidata => vec![
            "Facts are the statements whose value is an item, without their qualifiers and without deprecated ones. \
             Statements about items that are not in the tables are lost, as the funnel counts."
                .to_owned(),
            "Relations are labels of properties. Kinds are the ids of classes.".to_owned(),
        ],
    };
    let is_wikidata = of.format == Format::Wikidata;
    let (license, source) = if is_wikidata {
        (
            "cc0-1.0",
            "Wikidata, CC0, from the tables that `manifest.json` names.",
        )
    } else {
        (
            "other",
            "A knowledge graph, from the files named here and under their terms.",
        )
    };
    let citations: &[_] = if is_wikidata {
        &[citations::WIKIDATA]
    } else {
        &[]
    };
    Card {
        title: title.into(),
        summary,
        languages: of.languages.clone(),
        license,
        source,
        citations,
        task_categories: &["other"],
        limits,
        command_line: command_line.to_vec(),
        ..Card::default()
    }
}

pub(crate) fn concepts(of: &Origin, command_line: &[String]) -> Card {
    let summary = "A concept a row: its names, its kinds, what it is, and how many facts it is in.";
    card(of, "Concepts of a graph", summary.into(), command_line)
}

pub(crate) fn facts(args: &Args, of: &Origin, relations: usize, command_line: &[String]) -> Card {
    let summary = format!(
        "A fact a row, by the ids of its concepts and the source's name of the relation, of which there are \
         {relations}. Each fact is there once."
    );
    let mut card = card(of, "Facts of a graph", summary, command_line);
    if args.split_by.is_some() {
        card.limits.push(
            "The splits are those of the source's own files: a fact of test may be in train with its inverse relation."
                .to_owned(),
        );
    }
    card
}
