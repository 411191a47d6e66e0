//! What the card of a dataset of supersenses says.

use kprep_schemas::{Card, LEXFILES, languages};

use super::args::Args;
use crate::build::citations;
use crate::sources::knowledge_card::not_the_system;

pub(crate) fn card(args: &Args, classes: usize, command_line: Vec<String>) -> Card {
    let mut limits = vec![
        not_the_system("SenseBERT"),
        "SenseBERT is trained from scratch with a vocabulary of its own, sees supersenses in its input, and masks \
         words of one supersense more often. Here tokens are those of the backbone, and the first token \
         of a word represents it."
            .to_owned(),
        "The supersenses that a word may have come from a wordnet, not from its context: of STREUSLE's nouns and \
         verbs, about 81% have theirs among them."
            .to_owned(),
    ];
    if classes < LEXFILES.len() {
        limits.push(format!(
            "Parts of speech outside `--pos` have no class: {classes} of 45 supersenses."
        ));
    }
    if args.reads_examples() {
        limits.push(
            "The texts are the examples of synsets, mostly phrases. That an example's word has its synset's supersense \
             is what the wordnet's editors say; the other words are not annotated."
                .to_owned(),
        );
    }
    Card {
        title: "Supersenses of words".into(),
        summary: "Sentences whose nouns and verbs have the supersenses (WordNet's lexicographer files) that a wordnet \
                  allows for their forms, as SenseBERT learns them; one class a span where the source tells it. \
                  `span_id` has the sense key where that is known."
            .into(),
        languages: languages(["en"]),
        license: "other",
        source: "Supersenses are WordNet's, under its licence (use, copy, change and pass on; keep the notice). Texts \
                 are those of the inputs and are under their terms: WordNet's examples under its licence, STREUSLE \
                 under CC BY-SA 4.0, SemCor under WordNet's licence.",
        task_categories: &["token-classification"],
        limits,
        citations: &[
            citations::SENSEBERT,
            citations::WORDNET,
            citations::STREUSLE,
            citations::WSD_FRAMEWORK,
        ],
        command_line,
        ..Card::default()
    }
}
