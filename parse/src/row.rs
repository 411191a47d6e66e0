//! One row of a column format.

use kprep_schemas::NO_HEAD;

use crate::columns::{Columns, used_columns};
use crate::{Fault, Format};

/// Which column (from 0) holds what.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Columns that a row has, or has at least where predicates follow.
    columns: usize,
    form: Column,
    upos: Option<usize>,
    xpos: Column,
    head: Column,
    deprel: Column,
}

/// A column, and the one that counts where it has `_`.
#[derive(Debug, Clone, Copy)]
struct Column(usize, Option<usize>);

impl Column {
    fn of<'a>(self, columns: &Columns<'a>) -> &'a str {
        match (columns.get(self.0), self.1) {
            ("_", Some(other)) => columns.get(other),
            (value, _) => value,
        }
    }
}

/// Columns of CoNLL-U-Lex (STREUSLE), of which the first ten are those of CoNLL-U.
const CONLLU_LEX: usize = 19;
/// A row of older `CoreNLP`s ends here if the word has no head.
const CORE_NLP_WITHOUT_HEAD: usize = 5;

fn layout(format: Format) -> Layout {
    match format {
        Format::ConllU | Format::ConllX => Layout {
            columns: 10,
            form: Column(1, None),
            // CoNLL-X has the treebank's coarse tags there, which are not universal.
            upos: (format == Format::ConllU).then_some(3),
            xpos: Column(4, None),
            head: Column(6, None),
            deprel: Column(7, None),
        },
        Format::Conll2008 => Layout {
            columns: 10,
            // Heads count the parts of words that are split at hyphens; each part has a row.
            form: Column(5, Some(1)),
            upos: None,
            // Gold tags, else predicted ones. Parts of words have only these.
            xpos: Column(3, Some(7)),
            head: Column(8, None),
            deprel: Column(9, None),
        },
        Format::Conll2009 => Layout {
            columns: 12,
            form: Column(1, None),
            upos: None,
            // Gold columns, else predicted ones.
            xpos: Column(4, Some(5)),
            head: Column(8, Some(9)),
            deprel: Column(10, Some(11)),
        },
        // The formats that have no columns have readers of their own.
        Format::CoreNlp
        | Format::CoreNlpXml
        | Format::CoreNlpJson
        | Format::CoreNlpText
        | Format::Typed => Layout {
            columns: 7,
            form: Column(1, None),
            upos: None,
            xpos: Column(3, None),
            head: Column(5, None),
            deprel: Column(6, None),
        },
    }
}

/// A word of the sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) form: &'a str,
    pub(crate) upos: &'a str,
    pub(crate) xpos: &'a str,
    pub(crate) head: i32,
    pub(crate) deprel: &'a str,
}

fn fault(expected: impl Into<String>, found: &str) -> Fault {
    Fault::Syntax {
        expected: expected.into(),
        found: quoted(found),
    }
}

/// A piece of an input as a message shows it.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Reads the row of word number `id`. `None` for a row that is no word: a multiword range (`3-4`)
/// or an empty node (`8.1`).
pub(crate) fn read(line: &str, format: Format, id: usize) -> Result<Option<Word<'_>>, Fault> {
    let layout = layout(format);
    let columns = Columns::split(line, layout.columns);
    let without_head = format == Format::CoreNlp && columns.count == CORE_NLP_WITHOUT_HEAD;
    if columns.count < layout.columns && !without_head {
        return Err(Fault::Syntax {
            expected: format!("{} columns with tabs between them", layout.columns),
            found: columns.count.to_string(),
        });
    }
    if columns.more && !format.has_predicates() {
        let all = used_columns(line);
        if all > layout.columns && !(format == Format::ConllU && all == CONLLU_LEX) {
            return Err(Fault::Syntax {
                expected: format!("{} columns with tabs between them", layout.columns),
                found: format!("{all} (a tab within a word makes two columns of one)"),
            });
        }
    }
    let number_or_range = columns.get(0);
    if number(number_or_range) != Some(id) {
        if is_range_or_empty_node(number_or_range) {
            return Ok(None);
        }
        return Err(fault(format!("word number {id}"), number_or_range));
    }
    let form = layout.form.of(&columns);
    if form.is_empty() {
        return Err(fault(
            format!("a word in column {}", layout.form.0 + 1),
            form,
        ));
    }
    let head = match layout.head.of(&columns) {
        "_" | "" => NO_HEAD,
        head => number(head)
            .and_then(|head| i32::try_from(head).ok())
            .ok_or_else(|| fault(format!("a head in column {}", layout.head.0 + 1), head))?,
    };
    let deprel = match layout.deprel.of(&columns) {
        "_" => "",
        _ if head == NO_HEAD => "",
        deprel => deprel,
    };
    Ok(Some(Word {
        form,
        upos: layout.upos.map_or("_", |column| columns.get(column)),
        xpos: layout.xpos.of(&columns),
        head,
        deprel,
    }))
}

