//! What the card of a dependency set says.

use kprep_schemas::{Card, languages};

pub(super) fn card(allow_non_tree: bool, language: &str) -> Card {
    let structure = if allow_non_tree {
        "The heads need not form a tree: there can be several roots, circles, and heads that have no \
         head. A word with several heads has the first one that the parse gives."
    } else {
        "The words that have a head form one tree in every row."
    };
    Card {
        title: "Dependency heads".into(),
        summary: format!(
            "Sentences with the head of each word, from the output of a dependency parser or \
                  from a treebank. The task is head prediction: for each word, which word of the \
                  sentence is its head. `head` counts words from 1; 0 is the root, and -1 stands \
                  at words to which the parse gives no head, such as punctuation in Stanford \
                  Dependencies: leave those out of loss and score. {structure}"
        ),
        languages: languages([language]),
        license: "other",
        source: "Sentences and parses are those of the inputs that `manifest.json` names, and \
                 stand under their terms.",
        task_categories: &["token-classification"],
        details: String::new(),
    }
}
