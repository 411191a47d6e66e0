//! Cuts a text into blocks of whole lines without parsing them, so that they can be parsed in
//! parallel.

mod block;

use std::io::{self, BufRead, Read};

use kprep_schemas::Position;
use memchr::{memchr, memchr_iter, memrchr};

pub use self::block::LineBlock;
use crate::{Error, Result};

/// Lines are handed out in blocks of this many bytes, or less: a few dozen entities.
const BLOCK_BYTES: usize = 1 << 19;

/// A longer line of a dump is not kept: Wikidata's largest entities are some megabytes.
pub const MAX_LINE_BYTES: usize = 64 << 20;

/// Reads a text block by block. The blocks depend on the text alone, not on how it is buffered.
///
/// Where it cannot be read to its end, the whole lines before come first, then the error, and the
/// stream has ended. Memory: a block, and a line where that is longer.
pub struct LineBlocks<R> {
    reader: R,
    position: Position,
    /// What was read behind the last whole line.
    rest: Vec<u8>,
    /// Longer lines are passed over.
    max_line: usize,
    /// Whether it has to end as a dump does.
    is_dump: bool,
    /// Whether the text starts with a bracket, once that is known.
    is_array: Option<bool>,
    /// The last byte so far that is not blank.
    last: u8,
    /// The error to end with, after the blocks before it.
    failed: Option<Error>,
    done: bool,
}

impl<R: BufRead> LineBlocks<R> {
    /// Reads a dump of Wikidata from its start: its last line must be whole, what starts as an
    /// array must end as one, and there must be something.
    pub fn of_dump(reader: R) -> Self {
        Self::new(reader, MAX_LINE_BYTES, true)
    }

    /// Reads any text from its start; lines of more than `max_line` bytes, half a megabyte at
    /// least, are not kept.
    pub fn of_text(reader: R, max_line: usize) -> Self {
        Self::new(reader, max_line, false)
    }

    fn new(reader: R, max_line: usize, is_dump: bool) -> Self {
        let position = Position {
            line: 1,
            ..Position::default()
        };
        Self {
            reader,
            position,
            rest: Vec::new(),
            max_line,
            is_dump,
            is_array: None,
            last: 0,
            failed: None,
            done: false,
        }
    }

