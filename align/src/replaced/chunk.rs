//! Pages cut into chunks of whole sentences, with the entities in them.

use std::ops::Range;

use kprep_schemas::AlignedPage;

/// Some sentences of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Its number in the page, from 0.
    pub number: u64,
    /// Its words, each with what is before it in the text: nothing before the first.
    pub words: Vec<(&'a str, &'a str)>,
    /// What is behind the last word.
    pub tail: &'a str,
    /// The entities, in the order of the text, none overlapping another.
    pub slots: Vec<Slot>,
}

impl Chunk<'_> {
    /// The text of some words: what is before the first one is no part of it.
    pub fn text(&self, words: Range<usize>) -> String {
        let mut text = String::new();
        for (number, (gap, word)) in self.words[words].iter().enumerate() {
            if number > 0 {
                text.push_str(gap);
            }
            text.push_str(word);
        }
        text
    }
}

/// An entity in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// First word of the chunk, from 0.
    pub start: usize,
    /// Last word, inclusive.
    pub end: usize,
    /// The number of its item.
    pub item: u32,
    /// Its sentence in the page.
    pub sentence: usize,
    /// The number of its mention in the page.
    pub mention: usize,
}

/// The chunks of a page.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunked<'a> {
    /// In order; all sentences are in one.
    pub chunks: Vec<Chunk<'a>>,
    /// Mentions of items that do not begin and end with words of one sentence.
    pub off_words: u64,
}

/// Cuts a page into chunks of at most `most` words; a longer sentence is a chunk of its own. The
/// entities are the mentions of items that were found by one of `sources` (`link`, `name`).
pub fn chunks<'a>(page: &'a AlignedPage, most: usize, sources: &[String]) -> Chunked<'a> {
    let mut bytes: Vec<usize> = page.text.char_indices().map(|(at, _)| at).collect();
    bytes.push(page.text.len());
    let byte = |point: i32| {
        let point = usize::try_from(point).unwrap_or_default();
        bytes.get(point).copied().unwrap_or(page.text.len())
    };
    let (slots, off_words) = slots(page, sources);
    let mut chunks: Vec<Chunk<'a>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut first = 0;
    let mut close = |sentences: &mut Vec<usize>, first: usize, end: usize| {
        if let (Some(_), Some(&last)) = (sentences.first(), sentences.last())
            && first < end
        {
            let number = chunks.len() as u64;
            chunks.push(chunk(page, number, first..end, &slots, last, &byte));
        }
        sentences.clear();
    };
    let mut end = 0;
    for sentence in 0..page.sentence_start.len() {
        let sentence_end = page.sentence_end[sentence];
        let next = end + page.word_end[end..].partition_point(|&word| word <= sentence_end);
        if !open.is_empty() && next - first > most {
            close(&mut open, first, end);
        }
        if open.is_empty() {
            first = end
                + page.word_start[end..next]
                    .partition_point(|&word| word < page.sentence_start[sentence]);
        }
        open.push(sentence);
        end = next;
    }
    close(&mut open, first, end);
    Chunked { chunks, off_words }
}

/// The words of a page from `range`, up to the end of sentence `last`.
fn chunk<'a>(
    page: &'a AlignedPage,
    number: u64,
    range: Range<usize>,
    slots: &[Slot],
    last: usize,
    byte: &impl Fn(i32) -> usize,
) -> Chunk<'a> {
    let slice = |start: usize, end: usize| page.text.get(start..end).unwrap_or_default();
    let mut before = byte(page.word_start[range.start]);
    let mut words = Vec::with_capacity(range.len());
    for word in range.clone() {
        let (start, end) = (byte(page.word_start[word]), byte(page.word_end[word]));
        words.push((slice(before, start), slice(start, end)));
        before = end;
    }
    let of_chunk = slots.iter().filter(|slot| range.contains(&slot.start));
    let of_chunk = of_chunk.map(|slot| Slot {
        start: slot.start - range.start,
        end: slot.end - range.start,
        ..*slot
    });
    Chunk {
        number,
        words,
        tail: slice(before, byte(page.sentence_end[last])),
        slots: of_chunk.collect(),
    }
}

