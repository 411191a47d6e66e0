//! What the card of a set of pages says.

use kprep_schemas::{Card, thousands};

use super::loss::Counts;

pub(super) fn card(counts: &Counts, redirects: usize) -> Card {
    Card {
        title: "Wikipedia's text with its links".into(),
        summary:
            "Pages of a Wikipedia as plain text, with the places of sentences, words and links. A \
                  link's `mention_title` is the title of the page that it leads to, redirects \
                  followed. `redirects.parquet` has every redirect with the title behind it."
                .into(),
        license: "cc-by-sa-4.0",
        source: "The text is Wikipedia's (CC BY-SA 4.0; or DBpedia's copy of it), by the authors of \
                 the pages that `title` and `revision` name.",
        task_categories: &["text-generation"],
        details: format!(
            "## Counts\n\n| what | how many |\n|---|---|\n| pages | {} |\n| sentences | {} |\n| words | {} |\n\
             | mentions | {} |\n| redirects | {} |\n\n",
            thousands(counts.kept),
            thousands(counts.sentences),
            thousands(counts.words),
            thousands(counts.mentions),
            thousands(redirects as u64),
        ),
    }
}
