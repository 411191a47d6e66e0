//! A page's text with its sentences and words.

use std::ops::Range;

use kprep_schemas::{Page, Words};

use crate::segmenter::{has_marks, is_without_spaces, marked, segmented};
use crate::sentences::sentences;
use crate::words::words;
use crate::{Link, PlainText};

/// Makes a row of a text whose paragraphs are lines: sentences do not cross lines. `title_of` gives
/// the title of the page that a link leads to, or none if it is no page; such links are left out.
/// Sentences and words are split by the customs of `language`: where it is written without blanks,
/// words also end where links and sentences do.
///
/// All offsets of the row are code points.
pub fn article(
    head: (String, Option<i64>, String),
    text: PlainText,
    language: &str,
    mut title_of: impl FnMut(&Link) -> Option<String>,
) -> Page {
    let PlainText { text, links } = text;
    let mut mention_title = Words::default();
    let mut mentions = Vec::new();
    for link in links {
        if let Some(title) = title_of(&link) {
            mention_title.push(&title);
            mentions.push(link.start..link.end);
        }
    }
    let sentences = sentences(&text, language);
    let (word_start, word_end) = if is_without_spaces(language) {
        let mut cuts: Vec<usize> = sentences
            .iter()
            .chain(&mentions)
            .cloned()
            .flat_map(ends)
            .collect();
        cuts.sort_unstable();
        CodePoints::new(&text).of(segmented(&text, &cuts))
    } else if has_marks(language) {
        CodePoints::new(&text).of(marked(&text))
    } else {
        CodePoints::new(&text).of(words(&text))
    };
    let (sentence_start, sentence_end) = CodePoints::new(&text).of(sentences);
    let (mention_start, mention_end) = CodePoints::new(&text).of(mentions);
    let (id, revision, title) = head;
    Page {
        id,
        revision,
        title,
        sentence_start,
        sentence_end,
        word_start,
        word_end,
        mention_start,
        mention_end,
        mention_title,
        text,
    }
}

fn ends(range: Range<usize>) -> [usize; 2] {
    [range.start, range.end]
}

/// Turns byte offsets into code points, in one pass for offsets that grow.
struct CodePoints<'a> {
    text: &'a str,
    byte: usize,
    code_point: i32,
}

impl<'a> CodePoints<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            byte: 0,
            code_point: 0,
        }
    }

    fn at(&mut self, byte: usize) -> i32 {
        self.code_point += self.text[self.byte..byte].chars().count() as i32;
        self.byte = byte;
        self.code_point
    }

    /// The starts and the ends of ranges that follow each other.
    fn of(&mut self, ranges: impl IntoIterator<Item = Range<usize>>) -> (Vec<i32>, Vec<i32>) {
        let ranges = ranges.into_iter();
        ranges
            .map(|range| (self.at(range.start), self.at(range.end)))
            .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sections, Site, plain_text};

    #[test]
    fn offsets_are_code_points_and_slice_right() {
        let text = plain_text(
            "🂡 Zoë met [[J. R. R. Tolkien|Dr. Tolkien]] in [[Bern]]s. She won [[wikt:it|it]].\n\n* [[Ace]]",
            &Site::default(),
            &Sections::default(),
        );
        let title = |link: &Link| (!link.target.contains(':')).then(|| link.target.clone());
        let page = article(("1".into(), None, "T".into()), text, "en", title);
        let chars: Vec<char> = page.text.chars().collect();
        let slices = |starts: &[i32], ends: &[i32]| -> Vec<String> {
            let spans = starts.iter().zip(ends);
            spans
                .map(|(&s, &e)| chars[s as usize..e as usize].iter().collect())
                .collect()
        };
        assert_eq!(
            slices(&page.sentence_start, &page.sentence_end),
            ["🂡 Zoë met Dr. Tolkien in Berns.", "She won it.", "Ace"]
        );
        assert_eq!(
            slices(&page.mention_start, &page.mention_end),
            ["Dr. Tolkien", "Berns", "Ace"]
        );
        assert_eq!(page.mention_title, ["J. R. R. Tolkien", "Bern", "Ace"]);
        assert_eq!(
            slices(&page.word_start, &page.word_end)[..6],
            ["🂡", "Zoë", "met", "Dr", ".", "Tolkien"]
        );
    }
}
