//! What the card of aligned pages says.

use kprep_schemas::Card;

use crate::build::citations;

pub(crate) fn card(languages: Vec<String>, command_line: Vec<String>) -> Card {
    Card {
        title: "Wikipedia aligned with Wikidata".into(),
        summary:
            "Pages of Wikipedia with the entities in their text and the facts of Wikidata that \
                  hold between entities of one sentence, as T-REx's three aligners find them. One \
                  row is one page; mentions and triples are lists, a column each, and triples name \
                  their mentions by number. `kprep trex` makes a relation dataset of it."
                .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: "Text of Wikipedia (CC BY-SA 4.0), facts of Wikidata (CC0); the method is T-REx's \
                 (Elsahar et al., LREC 2018).",
        task_categories: &["text-classification"],
        limits: [
            "That a sentence mentions two entities with a fact does not mean that it states the fact.",
            "Only links tell for certain what is meant; names of linked items stand for them \
             throughout a page.",
            "Facts about dates come from the JSON dump of Wikidata alone.",
        ]
        .map(str::to_owned)
        .into(),
        citations: &[citations::TREX, citations::WIKIDATA, citations::WIKIPEDIA],
        command_line,
        ..Card::default()
    }
}