    /// Passes over what lies before `place`, which must be the end of a block of the same text.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Truncated`] if the dump ends before.
    pub fn skip_to(&mut self, place: Position) -> Result<()> {
        while self.position.byte < place.byte {
            let position = self.position;
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(reason) => return Err(Error::Read { position, reason }),
            };
            if buffer.is_empty() {
                let expected = "as much as the run before has read";
                return Err(Error::Truncated { position, expected });
            }
            let left = place.byte - position.byte;
            let used = buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            note(
                &buffer[..used],
                position.byte,
                &mut self.is_array,
                &mut self.last,
            );
            self.reader.consume(used);
            self.position.byte += used as u64;
        }
        self.position.line = place.line;
        Ok(())
    }

    /// Reads on until there are `bytes` in hand; false at the end of the input. A fault is an end:
    /// what a decoder may still give behind a damaged block does not join what stands before it.
    fn fill(&mut self, bytes: usize) -> bool {
        if self.failed.is_some() {
            return false;
        }
        let missing = bytes.saturating_sub(self.rest.len()) as u64;
        let read = self
            .reader
            .by_ref()
            .take(missing)
            .read_to_end(&mut self.rest);
        match read {
            Ok(n) => n as u64 == missing,
            Err(reason) => {
                let byte = self.position.byte + self.rest.len() as u64;
                let position = Position {
                    byte,
                    ..self.position
                };
                self.failed = Some(Error::Read { position, reason });
                false
            }
        }
    }

    /// The next block; `None` at the end.
    fn block(&mut self) -> Option<LineBlock> {
        let mut wanted = BLOCK_BYTES;
        loop {
            let more = self.fill(wanted);
            if let Some(end) = memrchr(b'\n', &self.rest) {
                let rest = self.rest.split_off(end + 1);
                let bytes = std::mem::replace(&mut self.rest, rest);
                return Some(self.hand_out(bytes));
            }
            if !more {
                return self.last_line();
            }
            if self.rest.len() > self.max_line {
                return Some(self.pass_over());
            }
            wanted = (2 * self.rest.len()).min(self.max_line + 1);
        }
    }

    /// What stands behind the last line end. If it is only the beginning of a line, it is not
    /// handed out: that the dump breaks off there says it all.
    fn last_line(&mut self) -> Option<LineBlock> {
        let bytes = std::mem::take(&mut self.rest);
        let line = bytes.trim_ascii();
        let ends = [b"}".as_slice(), b"},", b"]", b"[", b"."];
        let is_whole = !self.is_dump || ends.iter().any(|end| line.ends_with(end));
        if line.is_empty() {
            return None;
        }
        if self.failed.is_some() || !is_whole {
            note(
                &bytes,
                self.position.byte,
                &mut self.is_array,
                &mut self.last,
            );
            self.position.byte += bytes.len() as u64;
            self.failed.get_or_insert(Error::Truncated {
                position: self.position,
                expected: "the end of the line that it is in",
            });
            return None;
        }
        Some(self.hand_out(bytes))
    }

    fn hand_out(&mut self, bytes: Vec<u8>) -> LineBlock {
        note(
            &bytes,
            self.position.byte,
            &mut self.is_array,
            &mut self.last,
        );
        let start = self.position;
        self.position.byte += bytes.len() as u64;
        self.position.line += memchr_iter(b'\n', &bytes).count() as u64;
        LineBlock {
            bytes,
            start,
            end: self.position,
            too_long: None,
        }
    }

    /// Passes over a line that is too long, as a block of its own.
    fn pass_over(&mut self) -> LineBlock {
        let start = self.position;
        self.position.byte += self.rest.len() as u64;
        self.rest.clear();
        loop {
            let more = self.fill(BLOCK_BYTES);
            let end = memchr(b'\n', &self.rest).map(|end| end + 1);
            let rest = self.rest.split_off(end.unwrap_or(self.rest.len()));
            note(
                &self.rest,
                self.position.byte,
                &mut self.is_array,
                &mut self.last,
            );
            self.position.byte += self.rest.len() as u64;
            self.rest = rest;
            if end.is_some() || !more {
                break;
            }
        }
        self.position.line += 1;
        LineBlock {
            bytes: Vec::new(),
            start,
            end: self.position,
            too_long: Some(self.position.byte - start.byte),
        }
    }

    fn end(&mut self) -> Option<Error> {
        self.done = true;
        if let Some(error) = self.failed.take() {
            return Some(error);
        }
        let position = self.position;
        let expected = match (self.is_array, self.last) {
            _ if !self.is_dump => return None,
            (None, _) => "the JSON of Wikidata's entities, one a line; it is empty",
            (Some(true), last) if last != b']' => "']' after the last entity",
            _ => return None,
        };
        Some(Error::Truncated { position, expected })
    }
}

/// Notes whether the text is an array, and its last byte that is not blank.
fn note(bytes: &[u8], at: u64, is_array: &mut Option<bool>, last: &mut u8) {
    if is_array.is_none() {
        let mark = if at == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let first = bytes[mark..].trim_ascii_start().first();
        *is_array = first.map(|&byte| byte == b'[');
    }
    if let Some(&byte) = bytes.trim_ascii_end().last() {
        *last = byte;
    }
}

