//! `AlignedPage`: a page with the entities in its text and the facts that hold between them.

use crate::column::{Column, ints, long_or_null, text, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One page. All offsets are Unicode code points into `text` with exclusive ends.
///
/// Mentions and triples are lists of equal length, a column each; triples name their mentions by
/// number. It is what T-REx's JSON says of a document, and where each part comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlignedPage {
    /// Id of the page in its source: Wikipedia's page id, or DBpedia's URI.
    pub id: String,
    /// Revision of the page; sources without revisions give none.
    pub revision: Option<i64>,
    /// Title of the page.
    pub title: String,
    /// The item that the page is about (`Q42`).
    pub entity: String,
    /// The text.
    pub text: String,
    /// First code point of each sentence.
    pub sentence_start: Vec<i32>,
    /// End of each sentence.
    pub sentence_end: Vec<i32>,
    /// First code point of each word.
    pub word_start: Vec<i32>,
    /// End of each word.
    pub word_end: Vec<i32>,
    /// First code point of each mention.
    pub mention_start: Vec<i32>,
    /// End of each mention.
    pub mention_end: Vec<i32>,
    /// What is mentioned: an item, a property, or a value as T-REx writes it
    /// (`1776-07-04T00:00:00Z`, `+468 Q712226`).
    pub mention_id: Words,
    /// Who found it: `link`, `name`, `date`, `quantity`, `pronoun` or `property`.
    pub mention_source: Words,
    /// For a link the title that it leads to, else empty.
    pub mention_link: Words,
    /// The mention that is each triple's subject; -1 where the page's item is not mentioned.
    pub triple_subject: Vec<i32>,
    /// The property of each triple.
    pub triple_property: Words,
    /// The mention of the property; -1 where none was looked for.
    pub triple_property_mention: Vec<i32>,
    /// The mention that is each triple's object.
    pub triple_object: Vec<i32>,
    /// The sentence of each triple, from 0.
    pub triple_sentence: Vec<i32>,
    /// Who found the triple: `NoSubject-Triple-aligner`, `Simple-Aligner` or `SPOAligner`.
    pub triple_aligner: Words,
}

/// Where a mention says that there is none.
const NONE: i32 = -1;

impl AlignedPage {
    /// How many mentions there are.
    pub fn mentions(&self) -> usize {
        self.mention_start.len()
    }

    /// How many triples there are.
    pub fn triples(&self) -> usize {
        self.triple_subject.len()
    }
}

impl Classes for AlignedPage {}

