//! `Page`: the text of a Wikipedia page, its sentences and words, and what it links to.

use crate::column::{Column, ints, long_or_null, text, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One page as plain text. All offsets are Unicode code points into `text` with exclusive ends, so
/// that in Python `text[s:e]` is the sentence, the word or the link's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Id of the page in its source: Wikipedia's page id, or DBpedia's URI.
    pub id: String,
    /// Revision of the page; sources without revisions give none.
    pub revision: Option<i64>,
    /// Title, with blanks.
    pub title: String,
    /// The text.
    pub text: String,
    /// First code point of each sentence.
    pub sentence_start: Vec<i32>,
    /// End of each sentence.
    pub sentence_end: Vec<i32>,
    /// First code point of each word (`\w+|[^\w\s]+` with Python's `\w`, as NLTK's `WordPunct`;
    /// with vowel marks in languages of South Asia; by dictionaries in languages without blanks
    /// between words).
    pub word_start: Vec<i32>,
    /// End of each word.
    pub word_end: Vec<i32>,
    /// First code point of each link's text.
    pub mention_start: Vec<i32>,
    /// End of each link's text.
    pub mention_end: Vec<i32>,
    /// The title that each link names; it may redirect to another (see
    /// [`Redirect`](crate::Redirect)).
    pub mention_title: Words,
}

impl Classes for Page {}

impl Record for Page {
    const NAME: &'static str = "Page";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "Wikipedia's page id, or DBpedia's URI",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        long_or_null("revision", "revision of the page", |r| &r.revision, |r| &mut r.revision),
        text("title", "title, with blanks", |r| &r.title, |r| &mut r.title),
        text("text", "the text; all offsets are code points into it",
            |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        ints("sentence_start", "first code point of each sentence",
            |r: &Self| &r.sentence_start, |r| &mut r.sentence_start).without_statistics(),
        ints("sentence_end", "end of each sentence, exclusive",
            |r: &Self| &r.sentence_end, |r| &mut r.sentence_end).without_statistics(),
        ints("word_start", "first code point of each word",
            |r: &Self| &r.word_start, |r| &mut r.word_start).without_statistics(),
        ints("word_end", "end of each word, exclusive",
            |r: &Self| &r.word_end, |r| &mut r.word_end).without_statistics(),
        ints("mention_start", "first code point of each link's text",
            |r: &Self| &r.mention_start, |r| &mut r.mention_start).without_statistics(),
        ints("mention_end", "end of each link's text, exclusive",
            |r: &Self| &r.mention_end, |r| &mut r.mention_end).without_statistics(),
        words("mention_title", "title that each link names, redirects not followed",
            |r| &r.mention_title, |r| &mut r.mention_title),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let length = self.text.chars().count();
        spans_in_order("sentence", &self.sentence_start, &self.sentence_end, length)?;
        spans_in_order("word", &self.word_start, &self.word_end, length)?;
        spans_in_order("mention", &self.mention_start, &self.mention_end, length)?;
        let (links, titles) = (self.mention_start.len(), self.mention_title.len());
        if links != titles {
            return Err(format!("{links} links lead to {titles} titles"));
        }
        Ok(())
    }

    /// The title: a dump has it once, while ids repeat where several wikis are read together.
    fn id(&self) -> &str {
        self.title.as_str()
    }

    fn long_bytes(&self) -> usize {
        // Starts and ends, four bytes each.
        let spans = self.sentence_start.len() + self.word_start.len() + self.mention_start.len();
        self.text.len() + 8 * spans
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}

/// Spans are not empty, do not overlap, and lie in the text one after the other.
fn spans_in_order(
    what: &str,
    starts: &[i32],
    ends: &[i32],
    length: usize,
) -> std::result::Result<(), String> {
    if starts.len() != ends.len() {
        return Err(format!(
            "{} {what} starts for {} ends",
            starts.len(),
            ends.len()
        ));
    }
    let mut before = 0;
    for (&start, &end) in starts.iter().zip(ends) {
        if !(before <= start && start < end && end as usize <= length) {
            return Err(format!(
                "a {what} is code points {start}..{end}, after {before} of {length}"
            ));
        }
        before = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            id: "12".into(),
            revision: Some(7),
            title: "Bern".into(),
            text: "Bern is in Switzerland. 🂡".into(),
            sentence_start: vec![0, 24],
            sentence_end: vec![23, 25],
            word_start: vec![0, 5, 8, 11, 22, 24],
            word_end: vec![4, 7, 10, 22, 23, 25],
            mention_start: vec![11],
            mention_end: vec![22],
            mention_title: ["Switzerland"].into(),
        }
    }

    #[test]
    fn rows_survive_the_way_through_columns() {
        let rows = vec![
            page(),
            Page {
                revision: None,
                mention_start: vec![],
                mention_end: vec![],
                mention_title: Words::default(),
                ..page()
            },
        ];
        let batch = Page::to_batch(&rows, &Page::arrow_schema(&[])).unwrap();
        assert_eq!(Page::from_batch(&batch).unwrap(), rows);
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |change: fn(&mut Page)| {
            let mut page = page();
            change(&mut page);
            page.check(&Rules::default()).unwrap_err()
        };
        assert_eq!(page().check(&Rules::default()), Ok(()));
        assert_eq!(
            fault(|p| p.sentence_end[1] = 26),
            "a sentence is code points 24..26, after 23 of 25"
        );
        assert_eq!(
            fault(|p| p.word_start[1] = 3),
            "a word is code points 3..7, after 4 of 25"
        );
        assert_eq!(
            fault(|p| p.mention_title = Words::default()),
            "1 links lead to 0 titles"
        );
    }
}