impl<R: BufRead> Iterator for LineBlocks<R> {
    type Item = Result<LineBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.block() {
            Some(block) => Some(Ok(block)),
            None => self.end().map(Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    type Lines = Vec<(u64, u64, String)>;

    /// The lines with byte and number, and the error at the end, read through a buffer of this
    /// size.
    fn read(text: &[u8], buffer: usize) -> (Lines, Option<String>) {
        let mut lines = Vec::new();
        let mut error = None;
        for block in LineBlocks::of_dump(BufReader::with_capacity(buffer, text)) {
            match block {
                Ok(block) => lines.extend(block.lines().map(|(at, line)| {
                    (at.byte, at.line, String::from_utf8_lossy(line).into_owned())
                })),
                Err(e) => error = Some(e.to_string()),
            }
        }
        (lines, error)
    }

    fn same(text: &[u8]) -> (Lines, Option<String>) {
        let whole = read(text, 1 << 16);
        assert_eq!(read(text, 1), whole);
        whole
    }

    #[test]
    fn lines_have_their_places_with_either_line_end() {
        let line = |byte, number, text: &str| (byte, number, text.to_owned());
        let (lines, error) = same(b"[\n{\"a\":1},\n\n{\"b\":2}\n]\n");
        assert_eq!(error, None);
        let expected = [
            line(0, 1, "["),
            line(2, 2, "{\"a\":1},"),
            line(12, 4, "{\"b\":2}"),
            line(20, 5, "]"),
        ];
        assert_eq!(lines, expected);
        let (lines, error) = same(b"[\r\n{\"a\":1},\r\n{\"b\":2}\r\n]");
        assert_eq!((lines.len(), error), (4, None));
        assert_eq!(lines[2], line(13, 3, "{\"b\":2}"));
    }

    #[test]
    fn a_dump_that_breaks_off_says_where() {
        let fault = |text: &[u8]| same(text).1.unwrap();
        let expected = "the file breaks off at byte 11: expected ']' after the last entity";
        assert_eq!(fault(b"[\n{\"a\":1},\n"), expected);
        let (lines, error) = same(b"[\n{\"a\":1},\n{\"b\"");
        assert_eq!(lines.len(), 2);
        let expected = "the file breaks off at byte 15: expected the end of the line that it is in";
        assert_eq!(error.unwrap(), expected);
        assert!(fault(b"\n \n").ends_with("one a line; it is empty"));
        // Lines without an array may end anywhere.
        assert_eq!(same(b"{\"a\":1}\n{\"b\":2}").1, None);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut text = b"[\n".to_vec();
        text.resize(2 + MAX_LINE_BYTES + (3 << 20), b'x');
        text.extend(b"\n{}\n]\n");
        let blocks: Vec<_> = LineBlocks::of_dump(text.as_slice())
            .map(|b| b.unwrap())
            .collect();
        assert_eq!(
            blocks[1].too_long,
            Some((MAX_LINE_BYTES + (3 << 20) + 1) as u64)
        );
        assert_eq!(
            (blocks[2].start.line, blocks[2].bytes.as_slice()),
            (3, b"{}\n]\n".as_slice())
        );
    }

    #[test]
    fn a_text_may_end_anywhere_and_says_how_long_its_lines_may_be() {
        let mut text = vec![b'x'; BLOCK_BYTES + 9];
        text.extend(b"\ntwo");
        let blocks: Vec<_> = LineBlocks::of_text(text.as_slice(), BLOCK_BYTES)
            .map(|b| b.unwrap())
            .collect();
        assert_eq!(blocks[0].too_long, Some(BLOCK_BYTES as u64 + 10));
        assert_eq!(
            (blocks[1].start.line, blocks[1].bytes.as_slice()),
            (2, b"two".as_slice())
        );
        assert!(LineBlocks::of_text(b"".as_slice(), 8).next().is_none());
    }

    #[test]
    fn a_fault_is_the_end_even_if_there_is_more_behind_it() {
        let before = b"[\n{\"a\":1},\n{\"b\":".as_slice();
        let behind = b"2},\n{\"c\":3}\n]\n".as_slice();
        let text = BufReader::with_capacity(4, before.chain(Damaged(true)).chain(behind));
        let mut blocks = LineBlocks::of_dump(text);
        assert_eq!(blocks.next().unwrap().unwrap().bytes, &before[..11]);
        let error = blocks.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "reading failed after byte 16 of the decompressed data: damaged"
        );
        assert!(blocks.next().is_none());
    }

    /// Fails once, as a damaged block between two good ones does.
    struct Damaged(bool);

    impl Read for Damaged {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            if std::mem::take(&mut self.0) {
                return Err(io::Error::other("damaged"));
            }
            Ok(0)
        }
    }

    #[test]
    fn reading_goes_on_at_the_end_of_a_block() {
        let mut text = b"[\n".to_vec();
        for i in 0..200_000 {
            text.extend(format!("{{\"id\":\"Q{i}\"}},\n").bytes());
        }
        text.extend(b"]\n");
        let blocks: Vec<_> = LineBlocks::of_dump(text.as_slice())
            .map(|b| b.unwrap())
            .collect();
        assert!(blocks.len() > 4);
        let mut rest = LineBlocks::of_dump(text.as_slice());
        rest.skip_to(blocks[1].end).unwrap();
        let rest: Vec<_> = rest.map(|b| b.unwrap()).collect();
        assert_eq!(rest, blocks[2..]);
        let mut short = LineBlocks::of_dump(&text[..100]);
        assert!(short.skip_to(blocks[1].end).is_err());
    }
}