impl Record for AlignedPage {
    const NAME: &'static str = "AlignedPage";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "Wikipedia's page id, or DBpedia's URI",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        long_or_null("revision", "revision of the page", |r| &r.revision, |r| &mut r.revision),
        text("title", "title, with blanks", |r| &r.title, |r| &mut r.title),
        text("entity", "the item that the page is about", |r| &r.entity, |r| &mut r.entity),
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
        ints("mention_start", "first code point of each mention",
            |r: &Self| &r.mention_start, |r| &mut r.mention_start).without_statistics(),
        ints("mention_end", "end of each mention, exclusive",
            |r: &Self| &r.mention_end, |r| &mut r.mention_end).without_statistics(),
        words("mention_id",
            "item (Q42), property (P31), or value as T-REx writes it (1776-07-04T00:00:00Z, +468 Q712226)",
            |r| &r.mention_id, |r| &mut r.mention_id),
        words("mention_source",
            "who found it: `link`, `name`, `date`, `quantity`, `pronoun` or `property`",
            |r: &Self| &r.mention_source, |r| &mut r.mention_source).without_statistics(),
        words("mention_link", "title that a link leads to, else empty",
            |r| &r.mention_link, |r| &mut r.mention_link),
        ints("triple_subject",
            "number of the mention that is the subject, from 0; -1: the page's item, not mentioned",
            |r: &Self| &r.triple_subject, |r| &mut r.triple_subject).without_statistics(),
        words("triple_property", "property of each triple",
            |r| &r.triple_property, |r| &mut r.triple_property),
        ints("triple_property_mention",
            "number of the mention of the property; -1: none was looked for",
            |r: &Self| &r.triple_property_mention, |r| &mut r.triple_property_mention)
            .without_statistics(),
        ints("triple_object", "number of the mention that is the object, from 0",
            |r: &Self| &r.triple_object, |r| &mut r.triple_object).without_statistics(),
        ints("triple_sentence", "sentence of each triple, from 0",
            |r: &Self| &r.triple_sentence, |r| &mut r.triple_sentence).without_statistics(),
        words("triple_aligner",
            "who found it: `NoSubject-Triple-aligner`, `Simple-Aligner` (any two) or `SPOAligner`",
            |r: &Self| &r.triple_aligner, |r| &mut r.triple_aligner).without_statistics(),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let length = self.text.chars().count() as i32;
        let mentions = self.mentions();
        lists(
            "mention",
            mentions,
            &[
                self.mention_end.len(),
                self.mention_id.len(),
                self.mention_source.len(),
                self.mention_link.len(),
            ],
        )?;
        let triples = self.triples();
        lists(
            "triple",
            triples,
            &[
                self.triple_property.len(),
                self.triple_property_mention.len(),
                self.triple_object.len(),
                self.triple_sentence.len(),
                self.triple_aligner.len(),
            ],
        )?;
        lists(
            "sentence",
            self.sentence_start.len(),
            &[self.sentence_end.len()],
        )?;
        lists("word", self.word_start.len(), &[self.word_end.len()])?;
        for (&start, &end) in self.mention_start.iter().zip(&self.mention_end) {
            if !(0 <= start && start < end && end <= length) {
                return Err(format!(
                    "a mention is code points {start}..{end} of {length}"
                ));
            }
        }
        let numbers = [
            ("subject", NONE, &self.triple_subject, mentions),
            ("property", NONE, &self.triple_property_mention, mentions),
            ("object", 0, &self.triple_object, mentions),
            (
                "sentence",
                0,
                &self.triple_sentence,
                self.sentence_start.len(),
            ),
        ];
        for (what, least, list, count) in numbers {
            let bad = list.iter().find(|&&n| n < least || n >= count as i32);
            if let Some(bad) = bad {
                return Err(format!("the {what} of a triple is number {bad} of {count}"));
            }
        }
        Ok(())
    }

    /// The title: a dump has it once, while ids repeat where several wikis are read together.
    fn id(&self) -> &str {
        self.title.as_str()
    }

    fn long_bytes(&self) -> usize {
        // Offsets take four bytes, ids and names some ten each.
        let spans = self.sentence_start.len() + self.word_start.len();
        self.text.len() + 8 * spans + 50 * (self.mentions() + self.triples())
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}

/// Whether lists have the length that the first of them has.
fn lists(what: &str, length: usize, others: &[usize]) -> std::result::Result<(), String> {
    let other = others.iter().find(|&&other| other != length);
    other.map_or(Ok(()), |other| {
        Err(format!("{what} lists of {length} and {other} entries"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::page;

    #[test]
    fn rows_survive_the_way_through_columns() {
        let rows = vec![page(), AlignedPage::default()];
        let batch = AlignedPage::to_batch(&rows, &AlignedPage::arrow_schema(&[])).unwrap();
        assert_eq!(AlignedPage::from_batch(&batch).unwrap(), rows);
        assert_eq!(AlignedPage::COLUMNS.len(), batch.num_columns());
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |change: fn(&mut AlignedPage)| {
            let mut page = page();
            change(&mut page);
            page.check(&Rules::default()).unwrap_err()
        };
        assert_eq!(page().check(&Rules::default()), Ok(()));
        assert_eq!(
            fault(|p| p.mention_end[1] = 26),
            "a mention is code points 13..26 of 25"
        );
        assert_eq!(
            fault(|p| p.mention_id = Words::default()),
            "mention lists of 3 and 0 entries"
        );
        assert_eq!(
            fault(|p| p.triple_object[0] = -1),
            "the object of a triple is number -1 of 3"
        );
        assert_eq!(
            fault(|p| p.triple_sentence[1] = 1),
            "the sentence of a triple is number 1 of 1"
        );
    }
}
