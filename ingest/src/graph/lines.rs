//! The lines of a graph's files.

use std::io::{self, BufRead, Read};

use kprep_schemas::Position;

use super::error::{GraphError, GraphResult};

/// A longer line is refused. Definitions of UMLS have some 40 KB.
pub const MAX_GRAPH_LINE: usize = 1 << 20;

/// The lines of an input, one at a time, without LF or CRLF. Memory: a line.
pub(super) struct Lines<R> {
    reader: R,
    next: Position,
    line: Vec<u8>,
    done: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            next: Position {
                line: 1,
                ..Position::default()
            },
            line: Vec::new(),
            done: false,
        }
    }

    /// Goes to the next line: where it starts, and the line; nothing at the end of the input. A line of
    /// no UTF-8 costs itself; one that is too long, or that does not end, is the last one.
    pub(super) fn next(&mut self) -> Option<GraphResult<(Position, &str)>> {
        if self.done {
            return None;
        }
        let at = self.next;
        match self.read() {
            Ok(true) => {}
            Ok(false) => {
                self.done = true;
                return None;
            }
            Err(source) => {
                self.done = true;
                return Some(Err(GraphError::Read {
                    position: at,
                    source,
                }));
            }
        }
        self.next.byte += self.line.len() as u64;
        self.next.line += 1;
        Some(self.text(at).map(|text| (at, text)))
    }

    /// The end of the data so far.
    pub(super) fn end(&self) -> Position {
        self.next
    }

    fn read(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(MAX_GRAPH_LINE as u64 + 1);
        limited.read_until(b'\n', &mut self.line)?;
        Ok(!self.line.is_empty())
    }

    fn text(&mut self, at: Position) -> GraphResult<&str> {
        let Some(text) = self.line.strip_suffix(b"\n") else {
            self.done = true;
            let found = if self.line.len() > MAX_GRAPH_LINE {
                format!("a line of more than {MAX_GRAPH_LINE} bytes")
            } else {
                "the end of the file within a line".to_owned()
            };
            return Err(GraphError::told(
                at,
                "a line that ends with a line break",
                &found,
            ));
        };
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = match at.byte {
            0 => text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text),
            _ => text,
        };
        std::str::from_utf8(text).map_err(|invalid| {
            let found = format!("the byte 0x{:02x}", text[invalid.valid_up_to()]);
            GraphError::told(at, "text in UTF-8", &found)
        })
    }
}

/// Records of lines: each line that is not blank, parsed.
pub(super) struct Records<R, T> {
    lines: Lines<R>,
    count: u64,
    parse: fn(&str, Position) -> GraphResult<Option<T>>,
}

impl<R: BufRead, T> Records<R, T> {
    /// `parse` gives nothing of a line that is passed over.
    pub(super) fn new(reader: R, parse: fn(&str, Position) -> GraphResult<Option<T>>) -> Self {
        Self {
            lines: Lines::new(reader),
            count: 0,
            parse,
        }
    }
}

impl<R: BufRead, T> Iterator for Records<R, T> {
    type Item = GraphResult<(Position, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let parsed = match self.lines.next()? {
                Ok((_, line)) if line.trim().is_empty() => continue,
                Ok((at, line)) => {
                    let at = Position {
                        record: self.count,
                        ..at
                    };
                    self.count += 1;
                    (self.parse)(line, at).map(|record| Some((at, record?)))
                }
                Err(error) => return Some(Err(error)),
            };
            if let Some(record) = parsed.transpose() {
                return Some(record);
            }
        }
    }
}
