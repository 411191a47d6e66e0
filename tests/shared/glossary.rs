//! The words that the glossary replaced, and a search for them.

/// Phrases of the glossary's right-hand column, in lower case. Ordinary words that are wrong only
/// as a name (`order`, `parts`, `talk`) are not among them.
const REPLACED: &[&str] = &[
    "piece",
    "pieces",
    "pieces_per_second",
    "batch_pieces",
    "recompute_layers",
    "accumulate_steps",
    "ends early",
    "fills masks",
    "guesses masked",
    "facts with a gap",
    "a word left out",
    "adapter without knowledge",
    "a loss that is no number",
    "by turns",
    "always gives the same answer",
    "told by content",
    "told by its content",
    "told by their content",
    "told by the content",
    "told apart by",
    "put up with",
    "what a split never cuts",
    "a split never cuts",
    "never cut by a split",
    "word_head",
    "head_loss",
    "adapter_heads",
    "the rooms",
    "within the others' chance",
    "is told",
    "anew",
    "of no account",
    "at hand",
    "comes to",
    "makes of",
    "as they stand",
    "--batch-pieces",
    "--patience",
    "layer that fills masks",
    "masked pieces",
    "fact with a gap",
    "without knowledge",
    "is no number",
    "told apart",
    "never cuts",
    "never cut",
    "headexample",
    "snapshot",
    "lesson",
    "are told",
    "stands",
    "lies",
    "--grid",
    "fill masks",
    "fills gaps",
    "fill gaps",
    "with a gap",
    "word left out",
    "no number",
    "puts up with",
    "--runs",
    "lessons",
];

/// The replaced words in a text, each with what is around it.
pub(crate) fn replaced_words(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = &text.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let found = |phrase: &'static str| {
        let places = text.match_indices(phrase).filter(|&(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + phrase.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        });
        places.map(move |(at, _)| {
            let start = text[..at]
                .char_indices()
                .rev()
                .nth(30)
                .map_or(0, |(i, _)| i);
            let end = text[at..].char_indices().nth(60);
            let end = end.map_or(text.len(), |(i, _)| at + i);
            format!("{phrase:?} in \"{}\"", &text[start..end])
        })
    };
    REPLACED.iter().copied().flat_map(found).collect()
}

#[test]
fn words_are_found_whole_and_over_line_ends() {
    assert_eq!(
        replaced_words("A masterpiece: told by\n  its content."),
        ["\"told by its content\" in \"a masterpiece: told by its content.\""]
    );
}
