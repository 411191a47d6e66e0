//! Boundaries of words and sentences, checked once where a document comes in.

use std::ops::Range;

use kprep_schemas::trex::Boundaries;

use crate::offsets::{Offsets, Unit};

/// The spans that a list of boundaries gives, and where the list does not fit the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    /// Code points: within the text, not empty, in order and apart from each other.
    spans: Vec<Range<usize>>,
    misfits: Vec<Misfit>,
}

/// Boundaries that are reversed or empty, leave the text, fall within a code point or overlap with
/// those before them; or those of a word that begins or ends with a blank.
#[derive(Debug, PartialEq, Eq)]
struct Misfit {
    boundaries: Boundaries,
    /// Where the span may be that was meant: between its neighbours in the list.
    place: Range<usize>,
}

/// Whether blanks may stand at the ends of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edges {
    Any,
    NoBlank,
}

/// The words and the sentences of a document.
#[derive(Debug)]
pub(crate) struct WordsAndSentences {
    /// What all their boundaries count.
    pub(crate) unit: Unit,
    pub(crate) words: Spans,
    pub(crate) sentences: Spans,
}

impl WordsAndSentences {
    /// Reads the boundaries in the unit in which they fit better: code points, unless fewer of them
    /// are misfits and fewer mentions begin or end within a word if they count UTF-16 units.
    ///
    /// `mentions` gives the code points of mentions whose surface form tells where they are.
    pub(crate) fn new<Mentions: Iterator<Item = Range<usize>>>(
        words: &[Boundaries],
        sentences: &[Boundaries],
        offsets: &Offsets<'_>,
        mentions: impl Fn() -> Mentions,
    ) -> Self {
        let read = |unit| Self {
            unit,
            words: Spans::new(words, offsets, unit, Edges::NoBlank),
            sentences: Spans::new(sentences, offsets, unit, Edges::Any),
        };
        let points = read(Unit::CodePoint);
        if !offsets.units_differ() {
            return points;
        }
        let units = read(Unit::Utf16);
        let faults = |read: &Self| {
            let off = mentions().filter(|mention| !read.words.hold_whole(mention));
            read.words.misfits.len() + read.sentences.misfits.len() + off.count()
        };
        if faults(&units) < faults(&points) {
            units
        } else {
            points
        }
    }
}

impl Spans {
    fn new(boundaries: &[Boundaries], offsets: &Offsets<'_>, unit: Unit, edges: Edges) -> Self {
        let mut list: Vec<(Boundaries, Option<Range<usize>>)> = boundaries
            .iter()
            .map(|&b| (b, offsets.span(b, unit).filter(|s| edges.fit(s, offsets))))
            .collect();
        let starts = |list: &[(_, Option<Range<usize>>)]| {
            let spans = list.iter().filter_map(|(_, span)| span.as_ref());
            spans.map(|span| span.start).is_sorted()
        };
        // Of a list without order the neighbours say nothing: a misfit may be anywhere.
        let has_order = starts(&list);
        if !has_order {
            list.sort_by_key(|(_, span)| span.as_ref().map(|span| span.start));
        }
        let mut spans: Vec<Range<usize>> = Vec::with_capacity(list.len());
        let mut misfits: Vec<Misfit> = Vec::new();
        // Misfits behind the last span, whose places are open.
        let mut open = 0;
        for (boundaries, span) in list {
            let last = spans.last().cloned().unwrap_or(0..0);
            match span {
                Some(span) if span == last => {}
                Some(span) if last.end <= span.start => {
                    close(&mut misfits[open..], span.start);
                    open = misfits.len();
                    spans.push(span);
                }
                Some(span) => misfits.push(Misfit {
                    boundaries,
                    place: last.start..span.end.max(last.end),
                }),
                None => misfits.push(Misfit {
                    boundaries,
                    place: last.end..last.end,
                }),
            }
        }
        close(&mut misfits[open..], offsets.length());
        if !has_order {
            let everywhere = misfits.iter_mut();
            everywhere.for_each(|misfit| misfit.place = 0..offsets.length());
        }
        Self { spans, misfits }
    }

