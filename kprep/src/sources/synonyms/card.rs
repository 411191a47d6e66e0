//! What the card of a dataset of related words says.

use std::fmt::Write as _;

use kprep_schemas::{Card, thousands};

use super::args::{Args, Classes};
use super::build::Counts;
use super::read::Tables;
use crate::build::citations;
use crate::datasets::source_card;

pub(crate) fn card(
    args: &Args,
    tables: &Tables,
    counts: &Counts,
    command_line: Vec<String>,
) -> Card {
    let classes = match args.classes {
        Classes::Two => {
            "The task is to tell whether two words or phrases are related: synonyms, or a word and a direct hypernym of \
             it. Which of the two is the first is by a hash."
        }
        Classes::Relation => {
            "The task is to tell what the second of two words or phrases is to the first: a synonym, a direct hypernym, \
             or none of these."
        }
    };
    Card {
        title: "Related words".into(),
        summary: format!(
            "Pairs of words of a wordnet that are related, each followed by pairs that are not, which were made of it \
             by replacing one word. {classes} The objective is `libert`."
        ),
        languages: tables.synsets.manifest.languages.clone(),
        license: source_card::license(std::slice::from_ref(&tables.synsets)),
        source: "Words and relations are those of the wordnet whose tables are named here, and stand under its \
                 licence: that of Princeton's WordNet allows any use as long as its notice is kept.",
        task_categories: &["text-classification"],
        details: details(tables, counts),
        limits: limits(args),
        citations: &[citations::LIBERT, citations::WORDNET],
        command_line,
    }
}

fn details(tables: &Tables, counts: &Counts) -> String {
    let mut details = String::from("## Rows by their origin\n\n| row | rows |\n|---|---|\n");
    let names = [
        "related: synonyms",
        "related: a word and its hypernym",
        "related: an instance and what it is",
        "negative: a random word",
        "negative: a sister, which has a hypernym in common",
        "negative: the nearest word of 32 pairs, by vectors",
    ];
    let numbers = counts.positives.into_iter().chain(counts.drawn);
    for (name, count) in names
        .into_iter()
        .zip(numbers)
        .filter(|(_, count)| *count > 0)
    {
        let _ = writeln!(details, "| {name} | {} |", thousands(count));
    }
    details.push('\n');
    details.push_str(&source_card::section(
        &tables.synsets,
        "Licence of the source",
    ));
    details
}

fn limits(args: &Args) -> Vec<String> {
    let mut limits = vec![
        "This adapter learns LIBERT's objective from LIBERT's kind of source on a frozen encoder. It is not LIBERT: \
         LIBERT trained its encoder. Compare the rows of its table with each other, not with LIBERT's paper."
            .to_owned(),
        negatives(args).to_owned(),
        "A negative is no synonym and no direct hypernym in the wordnet. Its words may be related otherwise: by a \
         hypernym of a hypernym, as part and whole, as opposites."
            .to_owned(),
        "Words are compared and written in lower case, as LIBERT has them. A word has the relations of all of its \
         senses."
            .to_owned(),
    ];
    limits.push(match args.classes {
        Classes::Two => "A pair that is there with both relations is a pair of synonyms.".to_owned(),
        Classes::Relation => {
            "A pair that is there with both relations is a pair of synonyms. Of hypernyms in both directions, by \
             different senses, the first one found is there."
                .to_owned()
        }
    });
    limits.push(
        "Words of test are in train, too, in other pairs, unless words are split (`--split-by word`): what is \
         remembered of a word then helps."
            .to_owned(),
    );
    limits
}

/// How negatives differ from the paper's.
fn negatives(args: &Args) -> &'static str {
    if args.vectors.is_some() {
        "Negatives are drawn as LIBERT draws them, by the vectors of the file that `manifest.json` names: the nearest \
         word among 32 pairs, in batches by a hash; where a word has no vector, another way is taken. LIBERT takes \
         pairs of Roget's Thesaurus, too."
    } else {
        "LIBERT takes the negative word among those of 32 pairs that is nearest by word vectors, and takes pairs of \
         Roget's Thesaurus, too. Here a negative is drawn at random or shares a hypernym with the word that stays."
    }
}
