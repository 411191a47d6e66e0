//! What the card of a relation set says.

use std::fmt::Write;

use kprep_schemas::{Card, RelationCount, thousands};

/// The card of a set with these relations.
pub(super) fn card(relations: &[RelationCount], languages: Vec<String>) -> Card {
    let mut details = String::from(
        "## Relations\n\n| label | relation | name | pairs | train | validation | test |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in relations {
        let _ = writeln!(
            details,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.label,
            row.relation,
            row.name.as_deref().unwrap_or(""),
            thousands(row.pairs as u64),
            thousands(row.train as u64),
            thousands(row.validation as u64),
            thousands(row.test as u64),
        );
    }
    details.push('\n');
    Card {
        title: "Relation classification from T-REx".into(),
        summary: "Sentences of Wikipedia abstracts in which a subject and an object stand that \
                  Wikidata relates, as T-REx aligned them. One row is one fact at one place: the \
                  same fact found by several aligners is one row with a list of them, and a pair \
                  of mentions with several relations is several rows."
            .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: "T-REx (Elsahar et al., LREC 2018), CC BY-SA 4.0; its text is Wikipedia's (CC \
                 BY-SA), its facts are Wikidata's (CC0). The bundled sample of this project is \
                 CC0.",
        task_categories: &["text-classification"],
        details,
    }
}
