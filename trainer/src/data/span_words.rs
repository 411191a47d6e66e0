//! Spans of words of a text, and where their tokens are.

use std::ops::Range;

use kprep_schemas::{Words as Text, stable_hash};

use crate::config::SpanPooling;
use crate::data::examples::{Counts, place};
use crate::data::masks::WordMasks;
use crate::data::tokenizer::Words;

/// A span by its first and last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordSpan {
    /// Which of the row's spans it is.
    pub number: usize,
    /// The first word.
    pub first: u16,
    /// The last word.
    pub last: u16,
}

impl WordSpan {
    /// A hash of its words in lower case.
    pub(crate) fn form(self, token: &Text) -> u64 {
        let words = usize::from(self.last - self.first) + 1;
        let words = token.iter().skip(self.first.into()).take(words);
        let words: Vec<String> = words.map(str::to_lowercase).collect();
        stable_hash(words.iter().map(String::as_bytes))
    }
}

/// The words of a text by their tokens, and spans of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanWords {
    /// The first token of each word, and the token behind the last word.
    pub words: Box<[u16]>,
    /// The spans.
    pub spans: Box<[WordSpan]>,
}

impl SpanWords {
    /// The tokens `<s> w … w </s>`, of which words that do not fit are cut off, and the spans that are left; `None` where
    /// there is none.
    pub(crate) fn read<'a>(
        token: impl Iterator<Item = &'a str>,
        spans: Vec<(i32, i32)>,
        words: &mut Words,
        max_length: usize,
        counts: &mut Counts,
    ) -> Option<(Vec<u32>, Self)> {
        counts.read += 1;
        let vocabulary = words.vocabulary();
        let (mut ids, end) = (vec![vocabulary.start], vocabulary.end);
        let mut places = vec![1u16];
        let mut is_cut = false;
        for word in token {
            let own = words.tokens(word);
            is_cut = ids.len() + own.len() >= max_length;
            if is_cut {
                break;
            }
            ids.extend_from_slice(own);
            places.push(place(ids.len()));
        }
        ids.push(end);
        let whole = places.len() - 1;
        let all = spans.len();
        let spans = spans.into_iter().enumerate();
        let left = spans.filter_map(|(number, (first, last))| {
            let word = |word: i32| u16::try_from(word).ok();
            let span = WordSpan {
                number,
                first: word(first)?,
                last: word(last)?,
            };
            (span.first <= span.last && usize::from(span.last) < whole).then_some(span)
        });
        let left: Box<[WordSpan]> = left.collect();
        if left.is_empty() {
            let reason = if all == 0 {
                &mut counts.no_target
            } else {
                &mut counts.too_long
            };
            *reason += 1;
            return None;
        }
        counts.kept += 1;
        counts.truncated += u64::from(is_cut);
        counts.spans_cut += (all - left.len()) as u64;
        let text = Self {
            words: places.into(),
            spans: left,
        };
        Some((ids, text))
    }

    /// The tokens of a span.
    pub fn tokens(&self, span: WordSpan) -> Range<usize> {
        let token = |word: usize| usize::from(self.words[word]);
        token(span.first.into())..token(usize::from(span.last) + 1)
    }

    /// The tokens that stand for a span, by slot, in a text whose first token is at `start`.
    pub(crate) fn slots(
        &self,
        span: WordSpan,
        pooling: SpanPooling,
        start: usize,
    ) -> Vec<Vec<usize>> {
        let tokens = self.tokens(span);
        match pooling {
            SpanPooling::First => vec![vec![start + tokens.start]],
            SpanPooling::Start => vec![vec![start]],
            SpanPooling::Around => vec![vec![start + tokens.start - 1], vec![start + tokens.end]],
            SpanPooling::Mean | SpanPooling::Attention => {
                vec![tokens.map(|token| start + token).collect()]
            }
        }
    }

    /// Masks some of the words, at least one of the spans among them, and says which spans are masked. A span is masked
    /// as a whole.
    pub(crate) fn mask(&self, ids: &mut [i64], masks: &mut WordMasks) -> Vec<bool> {
        let of_spans = self.spans.iter().map(|&span| self.tokens(span));
        let mut units: Vec<Range<usize>> = of_spans.collect();
        let in_span = |word: u16| {
            let mut spans = self.spans.iter();
            spans.any(|span| (span.first..=span.last).contains(&word))
        };
        let words = (0..).zip(self.words.windows(2));
        let others = words.filter(|&(word, _)| !in_span(word));
        units.extend(others.map(|(_, two)| usize::from(two[0])..usize::from(two[1])));
        let chosen = masks.choose(units.len(), self.spans.len());
        for (unit, _) in units
            .into_iter()
            .zip(&chosen)
            .filter(|(_, chosen)| **chosen)
        {
            masks.replace(&mut ids[unit]);
        }
        chosen[..self.spans.len()].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

    fn read(max_length: usize) -> (Option<(Vec<u32>, SpanWords)>, Counts) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone/bert-tiny");
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let mut counts = Counts::default();
        let spans = vec![(1, 2), (4, 4)];
        let token = ["the", "capital", "of", "france", "of"].into_iter();
        let found = SpanWords::read(
            token,
            spans,
            &mut vocabulary.words(),
            max_length,
            &mut counts,
        );
        (found, counts)
    }

    #[test]
    fn spans_beyond_the_longest_input_are_cut_off_and_counted() {
        let (found, counts) = read(40);
        let (ids, text) = found.unwrap();
        assert_eq!((ids.len(), &*text.words), (7, &[1u16, 2, 3, 4, 5, 6][..]));
        assert_eq!((counts.kept, counts.truncated, counts.spans_cut), (1, 0, 0));
        let (found, counts) = read(6);
        let (ids, text) = found.unwrap();
        assert_eq!((ids.len(), text.spans.len()), (6, 1));
        assert_eq!((counts.kept, counts.truncated, counts.spans_cut), (1, 1, 1));
        let (found, counts) = read(4);
        assert!(found.is_none());
        assert_eq!((counts.kept, counts.too_long), (0, 1));
    }

    #[test]
    fn what_stands_for_a_span_is_named_by_the_setting() {
        let (_, text) = read(40).0.unwrap();
        let slots = |span: usize, pooling| text.slots(text.spans[span], pooling, 100);
        assert_eq!(slots(0, SpanPooling::Mean), [[102, 103]]);
        assert_eq!(slots(0, SpanPooling::First), [[102]]);
        assert_eq!(slots(0, SpanPooling::Around), [[101], [104]]);
        assert_eq!(slots(1, SpanPooling::Around), [[104], [106]]); // the end token
    }
}
