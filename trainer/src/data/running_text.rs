//! Running text as tokens: white space separates words, each of which is taken with a space before it, as the
//! tokenizer takes the whole.

use crate::data::tokenizer::Words;

/// Adds the tokens of a text.
pub(crate) fn push(ids: &mut Vec<u32>, text: &str, words: &mut Words) {
    for word in text.split_whitespace() {
        ids.extend_from_slice(words.tokens(word));
    }
}

/// The tokens of a text.
pub(crate) fn tokens(text: &str, words: &mut Words) -> Vec<u32> {
    let mut ids = Vec::new();
    push(&mut ids, text, words);
    ids
}

/// The text before, at and behind code points `start..end`.
pub(crate) fn cut(text: &str, start: i32, end: i32) -> (&str, &str, &str) {
    let byte = |place: i32| {
        let mut places = text.char_indices().map(|(byte, _)| byte);
        places.nth(place.max(0) as usize).unwrap_or(text.len())
    };
    let start = byte(start);
    let end = byte(end).max(start);
    (&text[..start], &text[start..end], &text[end..])
}

/// The words of a text: where each starts and ends, in bytes.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let base = text.as_ptr() as usize;
    text.split_whitespace().map(move |word| {
        let start = word.as_ptr() as usize - base;
        (start, start + word.len())
    })
}
