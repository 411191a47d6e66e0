//! Rows of a dataset as tokens and targets, in a few bytes a word.

use std::iter;

use kprep_schemas::{DependencyExample, NO_HEAD, RelationExample};
use serde::Serialize;

use crate::config::MarkersWithin;
use crate::data::tokenizer::Words;

mod choice;
mod question;
mod text;
mod typing;

/// What a row becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The tokens, special ones included.
    pub ids: Vec<u32>,
    /// What is to be learnt.
    pub target: Target,
}

/// What is to be learnt from one example. Places are indexes into its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The relation between two entities.
    Relation {
        /// Where they are.
        entities: Entities,
        /// Index of the relation.
        label: u16,
    },
    /// The scored words of a sentence.
    Heads(Vec<Word>),
    /// The types of an entity.
    Typing {
        /// The marker before it.
        open: u16,
        /// Indexes of the types, ascending.
        labels: Vec<u16>,
    },
    /// One of several answers; the example is an input for each of them, one behind the other.
    Choice {
        /// Tokens of each input.
        lengths: Vec<u16>,
        /// The right answer.
        label: u16,
    },
    /// The answer to a question in a paragraph.
    Span {
        /// Its tokens; `None` if it is not there.
        answer: Option<Answer>,
        /// The paragraph's first token.
        first: u16,
        /// What scores need of the text.
        paragraph: Box<Paragraph>,
    },
}

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
        let mut words = text::spans(&self.text);
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

/// A word whose head is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Its first token.
    pub place: u16,
    /// The first token of its head; the start token for the root.
    pub head: u16,
    /// The first token of the next word, or the start token: the simplest guess at the head.
    pub right: u16,
}

/// A subject and an object among the tokens of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entities {
    /// The subject.
    pub subject: Mention,
    /// The object.
    pub object: Mention,
}

/// An entity's tokens, and the markers around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// The marker before it.
    pub open: u16,
    /// Its first token.
    pub start: u16,
    /// The marker behind its last token.
    pub close: u16,
}

impl Mention {
    /// Its tokens, without those of the other entity's markers that stand among them.
    pub fn places(self, other: Self) -> impl Iterator<Item = u16> {
        (self.start..self.close).filter(move |&i| i != other.open && i != other.close)
    }
}

/// How many rows became examples, and what happened to the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Examples, truncated ones included.
    pub kept: u64,
    /// Examples whose end was cut off, behind the entities' markers (see [`MarkersWithin`]).
    pub truncated: u64,
    /// Rows left out since an entity, or any part of a parsed sentence, lies beyond the maximal
    /// length.
    pub too_long: u64,
    /// Rows left out since their relation is not one of the dataset's classes, or no word has a
    /// head.
    pub no_target: u64,
}

impl Counts {
    /// Adds another part's counts.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.truncated += other.truncated;
        self.too_long += other.too_long;
        self.no_target += other.no_target;
    }
}

/// Which rows are short enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthLimit {
    /// Longest input in tokens, special ones included.
    pub max_length: usize,
    /// Which markers of two entities must lie within it.
    pub markers: MarkersWithin,
}

/// With all markers.
impl From<usize> for LengthLimit {
    fn from(max_length: usize) -> Self {
        Self {
            max_length,
            markers: MarkersWithin::All,
        }
    }
}

