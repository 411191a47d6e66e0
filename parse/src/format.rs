//! Which format a file is in, told by its content.

use std::fmt;

use crate::row::{is_range_or_empty_node, number, quoted};
use crate::{Error, Result, penn, typed};

/// A format of dependency parses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// CoNLL-U, versions 1 and 2, of Universal Dependencies: ten columns. CoNLL-U-Lex of STREUSLE
    /// has nine more, which are passed over.
    ConllU,
    /// CoNLL-X, the format of the shared tasks of 2006 and 2007: ten columns. Its coarse tags are
    /// the treebank's own, so sentences have no `upos`.
    ConllX,
    /// The format of the shared task of 2008: ten columns, then predicates. Words that are split at
    /// hyphens have a row a part.
    Conll2008,
    /// The format of the shared task of 2009: twelve columns, then predicates. Predicted tags,
    /// heads and labels stand in for gold ones that are missing.
    Conll2009,
    /// `CoreNLP`'s `conll`: index, word, lemma, tag, named entity, head, label.
    CoreNlp,
    /// `CoreNLP`'s XML, of version 1 too.
    CoreNlpXml,
    /// `CoreNLP`'s JSON, one document or several one after the other.
    CoreNlpJson,
    /// `CoreNLP`'s text for people.
    CoreNlpText,
    /// Stanford typed dependencies as text, `nsubj(makes-8, Bell-1)`, one a line or all of a
    /// sentence in one line; with or without the words, the words with tags, or the Penn tree
    /// before them.
    Typed,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConllU => "CoNLL-U",
            Self::ConllX => "CoNLL-X",
            Self::Conll2008 => "CoNLL-2008",
            Self::Conll2009 => "CoNLL-2009",
            Self::CoreNlp => "CoreNLP conll",
            Self::CoreNlpXml => "CoreNLP XML",
            Self::CoreNlpJson => "CoreNLP JSON",
            Self::CoreNlpText => "CoreNLP text",
            Self::Typed => "Stanford typed dependencies",
        })
    }
}

/// The tags of Universal Dependencies; `CONJ` is version 1's `CCONJ`.
const UNIVERSAL_TAGS: [&str; 19] = [
    "_", "ADJ", "ADP", "ADV", "AUX", "CCONJ", "CONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON",
    "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
];

/// Comments that only CoNLL-U has.
const COMMENTS: [&str; 4] = ["sent_id", "text ", "newdoc", "newpar"];

/// How XML starts that comes from `CoreNLP`; column formats can have other tags between sentences.
const XML: [&str; 3] = ["<?xml", "<root", "<document"];

/// How `CoreNLP`'s text starts.
const CORE_NLP_TEXT: [&str; 2] = ["Sentence #", "Document: ID="];

impl Format {
    /// All formats.
    pub const ALL: [Self; 9] = [
        Self::ConllU,
        Self::ConllX,
        Self::Conll2008,
        Self::Conll2009,
        Self::CoreNlp,
        Self::CoreNlpXml,
        Self::CoreNlpJson,
        Self::CoreNlpText,
        Self::Typed,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConllU => "conllu",
            Self::ConllX => "conllx",
            Self::Conll2008 => "conll2008",
            Self::Conll2009 => "conll2009",
            Self::CoreNlp => "corenlp",
            Self::CoreNlpXml => "corenlp-xml",
            Self::CoreNlpJson => "corenlp-json",
            Self::CoreNlpText => "corenlp-text",
            Self::Typed => "typed",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether a sentence is a block of lines with a row a word, which
    /// [`ConllReader`](crate::ConllReader) reads; the others are for
    /// [`read_sentences`](crate::read_sentences).
    pub fn has_rows(self) -> bool {
        match self {
            Self::ConllU | Self::ConllX | Self::Conll2008 | Self::Conll2009 | Self::CoreNlp => true,
            Self::CoreNlpXml | Self::CoreNlpJson | Self::CoreNlpText | Self::Typed => false,
        }
    }

    /// Whether rows have further columns behind those of the format: as many as the sentence has
    /// predicates.
    pub(crate) fn has_predicates(self) -> bool {
        matches!(self, Self::Conll2008 | Self::Conll2009)
    }

    /// Tells the format from the beginning of a file: 64 KiB are plenty, a whole sentence is
    /// enough. A last line without its end is looked at only if it is the only row.
    ///
    /// CoNLL-U and CoNLL-X share their columns. CoNLL-U it is with a multiword range, an empty
    /// node or one of its own comments, or if all tags are universal ones.
    ///
    /// # Errors
    /// [`Error::Format`] names what else it looks like.
    pub fn sniff(beginning: &[u8]) -> Result<Self> {
        if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
            let found = "UTF-16: write it as UTF-8".into();
            return Err(Error::Format { found });
        }
        let text = String::from_utf8_lossy(beginning);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let sample = Sample::new(text);
        let is_xml = XML.iter().any(|start| text.starts_with(start));
        if is_xml && sample.rows_format().is_none() {
            return Ok(Self::CoreNlpXml);
        }
        let object = text.strip_prefix('{').map(str::trim_start);
        if object.is_some_and(|rest| rest.is_empty() || rest.starts_with(['"', '}'])) {
            return Ok(Self::CoreNlpJson);
        }
        if CORE_NLP_TEXT.iter().any(|start| text.starts_with(start)) {
            return Ok(Self::CoreNlpText);
        }
        sample.format().ok_or_else(|| Error::Format {
            found: sample.looks_like(),
        })
    }
}