    /// The spans in order.
    pub(crate) fn as_slice(&self) -> &[Range<usize>] {
        &self.spans
    }

    /// Whether the list has no boundaries at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.misfits.is_empty()
    }

    /// Boundaries that do not fit and may have been meant for a part of `within`, or for what
    /// touches it.
    pub(crate) fn misfit_in(&self, within: &Range<usize>) -> Option<Boundaries> {
        let touches = |place: &Range<usize>| place.start <= within.end && within.start <= place.end;
        let misfit = self.misfits.iter().find(|misfit| touches(&misfit.place));
        misfit.map(|misfit| misfit.boundaries)
    }

    /// A span that lies partly in `outer` and partly outside.
    pub(crate) fn cut_by(&self, outer: &Range<usize>) -> Option<&Range<usize>> {
        [outer.start, outer.end].into_iter().find_map(|edge| {
            let first = self.spans.partition_point(|span| span.end <= edge);
            self.spans.get(first).filter(|span| span.start < edge)
        })
    }

    /// Whether a mention begins where a span begins and ends where one ends.
    fn hold_whole(&self, mention: &Range<usize>) -> bool {
        let start = self.spans.binary_search_by_key(&mention.start, |s| s.start);
        let end = self.spans.binary_search_by_key(&mention.end, |s| s.end);
        start.is_ok() && end.is_ok()
    }
}

/// The span that comes next ends the places of the misfits before it.
fn close(misfits: &mut [Misfit], start: usize) {
    for misfit in misfits {
        misfit.place.end = misfit.place.end.max(start);
    }
}

impl Edges {
    fn fit(self, span: &Range<usize>, offsets: &Offsets<'_>) -> bool {
        if self == Self::Any {
            return true;
        }
        let text = offsets.slice(span).unwrap_or_default();
        !(text.starts_with(blank) || text.ends_with(blank))
    }
}

fn blank(c: char) -> bool {
    c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, boundaries: &[Boundaries]) -> Spans {
        let offsets = Offsets::new(text);
        Spans::new(boundaries, &offsets, Unit::CodePoint, Edges::NoBlank)
    }

    #[test]
    fn a_misfit_is_between_its_neighbours() {
        let text = "Anna was born";
        let misfit = |boundaries, place| Misfit { boundaries, place };
        for (bad, place) in [
            ((8, 5), 4..9),
            ((5, 5), 4..9),
            ((-1, 99), 4..9),
            ((5, 14), 4..9),
            ((4, 8), 4..9),
            ((5, 9), 4..9),
            ((3, 8), 0..9),
        ] {
            let found = words(text, &[(0, 4), bad, (9, 13)]);
            assert_eq!(found.spans, [0..4, 9..13], "{bad:?}");
            assert_eq!(found.misfits, [misfit(bad, place)]);
        }
        let last = words(text, &[(0, 4), (5, 99)]);
        assert_eq!(last.misfits, [misfit((5, 99), 4..13)]);
        assert_eq!(last.misfit_in(&(5..13)), Some((5, 99)));
        assert_eq!(last.misfit_in(&(0..3)), None);
        let twice = words(text, &[(0, 4), (0, 4), (5, 8)]);
        assert_eq!((twice.spans, twice.misfits), (vec![0..4, 5..8], vec![]));
        let unordered = words(text, &[(9, 13), (8, 5), (0, 4)]);
        assert_eq!(unordered.spans, [0..4, 9..13]);
        assert_eq!(unordered.misfits, [misfit((8, 5), 0..13)]);
    }

    #[test]
    fn a_word_that_a_sentence_cuts_is_found() {
        let words = words("Anna was born", &[(0, 4), (5, 8), (9, 13)]);
        assert_eq!(words.cut_by(&(0..7)), Some(&(5..8)));
        assert_eq!(words.cut_by(&(6..13)), Some(&(5..8)));
        assert_eq!(words.cut_by(&(4..9)), None);
        assert_eq!(words.cut_by(&(0..13)), None);
    }
}
