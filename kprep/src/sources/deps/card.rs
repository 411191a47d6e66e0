//! What the card of a dependency dataset says.

use kprep_schemas::{Card, languages};

use crate::build::citations;

pub(crate) fn card(allow_non_tree: bool, language: &str, command_line: Vec<String>) -> Card {
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
        source: "Sentences and parses are those of the inputs named here, and stand \
                 under their terms.",
        task_categories: &["token-classification"],
        limits: limits(allow_non_tree),
        citations: &[citations::UD, citations::CORENLP],
        command_line,
        ..Card::default()
    }
}

fn limits(allow_non_tree: bool) -> Vec<String> {
    let mut limits = vec![
        "The heads are as good as their source: a treebank by hand has few errors, a \
         parser's output has more, and a file does not tell which it is."
            .to_owned(),
        "`deprel`, `upos` and `xpos` are the source's own: Stanford Dependencies and Universal \
         Dependencies use different labels, and draw some arcs the other way round."
            .to_owned(),
        "Of the sources to cite, take the one that the inputs are of, and name the treebank or text \
         itself."
            .to_owned(),
    ];
    if !allow_non_tree {
        let lost = "Sentences whose heads form no tree are left out: the funnel counts them.";
        limits.push(lost.to_owned());
    }
    limits
}
