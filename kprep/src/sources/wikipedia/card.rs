//! What the card of a set of pages says.

use kprep_schemas::{Card, thousands};

use super::loss::Counts;
use crate::build::citations;

/// The terms of both tables.
const SOURCE: &str = "The text is Wikipedia's (CC BY-SA 4.0; or DBpedia's copy of it), by the authors of the pages \
                      that `title` and `revision` name.";

pub(crate) fn pages(counts: &Counts, languages: Vec<String>, command_line: Vec<String>) -> Card {
    Card {
        title: "Wikipedia's text with its links".into(),
        summary:
            "Pages of a Wikipedia as plain text, with the places of sentences, words and links. A \
                  link's `mention_title` is the title that it names; where that redirects is in the \
                  table of redirects."
                .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: SOURCE,
        task_categories: &["text-generation"],
        details: format!(
            "## Counts\n\n| what | how many |\n|---|---|\n| pages | {} |\n| sentences | {} |\n| words | {} |\n\
             | mentions | {} |\n\n",
            thousands(counts.kept),
            thousands(counts.sentences),
            thousands(counts.words),
            thousands(counts.mentions),
        ),
        limits: [
            "Templates are not carried out: what they would print (coordinates, units, pronunciations) is \
             not in the text. Tables, references, files and headings are left out.",
            "Sentences and words are found by rules, which err at abbreviations. Words of languages without \
             blanks are found by dictionaries, which do not know every name. Thai and Lao do not mark where \
             sentences end: what stands in one line may be one sentence.",
        ]
        .map(str::to_owned)
        .into(),
        citations: &[citations::WIKIPEDIA],
        command_line,
    }
}

pub(crate) fn redirects(languages: Vec<String>, command_line: Vec<String>) -> Card {
    Card {
        title: "Wikipedia's redirects".into(),
        summary: "Every redirect of a Wikipedia with the title that it leads to, which may redirect, too, \
                  even in a circle."
            .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: SOURCE,
        task_categories: &["other"],
        citations: &[citations::WIKIPEDIA],
        command_line,
        ..Card::default()
    }
}
