//! Paragraphs in which an answer may stand.

use crate::data::running_text;

/// First and last token of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// First token.
    pub start: u16,
    /// Last token.
    pub end: u16,
}

/// A paragraph's text, to cut answers out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// The right answers of the question; with its first paragraph alone.
    pub golds: Option<Vec<String>>,
    /// The text.
    pub text: String,
    /// The first token of each word, and the token behind the last.
    pub places: Vec<u16>,
}

impl Paragraph {
    /// The words that some tokens are of.
    pub fn cut(&self, answer: Answer) -> &str {
        let word = |token: u16| self.places.partition_point(|&place| place <= token);
        let (first, last) = (word(answer.start), word(answer.end));
        let mut words = running_text::spans(&self.text);
        let (Some(first), Some(last)) = (first.checked_sub(1), last.checked_sub(1)) else {
            return "";
        };
        let Some((start, end)) = words.nth(first) else {
            return "";
        };
        let end = match last.checked_sub(first + 1) {
            Some(more) => words.nth(more).map_or(end, |(_, end)| end),
            None => end,
        };
        &self.text[start..end]
    }
}
