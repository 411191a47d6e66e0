//! Facts as lines of three names.

use std::io::BufRead;

use kprep_schemas::Position;

use super::error::{GraphError, GraphResult};
use super::lines::Records;

/// A fact by names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTriple {
    /// What it is about.
    pub head: String,
    /// The relation.
    pub relation: String,
    /// What it is related to.
    pub tail: String,
}

/// The facts of a file: `head TAB relation TAB tail`, a line each. Memory: a line.
pub fn triples<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, NamedTriple)>> {
    Records::new(reader, |line, at| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().filter(|field| !field.trim().is_empty());
        let (head, relation, tail) = (field(), field(), field());
        let (Some(head), Some(relation), Some(tail), None) = (head, relation, tail, fields.next())
        else {
            let expected = "head, relation and tail with tabs between them";
            return Err(GraphError::unexpected(at, expected, line));
        };
        Ok(Some(NamedTriple {
            head: head.to_owned(),
            relation: relation.to_owned(),
            tail: tail.to_owned(),
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{any_cut, told};

    const TEXT: &str = "alga\tisa\tentity\nalga\tisa\n\nbird\tisa\tanimal\n";

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let expected = [
            "1 alga isa entity",
            "line 2, byte 16: expected head, relation and tail with tabs between them, found \"alga\\tisa\"",
            "4 bird isa animal",
        ];
        let show =
            |triple: &NamedTriple| format!("{} {} {}", triple.head, triple.relation, triple.tail);
        assert_eq!(told(triples(TEXT.as_bytes()), show), expected);
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(told(triples(crlf.as_bytes()), show)[2], expected[2]);
        any_cut(TEXT, |text| told(triples(text), show), expected.len());
    }

    #[test]
    fn a_fourth_field_an_empty_one_and_another_encoding_are_refused() {
        let show = |triple: &NamedTriple| triple.head.clone();
        for text in [&b"a\tb\tc\td\n"[..], b"a\t\tc\n", b"a\tb\t\xff\n"] {
            let told = told(triples(text), show);
            assert!(told[0].starts_with("line 1, byte 0: expected "), "{told:?}");
        }
        let marked = "\u{feff}a\tb\tc\n";
        assert_eq!(told(triples(marked.as_bytes()), show), ["1 a"]);
    }
}
