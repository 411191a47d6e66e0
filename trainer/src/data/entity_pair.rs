//! Two entities of a sentence, with markers around them among its tokens.

use crate::config::LengthLimit;
use crate::config::{Entity, MarkersWithin};
use crate::data::examples::{Counts, place};
use crate::data::tokenizer::Words;

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

/// Also an entity beyond the longest input.
const NOWHERE: Mention = Mention {
    open: u16::MAX,
    start: u16::MAX,
    close: u16::MAX,
};

impl Mention {
    /// Its tokens, without those of the other entity's markers that stand among them.
    pub fn places(self, other: Self) -> impl Iterator<Item = u16> {
        (self.start..self.close).filter(move |&i| i != other.open && i != other.close)
    }

    /// The positions whose mean it is.
    pub(crate) fn read(self, other: Self, entity: Entity) -> Vec<u16> {
        match entity {
            Entity::Marker => vec![self.open],
            Entity::Mean => self.places(other).collect(),
        }
    }
}

/// `<s> w @ subject @ w # object # w </s>`, each word with a leading space, the markers without.
/// Markers of nested entities are nested, too. The spans are the first and last words of subject and object.
pub(crate) fn tokens<'a>(
    token: impl Iterator<Item = &'a str>,
    spans: [(i32, i32); 2],
    words: &mut Words,
    limit: LengthLimit,
    counts: &mut Counts,
) -> Option<(Vec<u32>, [Mention; 2])> {
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
    Some((ids, mentions))
}

/// The order in which two entities (0 = subject) open: the one that starts first, or else ends
/// last. They close in the other order where they end on the same word.
fn outer_first([subject, object]: [(i32, i32); 2]) -> [usize; 2] {
    let object_is_outer = object.0 < subject.0 || (object.0 == subject.0 && object.1 > subject.1);
    if object_is_outer { [1, 0] } else { [0, 1] }
}
