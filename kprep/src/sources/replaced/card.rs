//! What the card of a dataset of replaced entities says.

use kprep_schemas::Card;

use super::args::{Args, SplitBy};
use crate::build::citations;
use crate::sources::knowledge_card::not_the_system;

pub(crate) fn card(args: &Args, languages: Vec<String>, command_line: Vec<String>) -> Card {
    let kept = if args.no_rename_kept {
        "Kept mentions are as the page has them (WKLM's way): names of Wikidata are longer than most anchors, which \
         may tell a replaced mention from a kept one."
    } else {
        "Kept mentions, too, have a drawn name of their item (WKLM leaves them as they are), so that a name's form \
         tells nothing."
    };
    Card {
        title: "Replaced entities".into(),
        summary: "Chunks of Wikipedia's pages in which some entities are replaced by others of the same class, as WKLM \
                  learns to tell them. Each span is a mention, kept or replaced: `span_id` is the item there now, \
                  `span_was` the one before it was replaced."
            .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: "Text of Wikipedia (CC BY-SA 4.0); names, classes and statements of Wikidata (CC0).",
        task_categories: &["token-classification"],
        limits: vec![
            not_the_system("WKLM"),
            "WKLM draws new copies in training and learns a masked language model beside; here the copies are rows, and \
             nothing else is learned."
                .to_owned(),
            kept.to_owned(),
            "A replaced mention may by chance be true of the text where Wikidata does not state it: items that a \
             statement connects with the page's item, or with one of the sentence, are not drawn. WKLM does not check \
             this."
                .to_owned(),
            "Only items that the pages mention take the place of others.".to_owned(),
            splits(args).to_owned(),
        ],
        citations: &[citations::WKLM, citations::WIKIDATA, citations::WIKIPEDIA],
        command_line,
        ..Card::default()
    }
}

/// What the splits share.
fn splits(args: &Args) -> &'static str {
    match args.split_by {
        SplitBy::Page => {
            "All copies of a page are in one split. Items of test are in spans of train, too: what is remembered of an \
             item then helps (`--split-by entity` holds items out)."
        }
        SplitBy::Entity => {
            "Pages and items have splits: no item of test, kept or put in another's place, is in a span of train, nor is \
             a page of test. Mentions of items of other splits than the page's are text alone; the funnel counts them. \
             An item of test may be named in a text of train."
        }
    }
}