/// A decimal number without sign.
pub(crate) fn number(text: &str) -> Option<usize> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |number, &digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + usize::from(digit - b'0'))
    })
}

/// `3-4` or `8.1`.
pub(crate) fn is_range_or_empty_node(id: &str) -> bool {
    let both = |(a, b)| number(a).is_some() && number(b).is_some();
    id.split_once('-').is_some_and(both) || id.split_once('.').is_some_and(both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(line: &str, format: Format, id: usize) -> String {
        read(line, format, id).unwrap_err().to_string()
    }

    #[test]
    fn words() {
        let word = |form, upos, xpos, head, deprel| {
            Ok(Some(Word {
                form,
                upos,
                xpos,
                head,
                deprel,
            }))
        };
        let row = "12\tto be\tbe\tVERB\tVB\tA=b\t3\tacl:relcl\t_\t_\t\t";
        let expected = word("to be", "VERB", "VB", 3, "acl:relcl");
        assert_eq!(read(row, Format::ConllU, 12), expected);
        let expected = word("to be", "_", "VB", 3, "acl:relcl");
        assert_eq!(read(row, Format::ConllX, 12), expected);
        let row = "1\t_\t_\tNFP\tO\t0\tROOT\t";
        let expected = word("_", "_", "NFP", 0, "ROOT");
        assert_eq!(read(row, Format::CoreNlp, 1), expected);
    }

    #[test]
    fn words_without_a_head() {
        for row in ["1\t.\t.\t.\tO\t_\t_", "1\t.\t.\t.\tO\t\t", "1\t.\t.\t.\tO"] {
            let word = read(row, Format::CoreNlp, 1).unwrap().unwrap();
            assert_eq!((word.head, word.deprel), (NO_HEAD, ""), "{row:?}");
        }
    }

    #[test]
    fn ranges_and_empty_nodes_are_no_words() {
        for id in ["3-4", "10.1"] {
            let row = format!("{id}\tdon't\t_\t_\t_\t_\t_\t_\t_\t_");
            assert_eq!(read(&row, Format::ConllU, 3), Ok(None));
        }
    }

    #[test]
    fn more_columns_than_the_format_has_are_a_fault() {
        let row =
            |columns: usize| format!("1\tthe\t_\t_\t_\t_\t2\tdet{}", "\t_".repeat(columns - 8));
        let expected = "expected 10 columns with tabs between them, found 11 (a tab within a word makes \
                        two columns of one)";
        for format in [Format::ConllU, Format::ConllX] {
            assert_eq!(message(&row(11), format, 1), expected);
            assert!(read(&format!("{}\t\t", row(10)), format, 1).is_ok());
        }
        assert!(read(&row(19), Format::ConllU, 1).is_ok(), "CoNLL-U-Lex");
        assert!(read(&row(19), Format::ConllX, 1).is_err());
        assert!(read(&row(20), Format::ConllU, 1).is_err());
        let row = "1\tthe\tother\tthe\tDT\tO\t2\tdet";
        let found = message(row, Format::CoreNlp, 1);
        assert!(
            found.starts_with("expected 7 columns with tabs between them, found 8"),
            "{found}"
        );
    }

    #[test]
    fn faults() {
        let row = "2\tthe\t_\t_\t_\t_\tthree\tdet\t_\t_";
        assert_eq!(
            message(row, Format::ConllU, 3),
            "expected word number 3, found \"2\""
        );
        assert_eq!(
            message(row, Format::ConllU, 2),
            "expected a head in column 7, found \"three\""
        );
        assert_eq!(
            message("1\t\t_\t_\t_\t_\t2\tdet\t_\t_", Format::ConllX, 1),
            "expected a word in column 2, found \"\""
        );
        assert_eq!(
            message("1\tthe\t_\t_\t_\t_", Format::ConllX, 1),
            "expected 10 columns with tabs between them, found 6"
        );
        assert_eq!(
            message("1 the the DT O 2 det", Format::CoreNlp, 1),
            "expected 7 columns with tabs between them, found 1"
        );
        assert_eq!(
            message(&"x\t".repeat(10), Format::ConllU, 1),
            "expected word number 1, found \"x\""
        );
        let long = format!("{}\t{}", "x".repeat(50), "_\t".repeat(9));
        assert_eq!(
            message(&long, Format::ConllU, 1),
            format!("expected word number 1, found \"{}\"…", "x".repeat(40))
        );
    }
}
