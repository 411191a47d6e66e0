//! `OpenKE`'s files: `entity2id.txt`, `relation2id.txt`, and `train2id.txt` and its like.

use std::io::BufRead;

use kprep_schemas::Position;

use super::error::{GraphError, GraphResult};
use super::lines::Lines;

/// A name with its number.
pub type NamedId = (String, u32);

/// Head, relation and tail by their numbers.
pub type NumberedTriple = [u32; 3];

/// The rows of a file: how many there are, then so many lines. A file with fewer or more ends with an
/// error. Memory: a line.
struct Counted<R, T> {
    lines: Lines<R>,
    expected: Option<u64>,
    rows: u64,
    parse: fn(&str, Position) -> GraphResult<T>,
    done: bool,
}

/// The names of `entity2id.txt` or `relation2id.txt`: `name TAB number`.
pub fn openke_names<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, NamedId)>> {
    Counted::new(reader, |line, at| {
        let fields = line.rsplit_once(['\t', ' ']);
        let named = fields.and_then(|(name, number)| {
            let name = name.trim();
            Some((name.to_owned(), number.parse().ok()?)).filter(|_| !name.is_empty())
        });
        named.ok_or_else(|| GraphError::unexpected(at, "a name, a tab and a number", line))
    })
}

/// The facts of `train2id.txt` and its like. The order in a line is head, tail, relation.
pub fn openke_triples<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, NumberedTriple)>> {
    Counted::new(reader, |line, at| {
        let mut fields = line.split_ascii_whitespace();
        let mut number = || fields.next()?.parse().ok();
        let (head, tail, relation) = (number(), number(), number());
        let (Some(head), Some(tail), Some(relation), None) = (head, tail, relation, fields.next())
        else {
            let expected = "the numbers of head, tail and relation";
            return Err(GraphError::unexpected(at, expected, line));
        };
        Ok([head, relation, tail])
    })
}

impl<R: BufRead, T> Counted<R, T> {
    fn new(reader: R, parse: fn(&str, Position) -> GraphResult<T>) -> Self {
        Self {
            lines: Lines::new(reader),
            expected: None,
            rows: 0,
            parse,
            done: false,
        }
    }

    /// The number of rows, which is all that stands in the first line.
    fn count(line: &str, at: Position) -> GraphResult<u64> {
        let count = line.trim().parse();
        count.map_err(|_| GraphError::unexpected(at, "the number of rows that follow", line))
    }
}

impl<R: BufRead, T> Iterator for Counted<R, T> {
    type Item = GraphResult<(Position, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let Some(line) = self.lines.next() else {
                self.done = true;
                let expected = self.expected.unwrap_or_default();
                let rows = self.rows;
                return (rows != expected || self.expected.is_none()).then(|| {
                    let expected = match self.expected {
                        Some(expected) => format!("{expected} rows, as the first line says"),
                        None => "the number of rows in the first line".to_owned(),
                    };
                    Err(GraphError::told(
                        self.lines.end(),
                        &expected,
                        &format!("{rows} rows"),
                    ))
                });
            };
            let (at, line) = match line {
                Ok((_, line)) if line.trim().is_empty() => continue,
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            if self.expected.is_some() {
                let record = self.rows;
                self.rows += 1;
                let at = Position { record, ..at };
                return Some((self.parse)(line, at).map(|row| (at, row)));
            }
            match Self::count(line, at) {
                Ok(count) => self.expected = Some(count),
                Err(error) => {
                    self.done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{any_cut, told};

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "3\n0 1 2\n0 1\n3 4 5\n";
        let expected = [
            "2 [0, 2, 1]",
            "line 3, byte 8: expected the numbers of head, tail and relation, found \"0 1\"",
            "4 [3, 5, 4]",
        ];
        let show = |row: &NumberedTriple| format!("{row:?}");
        assert_eq!(told(openke_triples(text.as_bytes()), show), expected);
        any_cut(text, |text| told(openke_triples(text), show), 3);
        let names = "2\nM\u{fc}ller  x\t0\n/m/02\t1\n";
        let show = |(name, number): &NamedId| format!("{name}={number}");
        let expected = ["2 M\u{fc}ller  x=0", "3 /m/02=1"];
        assert_eq!(told(openke_names(names.as_bytes()), show), expected);
    }

    #[test]
    fn the_count_is_held_against_the_rows() {
        let told = |text: &str| told(openke_triples(text.as_bytes()), |row| format!("{row:?}"));
        assert_eq!(
            told("2\n0 1 2\n"),
            [
                "2 [0, 2, 1]",
                "line 3, byte 8: expected 2 rows, as the first line says, found 1 rows"
            ]
        );
        assert_eq!(told("0\n0 1 2\n").len(), 2);
        assert_eq!(
            told("0 1 2\n"),
            ["line 1, byte 0: expected the number of rows that follow, found \"0 1 2\""]
        );
        assert_eq!(told("").len(), 1);
    }
}