/// The beginning of a file, line by line.
struct Sample<'a> {
    comments: Vec<&'a str>,
    /// Lines between sentences that look like XML.
    has_tags: bool,
    /// The columns of each row, without empty ones at its end.
    rows: Vec<Vec<&'a str>>,
}

impl<'a> Sample<'a> {
    fn new(text: &'a str) -> Self {
        let (mut comments, mut has_tags, mut rows) = (Vec::new(), false, Vec::new());
        for line in text.split_inclusive('\n') {
            let complete = line.ends_with('\n');
            let line = line.trim_end();
            if let Some(comment) = line.strip_prefix('#') {
                comments.push(comment.trim_start());
            } else if line.trim_start().starts_with('<') {
                has_tags = true;
            } else if !line.is_empty() && (complete || rows.is_empty()) {
                rows.push(line.split('\t').collect());
            }
        }
        Self {
            comments,
            has_tags,
            rows,
        }
    }

    /// A bad row among good ones does not hide the format: it is for the reader to report.
    fn format(&self) -> Option<Format> {
        self.rows_format().or_else(|| {
            let has_typed = self
                .rows
                .iter()
                .any(|row| typed::line(&row.join("\t")).is_some());
            has_typed.then_some(Format::Typed)
        })
    }

    fn rows_format(&self) -> Option<Format> {
        let first = self.rows.first()?;
        if !is_id(first[0]) {
            return None;
        }
        if self.most(|row| row.len() == 10) || self.heads_in(7) {
            return Some(if self.is_universal() {
                Format::ConllU
            } else {
                Format::ConllX
            });
        }
        // CoNLL-2009 has predicted heads where CoNLL-2008 has labels.
        let is_label = |label: &&str| *label != "_" && number(label).is_none();
        let has_labels = self.rows.iter().any(|row| row.get(9).is_some_and(is_label));
        if self.arcs_in(9, 10) && has_labels {
            return Some(Format::Conll2008);
        }
        // Column 10 holds predicted heads, or `_` where there are only gold ones.
        if self.arcs_in(9, 11) || self.arcs_in(10, 12) {
            return Some(Format::Conll2009);
        }
        let core_nlp = self.heads_in(6) || self.most(|row| matches!(row.len(), 5 | 7));
        core_nlp.then_some(Format::CoreNlp)
    }

    /// Whether more than half of the rows are so.
    fn most(&self, is_so: impl Fn(&[&str]) -> bool) -> bool {
        let count = self.rows.iter().filter(|row| is_so(row)).count();
        2 * count > self.rows.len()
    }

    /// Whether this column (from 1) holds heads, not all of them `_`, and the next one labels.
    fn heads_in(&self, column: usize) -> bool {
        self.arcs_in(column, column + 1)
    }

