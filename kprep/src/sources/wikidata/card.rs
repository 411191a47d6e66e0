//! What the cards of Wikidata's tables say.

use kprep_schemas::{Card, languages};

use crate::build::citations;

/// `chain` is that of `--lang`.
fn card(title: &str, summary: &str, chain: &[String], command_line: &[String]) -> Card {
    Card {
        title: title.into(),
        summary: summary.into(),
        languages: languages(chain.iter().map(String::as_str)),
        license: "cc0-1.0",
        source: "Wikidata, CC0, from the dump that `manifest.json` names.",
        task_categories: &["other"],
        limits: [
            "Wikidata is edited by everyone every minute: the rows are those of one dump, errors \
             included. References are left out.",
            "Of several labels, each item has one: that of the first language of the chain that has \
             one. Texts of statements are in whatever language they were stated in.",
        ]
        .map(str::to_owned)
        .into(),
        citations: &[citations::WIKIDATA],
        command_line: command_line.to_vec(),
        ..Card::default()
    }
}

pub(crate) fn entities(chain: &[String], command_line: &[String]) -> Card {
    card(
        "Items of Wikidata",
        "The items of a dump of Wikidata: what each is called in the chosen languages, what it is \
         (`instance_of`), and the title of its page on the chosen site.",
        chain,
        command_line,
    )
}

pub(crate) fn triples(chain: &[String], command_line: &[String]) -> Card {
    card(
        "Statements of Wikidata",
        "The statements of a dump of Wikidata, a row each. The value is in the columns of its kind: \
         `object_id` for items, `text` (with `lang`) for strings, ids and addresses, `time` with its \
         precision and calendar, `amount` with its unit and bounds, `latitude` and `longitude`. \
         Qualifiers are three lists of the same length.",
        chain,
        command_line,
    )
}

pub(crate) fn properties(chain: &[String], command_line: &[String]) -> Card {
    card(
        "Properties of Wikidata",
        "The properties of a dump of Wikidata: what each is called in the chosen languages, and the \
         kind of its values.",
        chain,
        command_line,
    )
}
