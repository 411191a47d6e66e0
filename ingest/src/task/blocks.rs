//! Lines in blocks with blank lines between them.

use std::io::{self, BufRead};
use std::mem;

use kprep_schemas::Position;

use super::{Fault, Parsed};
use crate::{Error, Result};

/// A larger block is not kept.
pub const MAX_BLOCK_BYTES: usize = 1 << 20;

/// Reads blocks of lines, the ends of lines (LF or CRLF) taken off. A line of blanks alone is
/// blank.
///
/// A block that is no UTF-8 or too large is one [`Fault`]; a failing input ends the stream. Memory:
/// a block of [`MAX_BLOCK_BYTES`].
pub struct Blocks<R> {
    reader: R,
    position: Position,
    failed: bool,
}

/// A line, or the end of the input if its length is 0.
struct Line {
    /// Its first bytes.
    kept: Vec<u8>,
    /// All its bytes.
    length: u64,
    /// Whether none of them is anything but blank.
    blank: bool,
}

impl<R: BufRead> Blocks<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            position: Position {
                line: 1,
                ..Position::default()
            },
            failed: false,
        }
    }

    /// The next line with its end, cut off behind `room` bytes.
    fn line(&mut self, room: usize) -> Result<Line> {
        let mut line = Line {
            kept: Vec::new(),
            length: 0,
            blank: true,
        };
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
            let kept = used.min(room.saturating_sub(line.kept.len()));
            line.kept.extend_from_slice(&buffer[..kept]);
            line.blank &= buffer[..used].iter().all(u8::is_ascii_whitespace);
            self.reader.consume(used);
            line.length += used as u64;
            if end.is_some() || used == 0 {
                return Ok(line);
            }
        }
    }

    fn block(&mut self) -> Result<Option<Parsed<Vec<String>>>> {
        let mut bytes = Vec::new();
        let mut size = 0;
        let mut start = self.position;
        loop {
            let room = MAX_BLOCK_BYTES.saturating_sub(bytes.len());
            let Line {
                mut kept,
                length,
                blank,
            } = self.line(room)?;
            if self.position.byte == 0 && kept.starts_with(b"\xef\xbb\xbf") {
                kept.drain(..3);
            }
            self.position.byte += length;
            self.position.line += u64::from(length > 0);
            if blank {
                if size == 0 && length > 0 {
                    start = self.position;
                    continue;
                }
                break;
            }
            size += length;
            bytes.extend(kept);
        }
        if size == 0 {
            return Ok(None);
        }
        self.position.record += 1;
        start.record = self.position.record;
        Ok(Some((start, lines(bytes, size))))
    }
}

fn lines(bytes: Vec<u8>, size: u64) -> std::result::Result<Vec<String>, Fault> {
    if size > MAX_BLOCK_BYTES as u64 {
        return Err(Fault::malformed(format!(
            "{size} bytes without a blank line, expected at most {MAX_BLOCK_BYTES}"
        )));
    }
    let text = String::from_utf8(bytes).map_err(Fault::malformed)?;
    Ok(text.lines().map(str::to_owned).collect())
}

impl<R: BufRead> Iterator for Blocks<R> {
    type Item = Result<Parsed<Vec<String>>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let block = self.block().transpose();
        self.failed = mem::take(&mut self.failed) || matches!(block, Some(Err(_)));
        block
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &[u8], buffer: usize) -> Vec<(u64, u64, Vec<String>)> {
        Blocks::new(BufReader::with_capacity(buffer, text))
            .map(|block| {
                let (at, lines) = block.unwrap();
                (at.line, at.byte, lines.unwrap())
            })
            .collect()
    }

    #[test]
    fn blocks_cut_anywhere_with_either_end_of_line() {
        let text = "a\nb\n\n\t\nc\n";
        let expected = vec![
            (1, 0, vec!["a".to_owned(), "b".into()]),
            (5, 7, vec!["c".into()]),
        ];
        assert_eq!(read(text.as_bytes(), 64), expected);
        assert_eq!(read(text.as_bytes(), 1), expected);
        let lines = |text: &str| -> Vec<_> {
            let blocks = read(text.as_bytes(), 3).into_iter();
            blocks.map(|(line, _, lines)| (line, lines)).collect()
        };
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(lines(&format!("\u{feff}{crlf}")), lines(text));
        assert_eq!(read(b"", 1), vec![]);
        assert_eq!(read(b"\n\n", 1), vec![]);
    }

    #[test]
    fn a_huge_block_costs_itself() {
        let text = format!("{}\n\nb\n", "x".repeat(MAX_BLOCK_BYTES + 1));
        let blocks: Vec<_> = Blocks::new(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(
            blocks[0].1.clone().unwrap_err().detail,
            "1048578 bytes without a blank line, expected at most 1048576"
        );
        assert_eq!(blocks[1].1, Ok(vec!["b".to_owned()]));
    }
}