/// The entities by words of the page, and how many mentions are none.
fn slots(page: &AlignedPage, sources: &[String]) -> (Vec<Slot>, u64) {
    let mut slots: Vec<Slot> = Vec::new();
    let mut off_words = 0;
    let mut order: Vec<usize> = (0..page.mentions()).collect();
    // Stable: of mentions that start together the first one of the page counts.
    order.sort_by_key(|&mention| page.mention_start[mention]);
    for mention in order {
        let source = &page.mention_source[mention];
        if !sources.iter().any(|wanted| wanted == source) {
            continue;
        }
        let id = page.mention_id[mention].strip_prefix('Q');
        let Some(item) = id.and_then(|number| number.parse().ok()) else {
            continue;
        };
        let (start, end) = (page.mention_start[mention], page.mention_end[mention]);
        let sentence = page.sentence_end.partition_point(|&e| e < end);
        let inside = page
            .sentence_start
            .get(sentence)
            .is_some_and(|&s| s <= start);
        let first = page.word_start.binary_search(&start).ok();
        let last = page.word_end.binary_search(&end).ok();
        match (first, last) {
            (Some(start), Some(end))
                if inside && slots.last().is_none_or(|before| before.end < start) =>
            {
                slots.push(Slot {
                    start,
                    end,
                    item,
                    sentence,
                    mention,
                });
            }
            _ => off_words += 1,
        }
    }
    (slots, off_words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> AlignedPage {
        // Three sentences of 4, 3 and 3 words.
        AlignedPage {
            id: "1".into(),
            text: "Ann né Bern.  Bob left. Zoë ran!".into(),
            sentence_start: vec![0, 14, 24],
            sentence_end: vec![12, 23, 32],
            word_start: vec![0, 4, 7, 11, 14, 18, 22, 24, 28, 31],
            word_end: vec![3, 6, 11, 12, 17, 22, 23, 27, 31, 32],
            mention_start: vec![0, 7, 14, 24, 28],
            mention_end: vec![3, 11, 17, 26, 31],
            mention_id: ["Q1", "Q2", "Q3", "Q4", "+3"].into(),
            mention_source: ["link", "name", "date", "link", "link"].into(),
            mention_link: ["", "", "", "", ""].into(),
            ..AlignedPage::default()
        }
    }

    #[test]
    fn sentences_stay_whole_and_entities_have_their_words() {
        let page = page();
        let sources = ["link".to_owned(), "name".to_owned()];
        let found = chunks(&page, 7, &sources);
        assert_eq!(found.off_words, 1);
        let mut turned = page.clone();
        turned.mention_start.reverse();
        turned.mention_end.reverse();
        turned.mention_id = ["+3", "Q4", "Q3", "Q2", "Q1"].into();
        turned.mention_source = ["link", "link", "date", "name", "link"].into();
        let slots = |found: &Chunked| -> Vec<_> {
            let slots = found.chunks.iter().flat_map(|chunk| &chunk.slots);
            slots
                .map(|slot| (slot.start, slot.end, slot.item))
                .collect()
        };
        assert_eq!(
            slots(&chunks(&turned, 7, &sources)),
            slots(&found),
            "in any order"
        );
        let texts = found.chunks.iter();
        let texts = texts.map(|chunk| chunk.text(0..chunk.words.len()) + chunk.tail);
        assert_eq!(
            texts.collect::<Vec<_>>(),
            ["Ann né Bern.  Bob left.", "Zoë ran!"]
        );
        let items = |chunk: &Chunk<'_>| -> Vec<_> {
            chunk
                .slots
                .iter()
                .map(|s| (s.start, s.end, s.item, s.mention))
                .collect()
        };
        assert_eq!(items(&found.chunks[0]), [(0, 0, 1, 0), (2, 2, 2, 1)]);
        assert_eq!(items(&found.chunks[1]), []);
        let lengths = |most| -> Vec<usize> {
            let found = chunks(&page, most, &sources);
            found.chunks.iter().map(|chunk| chunk.words.len()).collect()
        };
        assert_eq!(lengths(1), [4, 3, 3]);
        assert_eq!(lengths(6), [4, 6]);
        assert_eq!(lengths(100), [10]);
    }
}
