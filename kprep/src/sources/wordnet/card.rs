//! What the cards of a wordnet's tables say.

use kprep_schemas::{Card, languages};

use super::tables::Tables;
use crate::build::citations;

fn card(title: &str, summary: &str, tables: &Tables, command_line: &[String]) -> Card {
    let about = &tables.about;
    let notice = about.notice.join("\n");
    Card {
        title: format!("{title} of {}", about.name),
        summary: summary.into(),
        languages: languages([about.language.as_str()]),
        license: license(&notice),
        source: "A wordnet, from the files below and under the licence that they state, which is above. \
                 Princeton's WordNet may be used, copied, changed and passed on for any purpose as long as its notice \
                 is kept.",
        task_categories: &["other"],
        details: format!("## Licence of the source\n\n```text\n{}\n```\n\n", notice.trim()),
        limits: [
            "Words that differ in capitals alone share a sense: the first one of the synset is kept.",
            "Tag counts are those of the source. For Princeton's WordNet they come from a few old texts: most senses \
             have 0.",
        ]
        .map(str::to_owned)
        .into(),
        citations: &[citations::WORDNET],
        command_line: command_line.to_vec(),
    }
}

pub(crate) fn synsets(tables: &Tables, command_line: &[String]) -> Card {
    let mut card = card(
        "Synsets",
        "A synset a row: its words with their sense keys, which sense of its word each is, how often it was tagged, \
         definition, examples, and the lexicographer file (`SenseBERT` calls it supersense). Irregular forms of the \
         words are with them.",
        tables,
        command_line,
    );
    card.limits.push(
        "In WordNet's own format, every passage of a gloss in quotation marks is an example, and the definition ends \
         before the first one."
            .into(),
    );
    card
}

pub(crate) fn facts(tables: &Tables, command_line: &[String]) -> Card {
    let mut card = card(
        "Relations",
        "A relation a row, by the names of WN-LMF. Relations between synsets have the synsets' ids as head and tail, \
         those between words (antonyms, derivations) the words' sense keys. `hypernym` leads from a synset to the more \
         general one.",
        tables,
        command_line,
    );
    card.limits.push(
        "Most relations are there in both directions, each as a row of its own. `similar` between verbs is WordNet's \
         verb group."
            .into(),
    );
    card
}

/// The licence by the name of the Hugging Face hub, where the source gives an address that is known.
fn license(notice: &str) -> &'static str {
    let known = [
        ("creativecommons.org/licenses/by/4.0", "cc-by-4.0"),
        ("creativecommons.org/licenses/by-sa/4.0", "cc-by-sa-4.0"),
        ("creativecommons.org/publicdomain/zero/1.0", "cc0-1.0"),
    ];
    let mut known = known.iter();
    known
        .find(|(address, _)| notice.contains(address))
        .map_or("other", |(_, name)| name)
}