    /// Whether these columns (from 1) hold heads, not all of them `_`, and labels.
    fn arcs_in(&self, head: usize, label: usize) -> bool {
        let arc = |row: &[&str]| match (row.get(head - 1), row.get(label - 1)) {
            (Some(&head), Some(&label)) => number(head).is_some() && number(label).is_none(),
            _ => false,
        };
        let none =
            |row: &[&str]| row.get(head - 1) == Some(&"_") && row.get(label - 1) == Some(&"_");
        self.rows.iter().any(|row| arc(row)) && self.most(|row| arc(row) || none(row))
    }

    fn is_universal(&self) -> bool {
        let own_comment = |comment: &&str| COMMENTS.iter().any(|own| comment.starts_with(own));
        self.comments.iter().any(own_comment)
            || self.rows.iter().any(|row| is_range_or_empty_node(row[0]))
            || self.most(|row| row.get(3).is_some_and(|tag| UNIVERSAL_TAGS.contains(tag)))
    }

    /// What the file is, if it is in none of the formats.
    fn looks_like(&self) -> String {
        let Some(first) = self.rows.first() else {
            return if self.has_tags {
                "XML that is not CoreNLP's".into()
            } else {
                "no words".into()
            };
        };
        let line = first.join("\t");
        if line.starts_with('[') {
            "a JSON array, not CoreNLP's objects".into()
        } else if penn::starts(&line) {
            "Penn Treebank trees, which have no dependencies".into()
        } else if first.len() == 1 && blank_separated(&line) {
            "columns with blanks between them, not tabs".into()
        } else if !is_id(first[0]) {
            format!("a line that starts with {}", quoted(first[0]))
        } else {
            format!("rows of {} columns", first.len())
        }
    }
}

/// The first column of a row.
fn is_id(column: &str) -> bool {
    number(column).is_some() || is_range_or_empty_node(column)
}

