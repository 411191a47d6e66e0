//! CSV (RFC 4180) with a header.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use kprep_schemas::Position;

use super::csv_record::Record;
use super::{Fault, Parsed};
use crate::{Error, Result};

/// A longer row of a CSV file is not kept.
pub const MAX_ROW_BYTES: usize = 16 << 20;

/// Reads the rows below a header. A row ends with its line (LF or CRLF), unless a quoted field goes
/// on in the next one. Blank lines are passed over.
///
/// A row that does not have the fields of the header is one [`Fault`]. So is one with a quotation
/// mark that is not closed where it should be, one of more than [`MAX_ROW_BYTES`], and one with a
/// quoted field in which another row stands, because then the mark was closed by one of that row.
/// Of these the first line is lost, and the lines behind it are read as rows of a line each. A
/// failing input ends the stream. Memory: a few times [`MAX_ROW_BYTES`].
pub struct CsvRows<R> {
    reader: R,
    /// Where the next line starts.
    position: Position,
    header: Vec<String>,
    /// Lines behind the first one of a row that was given up.
    again: VecDeque<(Position, Vec<u8>)>,
    failed: bool,
}

/// The lines of a row, or as much of them as is kept.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    /// Where each whole line starts in `bytes`, and its place in the file.
    starts: Vec<(usize, Position)>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Syntax`] for a header that is no row.
    pub fn new(reader: R) -> Result<Self> {
        let mut rows = Self {
            reader,
            position: Position {
                line: 1,
                ..Position::default()
            },
            header: Vec::new(),
            again: VecDeque::new(),
            failed: false,
        };
        if let Some((position, header)) = rows.row()? {
            rows.header = header.map_err(|fault| Error::Syntax {
                position,
                expected: "a header with the names of the columns",
                found: fault.detail,
            })?;
        }
        rows.position.record = 0;
        Ok(rows)
    }

    /// The fields of the header; none if the input is empty.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    fn row(&mut self) -> Result<Option<Parsed<Vec<String>>>> {
        while let Some((at, line)) = self.again.pop_front() {
            if !is_blank(&line) {
                return Ok(Some((
                    self.numbered(at),
                    self.fields(Record::of_line(&line)),
                )));
            }
        }
        let mut lines = Lines::default();
        let mut record = Record::default();
        let fault = loop {
            let start = self.position;
            let room = MAX_ROW_BYTES.saturating_sub(lines.bytes.len());
            let from = lines.bytes.len();
            let length = self.line(room, &mut lines.bytes)?;
            if length == 0 {
                if lines.starts.is_empty() {
                    return Ok(None);
                }
                break record.unclosed("the file ends before");
            }
            if start.byte == 0 && lines.bytes.starts_with(b"\xef\xbb\xbf") {
                lines.bytes.drain(..3);
            }
            let line = lines.bytes.get(from..).unwrap_or_default();
            if lines.starts.is_empty() && is_blank(line) {
                lines.bytes.clear();
                continue;
            }
            if length > room {
                lines.bytes.truncate(from);
                lines
                    .starts
                    .extend(lines.starts.is_empty().then_some((0, start)));
                break Fault::malformed(format!("expected a row of at most {MAX_ROW_BYTES} bytes"));
            }
            lines.starts.push((from, start));
            match record.add(line) {
                Ok(false) => {}
                Ok(true) => {
                    if let Some(fault) = self.spliced(&lines) {
                        break fault;
                    }
                    let at = self.numbered(lines.starts[0].1);
                    return Ok(Some((at, self.fields(Ok(record)))));
                }
                Err(fault) => break fault,
            }
        };
        let at = self.numbered(lines.starts[0].1);
        self.again = lines.behind_the_first();
        Ok(Some((at, Err(fault))))
    }

    /// What is wrong with a row if one of its lines is a row by itself.
    fn spliced(&self, lines: &Lines) -> Option<Fault> {
        let (_, behind) = lines.starts.split_first()?;
        let mut ends = behind.iter().skip(1).map(|&(end, _)| end);
        let found = behind.iter().find(|&&(start, _)| {
            let end = ends.next().unwrap_or(lines.bytes.len());
            let line = lines.bytes.get(start..end).unwrap_or_default();
            Record::of_line(line).is_ok_and(|record| record.len() == self.header.len())
        });
        found.map(|(_, at)| {
            Fault::malformed(format!(
                "a quotation mark is not closed where it should be: the field that it opens holds line {}, \
                 which is a row of its own",
                at.line
            ))
        })
    }

    fn fields(
        &self,
        record: std::result::Result<Record, Fault>,
    ) -> std::result::Result<Vec<String>, Fault> {
        let record = record?;
        let (fields, expected) = (record.len(), self.header.len());
        if expected > 0 && fields != expected {
            let detail = format!("{fields} fields, expected {expected} as in the header");
            return Err(Fault::malformed(detail));
        }
        record.fields()
    }

    fn numbered(&mut self, at: Position) -> Position {
        self.position.record += 1;
        Position {
            record: self.position.record,
            ..at
        }
    }

    /// Appends the next line with its end, or as much of it as there is room for. Returns its
    /// length.
    fn line(&mut self, room: usize, bytes: &mut Vec<u8>) -> Result<usize> {
        let mut length = 0;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(reason) => {
                    let position = self.position;
                    return Err(Error::Read { position, reason });
                }
            };
            let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
            let used = end.unwrap_or(buffer.len());
            let kept = used.min(room.saturating_sub(length));
            bytes.extend_from_slice(&buffer[..kept]);
            self.reader.consume(used);
            length += used;
            self.position.byte += used as u64;
            self.position.line += u64::from(end.is_some());
            if end.is_some() || used == 0 {
                return Ok(length);
            }
        }
    }
}

impl Lines {
    fn behind_the_first(&self) -> VecDeque<(Position, Vec<u8>)> {
        let starts = self.starts.iter().skip(1);
        let ends = starts
            .clone()
            .skip(1)
            .map(|&(end, _)| end)
            .chain([self.bytes.len()]);
        let line = |(&(start, at), end): (&(usize, Position), usize)| {
            (at, self.bytes.get(start..end).unwrap_or_default().to_vec())
        };
        starts.zip(ends).map(line).collect()
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"" | b"\n" | b"\r\n" | b"\r")
}

impl<R: BufRead> Iterator for CsvRows<R> {
    type Item = Result<Parsed<Vec<String>>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.row().transpose();
        self.failed = matches!(row, Some(Err(_)));
        row
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Line and fields of each row, or what is wrong with it.
    fn read(text: &str, buffer: usize) -> Vec<(u64, std::result::Result<String, String>)> {
        let input = BufReader::with_capacity(buffer, text.as_bytes());
        let rows = CsvRows::new(input).unwrap().map(Result::unwrap);
        rows.map(|(at, row)| {
            let row = row.map(|row| row.join("|"));
            (at.line, row.map_err(|fault| fault.detail))
        })
        .collect()
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_costs_its_line() {
        let text = "id,text,label\na,Fine .,0\nb,\"never closed .,1\nc,After .,2\nd,He said \"go\" .,3\n\
                    e,\"two\nlines\",4\nf,Last .,5\n";
        let row = |text: &str| Ok(text.to_owned());
        for text in [text.to_owned(), format!("\u{feff}{text}")] {
            let rows = read(&text, 4096);
            assert_eq!(rows, read(&text, 1));
            let lines: Vec<u64> = rows.iter().map(|&(line, _)| line).collect();
            assert_eq!(lines, [2, 3, 4, 5, 6, 8]);
            let fault = rows[1].1.clone().unwrap_err();
            let expected = "a quotation mark opens field 2 and is not closed where it should be: ";
            assert!(fault.starts_with(expected), "{fault}");
            assert_eq!(rows[2].1, row("c|After .|2"));
            assert_eq!(rows[3].1, row("d|He said \"go\" .|3"));
            assert_eq!(rows[4].1, row("e|two\nlines|4"));
        }
        let crlf: Vec<_> = read(&text.replace('\n', "\r\n"), 7);
        assert_eq!(crlf[4].1, row("e|two\r\nlines|4"));
        assert_eq!(crlf[5], (8, row("f|Last .|5")));
    }

    #[test]
    fn a_row_within_a_field_is_no_part_of_it() {
        // The mark that opens b is closed by the one that opens the text of d.
        let text = "id,text,label\nb,\"open,1\nc,whole,2\nd,\",he\" said,3\ne,last,4\n";
        let rows = read(text, 64);
        assert_eq!(
            rows[0].1.clone().unwrap_err(),
            "a quotation mark is not closed where it should be: the field that it opens holds line 3, \
             which is a row of its own"
        );
        assert_eq!(rows[1].1, Ok("c|whole|2".to_owned()));
        assert_eq!(rows[2].0, 4);
        assert!(rows[2].1.is_err());
        assert_eq!(rows[3].1, Ok("e|last|4".to_owned()));
        let unclosed = read("id,text\na,\"b\nc,d\n", 64);
        assert!(
            unclosed[0]
                .1
                .clone()
                .unwrap_err()
                .contains("the file ends before")
        );
        assert_eq!(unclosed[1..], [(3, Ok("c|d".to_owned()))]);
    }

    #[test]
    fn a_row_that_is_too_long_costs_itself() {
        let expected = format!("expected a row of at most {MAX_ROW_BYTES} bytes");
        let long = "x".repeat(2 * MAX_ROW_BYTES);
        for text in [
            format!("id,text\na,{long}\nb,c\n"),
            format!("id,text\na,\"{long}\"\nb,c\n"),
            format!("id,text\na,\"x\n{long}\nb,c\n"),
        ] {
            let rows = read(&text, 1 << 16);
            assert_eq!(rows[0].1, Err(expected.clone()));
            assert_eq!(rows[1].1, Ok("b|c".to_owned()));
            assert_eq!(rows.len(), 2);
        }
        assert_eq!(read("", 1), []);
        assert_eq!(read("id,text\n\n\r\n", 1), []);
    }
}