/// A row that can become an example. `None` is a row left out, and counted.
pub trait Source: kprep_schemas::Record {
    /// Tokenises the row into as many tokens as are allowed.
    fn example(
        &self,
        words: &mut Words,
        limit: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example>;

    /// All examples of a row: one, unless its record holds several inputs.
    fn examples(&self, words: &mut Words, limit: LengthLimit, counts: &mut Counts) -> Vec<Example> {
        self.example(words, limit, counts).into_iter().collect()
    }
}

impl Source for RelationExample {
    fn example(
        &self,
        words: &mut Words,
        limit: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example> {
        let Some(label) = self.label.and_then(|label| u16::try_from(label).ok()) else {
            counts.read += 1;
            counts.no_target += 1;
            return None;
        };
        let spans = [
            (self.subj_start, self.subj_end),
            (self.obj_start, self.obj_end),
        ];
        relation(self.token.iter(), spans, label, words, limit, counts)
    }
}

/// `<s> w @ subject @ w # object # w </s>`, each word with a leading space, the markers without.
/// Markers of nested entities are nested, too. The spans are the first and last words of subject and object.
pub fn relation<'a>(
    token: impl Iterator<Item = &'a str>,
    spans: [(i32, i32); 2],
    label: u16,
    words: &mut Words,
    limit: LengthLimit,
    counts: &mut Counts,
) -> Option<Example> {
    counts.read += 1;
    let max_length = limit.max_length;
    let vocabulary = words.vocabulary();
    let (end, markers) = (vocabulary.end, [vocabulary.subject, vocabulary.object]);
    let mut ids = vec![vocabulary.start];
    let mut mentions = [NOWHERE; 2];
    for (i, word) in (0..).zip(token) {
        for e in outer_first(spans) {
            if spans[e].0 == i {
                mentions[e].open = place(ids.len());
                ids.push(markers[e]);
            }
        }
        for e in 0..2 {
            if spans[e].0 == i {
                mentions[e].start = place(ids.len());
            }
        }
        ids.extend_from_slice(words.tokens(word));
        for e in outer_first(spans).into_iter().rev() {
            if spans[e].1 == i {
                mentions[e].close = place(ids.len());
                ids.push(markers[e]);
            }
        }
    }
    let [subject, object] = mentions;
    let fits = match limit.markers {
        // The end token stands behind them.
        MarkersWithin::All => usize::from(subject.close.max(object.close)) + 1 < max_length,
        MarkersWithin::Opening => usize::from(subject.open.max(object.open)) < max_length,
    };
    if !fits {
        counts.too_long += 1;
        return None;
    }
    if ids.len() >= max_length {
        counts.truncated += 1;
        ids.truncate(max_length - 1);
    }
    ids.push(end);
    counts.kept += 1;
    Some(Example {
        ids,
        target: Target::Relation {
            entities: Entities { subject, object },
            label,
        },
    })
}

/// Also what a place beyond the longest input becomes: the row is then too long.
const NOWHERE: Mention = Mention {
    open: u16::MAX,
    start: u16::MAX,
    close: u16::MAX,
};

fn place(i: usize) -> u16 {
    u16::try_from(i).unwrap_or(u16::MAX)
}

/// The order in which two entities (0 = subject) open: the one that starts first, or else ends
/// last. They close in the other order where they end on the same word.
fn outer_first([subject, object]: [(i32, i32); 2]) -> [usize; 2] {
    let object_is_outer = object.0 < subject.0 || (object.0 == subject.0 && object.1 > subject.1);
    if object_is_outer { [1, 0] } else { [0, 1] }
}

/// `<s> w … w </s>`. The start token is the root.
impl Source for DependencyExample {
    fn example(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example> {
        counts.read += 1;
        let mut ids = vec![words.vocabulary().start];
        let mut places = vec![0u16]; // of the root, then of each word
        for word in self.token.iter() {
            places.push(place(ids.len()));
            ids.extend_from_slice(words.tokens(word));
        }
        ids.push(words.vocabulary().end);
        if ids.len() > max_length {
            counts.too_long += 1;
            return None;
        }
        let rights = places.iter().skip(2).chain(iter::once(&0));
        let scored: Vec<Word> = iter::zip(&places[1..], rights)
            .zip(&self.head)
            .filter(|&(_, &head)| head != NO_HEAD)
            .filter_map(|((&place, &right), &head)| {
                let head = *places.get(usize::try_from(head).ok()?)?;
                Some(Word { place, head, right })
            })
            .collect();
        if scored.is_empty() {
            counts.no_target += 1;
            return None;
        }
        counts.kept += 1;
        Some(Example {
            ids,
            target: Target::Heads(scored),
        })
    }
}