/// A row as it would be with blanks for tabs.
fn blank_separated(line: &str) -> bool {
    let mut columns = line.split_whitespace();
    columns.next().is_some_and(is_id) && columns.count() >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a short sentence, with `columns` of them separated by tabs.
    fn rows(columns: &[&str]) -> String {
        columns
            .iter()
            .map(|row| row.replace(' ', "\t") + "\n")
            .collect()
    }

    fn sniff(text: &str) -> String {
        match Format::sniff(text.as_bytes()) {
            Ok(format) => format.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn ten_columns() {
        let x = rows(&["1 Ze ze Pron Pron _ 2 su _ _", "2 zag zie V V _ 0 ROOT _ _"]);
        let u = rows(&[
            "1 Ze ze PRON Pron _ 2 nsubj _ _",
            "2 zag zie VERB V _ 0 root _ _",
        ]);
        assert_eq!(sniff(&x), "CoNLL-X");
        assert_eq!(sniff(&u), "CoNLL-U");
        assert_eq!(sniff(&u.replace('\n', "\r\n")), "CoNLL-U");
        assert_eq!(sniff(&format!("\u{feff}{u}")), "CoNLL-U");
        assert_eq!(sniff(&format!("# sent_id = 1\n{x}")), "CoNLL-U");
        assert_eq!(sniff(&format!("# a comment\n\n{x}")), "CoNLL-X");
        assert_eq!(sniff(&format!("<s>\n{x}</s>\n")), "CoNLL-X");
        let range = rows(&["1-2 Zezag _ _ _ _ _ _ _ _"]);
        assert_eq!(sniff(&format!("{range}{x}")), "CoNLL-U");
        assert_eq!(sniff(&x.replace('\n', "\tmore\tcolumns\n")), "CoNLL-X");
        assert_eq!(sniff(&x.replace('\n', "\t\t\n")), "CoNLL-X");
        assert_eq!(sniff(&format!("{u}{u}1\tbad row\n\n")), "CoNLL-U");
        // Heads without labels, and further columns.
        assert_eq!(sniff(&rows(&["1 Ze ze V V _ 0 _ _ _ more"])), "CoNLL-X");
        // A sample that ends within a row.
        assert_eq!(sniff(&format!("{u}\n1\tZe")), "CoNLL-U");
        assert_eq!(sniff(u.trim_end()), "CoNLL-U");
    }

    #[test]
    fn seven_columns() {
        let row = "1 It it PRP O 2 nsubj";
        assert_eq!(sniff(&rows(&[row])), "CoreNLP conll");
        assert_eq!(sniff(&rows(&[row, "2 . . . O _ _"])), "CoreNLP conll");
        assert_eq!(sniff(&rows(&["1 It it PRP O _ _"])), "CoreNLP conll");
        assert_eq!(sniff(&rows(&["1 It it PRP O"])), "CoreNLP conll");
        assert_eq!(sniff(&rows(&[row, "2 . . . O"])), "CoreNLP conll");
    }

    #[test]
    fn more_than_ten_columns() {
        let rows_2008 = rows(&[
            "1 The the DT DT The the DT 2 NMOD _",
            "2 rise rise NN NN rise rise NN 0 ROOT _",
        ]);
        assert_eq!(sniff(&rows_2008), "CoNLL-2008");
        let gold_or_not = |heads: [&str; 2]| {
            let [first, second] = heads;
            let row = |id: u8, arc: &str| format!("{id} The the the DT DT _ _ {arc} _ _");
            rows(&[&row(1, first), &row(2, second)])
        };
        let both = gold_or_not(["2 2 NMOD NMOD", "0 0 ROOT ROOT"]);
        assert_eq!(sniff(&both), "CoNLL-2009");
        let gold = gold_or_not(["2 _ NMOD _", "0 _ ROOT _"]);
        assert_eq!(sniff(&gold), "CoNLL-2009");
        let predicted = gold_or_not(["_ 2 _ NMOD", "_ 0 _ ROOT"]);
        assert_eq!(sniff(&predicted), "CoNLL-2009");
    }

    #[test]
    fn documents() {
        assert_eq!(
            sniff("\u{feff}<?xml version=\"1.0\"?>\n<root>"),
            "CoreNLP XML"
        );
        assert_eq!(sniff("\n<root>\n<document>"), "CoreNLP XML");
        assert_eq!(sniff("{\n  \"sentences\": []"), "CoreNLP JSON");
        let text = "Sentence #1 (4 tokens):\nThe";
        assert_eq!(sniff(text), "CoreNLP text");
        assert_eq!(sniff("Document: ID=a.txt (1 sen"), "CoreNLP text");
    }

    #[test]
    fn tags_before_rows_are_no_xml() {
        let row = rows(&["1 It it PRP O 2 nsubj"]);
        for start in [
            "<document id=\"1\">\n<s>",
            "<?xml version=\"1.0\"?>\n<corpus>",
        ] {
            assert_eq!(sniff(&format!("{start}\n{row}")), "CoreNLP conll");
        }
        let utf_16 = Format::sniff(b"\xff\xfe1\0").unwrap_err().to_string();
        assert!(
            utf_16.ends_with("found UTF-16: write it as UTF-8"),
            "{utf_16}"
        );
    }

    #[test]
    fn typed_dependencies() {
        for text in [
            "nsubj(makes-8, Bell-1)\n",
            "det(handful-2,A-1)\tnsubjpass(recognized-13,handful-2)\n",
            "[nsubj(makes-8, Bell-1), root(ROOT-0, makes-8)]\n",
            "(ROOT\n  (S (VB Go)))\n\nroot(ROOT-0, Go-1)\n",
            "{/-LRB- 1/CD\n\nroot(ROOT-0, 1-2)\n",
            "1 2 3\n\nroot(ROOT-0, 1-1)\n",
        ] {
            assert_eq!(sniff(text), "Stanford typed dependencies", "{text}");
        }
    }

    #[test]
    fn what_is_not_read_is_named() {
        let expect = |text: &str, found: &str| {
            let expected =
                format!("expected CoNLL, CoreNLP's output or typed dependencies, found {found}");
            assert_eq!(sniff(text), expected);
        };
        expect("", "no words");
        expect("\n# comment\n\n", "no words");
        expect("<html>\n  <s/>\n", "XML that is not CoreNLP's");
        expect("[\n", "a JSON array, not CoreNLP's objects");
        expect(
            "(ROOT\n  (S (VB Go)))\n",
            "Penn Treebank trees, which have no dependencies",
        );
        expect(
            "1 The the DT O 2 det\n",
            "columns with blanks between them, not tabs",
        );
        expect("A sentence.\n", "a line that starts with \"A sentence.\"");
        expect("1\tword\n2\tword\n", "rows of 2 columns");
    }
}
