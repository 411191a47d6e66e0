//! What the card of a dataset of links says.

use kprep_schemas::{Card, languages};

use super::args::{Args, Candidates, Target};
use crate::build::citations;
use crate::sources::knowledge_card::not_the_system;

/// The table of entities, in words.
const ENTITIES: &str = "`entities.parquet` has every entity that a row names, with its label, its description and how \
                        often the rows of train mean it.";

/// What `--target hypernym` is.
const HYPERNYMS: &str = "Hypernyms are our reading of \"hypernym linking\", as K-Adapter's paper calls KnowBERT's objective: \
                         KnowBERT links senses. Candidates with the same direct hypernym are merged and their priors \
                         added; a synset without a hypernym takes its own place, an instance has what it is an instance of, \
                         and a word whose sense has several hypernyms is left out.";

/// Of synsets.
pub(crate) fn of_wordnet(args: &Args, command_line: Vec<String>) -> Card {
    let mut limits = vec![
        not_the_system(system(args)),
        different(args).to_owned(),
        "An example of WordNet is a phrase that was written for its synset: shares of senses are not those of \
         running text."
            .to_owned(),
    ];
    let what = match args.target {
        Target::Synset => "the synset that each means and the senses that its lemma has",
        Target::Hypernym => {
            limits.push(HYPERNYMS.to_owned());
            "the direct hypernym of the synset that each means and those of the senses that its lemma has"
        }
    };
    Card {
        title: "Words and their senses".into(),
        summary: format!(
            "Words in sentences, with {what}. {ENTITIES} The description of a synset is its definition: its examples \
             are the text."
        ),
        languages: languages(["en"]),
        license: "other",
        source: "Senses, definitions and examples are WordNet's, under its licence (use, copy, change and pass on; keep \
                 the notice); SemCor is under the same.",
        limits,
        citations: &[
            citations::KNOWBERT,
            citations::WORDNET,
            citations::WSD_FRAMEWORK,
        ],
        ..common(command_line)
    }
}

/// Of items.
pub(crate) fn of_pages(args: &Args, languages: Vec<String>, command_line: Vec<String>) -> Card {
    let mut limits = vec![
        not_the_system(system(args)),
        different(args).to_owned(),
        "Only links tell for certain what is meant. A word that is no link may mean one of its candidates all the same."
            .to_owned(),
        "Pages are those of the dataset of aligned pages.".to_owned(),
    ];
    if args.wikidata.is_none() {
        limits.push(
            "Labels and names of items are the texts that mention them in pages of train, by how often; there are no \
             descriptions."
                .to_owned(),
        );
    }
    if args.candidates == Candidates::Priors && args.priors.is_none() {
        limits.push(
            "Priors are counted in the pages of train: mentions of other splits whose text is no link there, or never \
             means their item there, are left out, which makes the highest prior look better than it is."
                .to_owned(),
        );
    }
    Card {
        title: "Mentions and their items".into(),
        summary: format!(
            "Sentences of Wikipedia with their links, each with the item of Wikidata that it means. {ENTITIES}"
        ),
        languages,
        license: "cc-by-sa-4.0",
        source: "Text of Wikipedia (CC BY-SA 4.0); items of Wikidata (CC0).",
        limits,
        citations: &[
            citations::KNOWBERT,
            citations::ERNIE,
            citations::WIKIDATA,
            citations::WIKIPEDIA,
        ],
        ..common(command_line)
    }
}

fn common(command_line: Vec<String>) -> Card {
    Card {
        task_categories: &["token-classification"],
        command_line,
        ..Card::default()
    }
}

fn system(args: &Args) -> &'static str {
    match args.candidates {
        Candidates::Priors => "KnowBERT",
        Candidates::None => "ERNIE",
    }
}

/// What the paper does otherwise.
fn different(args: &Args) -> &'static str {
    match args.candidates {
        Candidates::Priors => {
            "KnowBERT writes linked entities back into the layers above; here the adapter's output is concatenated with the \
             last state, and entities are answers alone."
        }
        Candidates::None => {
            "ERNIE puts entities into the model; here no entity enters it: they are answers alone. Of a mention the \
             first token is labelled."
        }
    }
}
