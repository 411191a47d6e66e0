//! `Page`: the text of a Wikipedia page, its sentences and words, and what it links to.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{GroupBy, Record, Result, Rules, Words};

/// One page as plain text. All offsets are Unicode code points into `text` with exclusive ends, so
/// that in Python `text[s:e]` is the sentence, the word or the link's text.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// First code point of each word (`\w+|[^\w\s]+` with Python's `\w`, as NLTK's `WordPunct`; with
    /// vowel marks in languages of South Asia; by dictionaries in languages without blanks between words).
    pub word_start: Vec<i32>,
    /// End of each word.
    pub word_end: Vec<i32>,
    /// First code point of each link's text.
    pub mention_start: Vec<i32>,
    /// End of each link's text.
    pub mention_end: Vec<i32>,
    /// The title that each link names; it may redirect to another (see [`Redirect`](crate::Redirect)).
    pub mention_title: Words,
}

impl Record for Page {
    const NAME: &'static str = "Page";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "Wikipedia's page id, or DBpedia's URI"),
        ("revision", "revision of the page"),
        ("title", "title, with blanks"),
        ("text", "the text; all offsets are code points into it"),
        ("sentence_start", "first code point of each sentence"),
        ("sentence_end", "end of each sentence, exclusive"),
        ("word_start", "first code point of each word"),
        ("word_end", "end of each word, exclusive"),
        ("mention_start", "first code point of each link's text"),
        ("mention_end", "end of each link's text, exclusive"),
        (
            "mention_title",
            "title that each link names, redirects not followed",
        ),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name| Field::new(name, DataType::Utf8, false);
        let offsets = |name| Field::new(name, list_of(DataType::Int32), false);
        huggingface_schema(
            vec![
                text("id"),
                Field::new("revision", DataType::Int64, true),
                text("title"),
                text("text"),
                offsets("sentence_start"),
                offsets("sentence_end"),
                offsets("word_start"),
                offsets("word_end"),
                offsets("mention_start"),
                offsets("mention_end"),
                Field::new("mention_title", list_of(DataType::Utf8), false),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> &str| columns::utf8(rows.iter().map(get));
        let offsets = |get: fn(&Self) -> &[i32]| columns::i32_list(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                text(|r| &r.id),
                columns::i64_opt(rows.iter().map(|r| r.revision)),
                text(|r| &r.title),
                text(|r| &r.text),
                offsets(|r| &r.sentence_start)?,
                offsets(|r| &r.sentence_end)?,
                offsets(|r| &r.word_start)?,
                offsets(|r| &r.word_end)?,
                offsets(|r| &r.mention_start)?,
                offsets(|r| &r.mention_end)?,
                columns::words(rows.iter().map(|r| Some(&r.mention_title)))?,
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, title, text] = columns.utf8s(["id", "title", "text"])?;
        let revision = columns.i64("revision")?;
        let [sentence_start, sentence_end] = [
            columns.i32_list("sentence_start")?,
            columns.i32_list("sentence_end")?,
        ];
        let [word_start, word_end] = [
            columns.i32_list("word_start")?,
            columns.i32_list("word_end")?,
        ];
        let [mention_start, mention_end] = [
            columns.i32_list("mention_start")?,
            columns.i32_list("mention_end")?,
        ];
        let mention_title = columns.words("mention_title")?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    revision: columns::opt_i64(revision, i),
                    title: title.value(i).to_owned(),
                    text: text.value(i).to_owned(),
                    sentence_start: sentence_start.get(i)?,
                    sentence_end: sentence_end.get(i)?,
                    word_start: word_start.get(i)?,
                    word_end: word_end.get(i)?,
                    mention_start: mention_start.get(i)?,
                    mention_end: mention_end.get(i)?,
                    mention_title: mention_title.get(i)?.unwrap_or_default(),
                })
            })
            .collect()
    }

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
