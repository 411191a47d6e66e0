//! The lines of WNDB's files.

use std::io::{self, BufRead, Read};

use kprep_schemas::Position;

use super::error::{Unexpected, WordNetError, WordNetResult};

/// A longer line is refused. WordNet's longest has 16 KB.
pub const MAX_WNDB_LINE: usize = 1 << 20;

/// Parses each line of a file that is not blank. Lines end with LF or CRLF.
pub(crate) struct Lines<R, T> {
    reader: R,
    position: Position,
    line: Vec<u8>,
    parse: fn(&str, Position) -> Result<Option<T>, Unexpected>,
    done: bool,
}

impl<R: BufRead, T> Lines<R, T> {
    /// `parse` gives nothing of a line that is no record.
    pub(crate) fn new(
        reader: R,
        parse: fn(&str, Position) -> Result<Option<T>, Unexpected>,
    ) -> Self {
        Self {
            reader,
            position: Position {
                line: 1,
                ..Position::default()
            },
            line: Vec::new(),
            parse,
            done: false,
        }
    }

    /// Reads the next line with its end; false at the end of the input.
    fn read(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(MAX_WNDB_LINE as u64 + 1);
        limited.read_until(b'\n', &mut self.line)?;
        Ok(!self.line.is_empty())
    }

    fn record(&mut self) -> Option<WordNetResult<(Position, T)>> {
        loop {
            let at = self.position;
            match self.read() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(source) => {
                    self.done = true;
                    let position = at;
                    return Some(Err(WordNetError::Read { position, source }));
                }
            }
            self.position.byte += self.line.len() as u64;
            self.position.line += 1;
            let parsed = match whole(&self.line) {
                Ok(line) if line.trim().is_empty() => continue,
                Ok(line) => (self.parse)(line, at),
                Err(unexpected) => {
                    // What follows is no line of the file.
                    self.done |= !self.line.ends_with(b"\n");
                    Err(unexpected)
                }
            };
            match parsed {
                Ok(None) => {}
                Ok(Some(record)) => {
                    self.position.record += 1;
                    let record_number = self.position.record;
                    let at = Position {
                        record: record_number,
                        ..at
                    };
                    return Some(Ok((at, record)));
                }
                Err(unexpected) => return Some(Err(unexpected.at(at))),
            }
        }
    }
}

/// The line without its end.
fn whole(line: &[u8]) -> Result<&str, Unexpected> {
    let Some(text) = line.strip_suffix(b"\n") else {
        if line.len() > MAX_WNDB_LINE {
            let expected = format!("a line of at most {MAX_WNDB_LINE} bytes");
            return Err(Unexpected {
                expected,
                found: "a longer one".into(),
            });
        }
        return Err(Unexpected {
            expected: "a line that ends with a line break".into(),
            found: "the end of the file".into(),
        });
    };
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if text.starts_with("\u{feff}".as_bytes()) {
        return Err(Unexpected {
            expected: "a file without a byte order mark, which moves every offset".into(),
            found: "one".into(),
        });
    }
    std::str::from_utf8(text).map_err(|invalid| Unexpected {
        expected: "text in UTF-8".into(),
        found: format!("the byte 0x{:02x}", text[invalid.valid_up_to()]),
    })
}

impl<R: BufRead, T> Iterator for Lines<R, T> {
    type Item = WordNetResult<(Position, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let record = self.record();
        self.done |= record.is_none();
        record
    }
}

/// The fields of a line, between blanks.
pub(crate) struct Fields<'a> {
    rest: std::str::SplitAsciiWhitespace<'a>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        Self {
            rest: line.split_ascii_whitespace(),
        }
    }

    /// The next field.
    pub(crate) fn text(&mut self, what: &str) -> Result<&'a str, Unexpected> {
        self.rest.next().ok_or_else(|| Unexpected::end(what))
    }

    /// The next field as a decimal number.
    pub(crate) fn number<N: TryFrom<u64>>(&mut self, what: &str) -> Result<N, Unexpected> {
        let text = self.text(what)?;
        number(text, 10).ok_or_else(|| Unexpected::new(what, text))
    }

    /// The next field as a number to the base 16.
    pub(crate) fn hex<N: TryFrom<u64>>(&mut self, what: &str) -> Result<N, Unexpected> {
        let text = self.text(what)?;
        number(text, 16).ok_or_else(|| Unexpected::new(what, text))
    }

    /// Nothing follows.
    pub(crate) fn end(&mut self) -> Result<(), Unexpected> {
        match self.rest.next() {
            Some(more) => Err(Unexpected::new("the end of the line", more)),
            None => Ok(()),
        }
    }
}

/// Digits alone, without a sign.
pub(crate) fn number<N: TryFrom<u64>>(text: &str, radix: u32) -> Option<N> {
    let is_plain = text.bytes().all(|byte| (byte as char).is_digit(radix));
    let number = is_plain.then(|| u64::from_str_radix(text, radix).ok());
    N::try_from(number??).ok()
}
