//! An input that knows how far it was read.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;
use std::str;

use kprep_schemas::Position;

use crate::chunks::Failed;
use crate::conll::{BOM, MAX_SENTENCE};
use crate::{Error, Fault, Result};

const BUFFER: usize = 64 << 10;

/// Where a [`Placed`] input is; the handle that stays when a parser takes the input.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `record` counts the sentences begun.
    position: Rc<Cell<Position>>,
    /// The byte up to which reading may go on.
    limit: Rc<Cell<u64>>,
}

/// An input with lines and bytes counted, and an end to the patience with it: what is kept of it at
/// a time is at most [`MAX_SENTENCE`].
#[derive(Debug)]
pub(crate) struct Placed<R> {
    input: R,
    place: Place,
}

/// An input from its start; a byte order mark there is passed over.
pub(crate) fn placed<R: BufRead>(input: R) -> Placed<impl BufRead> {
    let (beginning, input) = peek(input, BOM.len() as u64);
    let start = Position {
        byte: 0,
        line: 1,
        record: 0,
    };
    let place = Place {
        position: Rc::new(Cell::new(start)),
        limit: Rc::new(Cell::new(u64::MAX)),
    };
    // Parsers read byte by byte, which should not go through all the layers of an input.
    let input = BufReader::with_capacity(BUFFER, input);
    let mut placed = Placed { input, place };
    if beginning == BOM {
        placed.consume(BOM.len());
    }
    placed
}

impl<R> Placed<R> {
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }
}

impl Place {
    pub(crate) fn get(&self) -> Position {
        self.position.get()
    }

    /// Counts what was read.
    fn pass(&self, bytes: &[u8]) {
        let mut position = self.position.get();
        position.byte += bytes.len() as u64;
        position.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.position.set(position);
    }

    /// Where what was just read began.
    pub(crate) fn before(&self, read: &str) -> Position {
        let position = self.position.get();
        let lines = memchr::memchr_iter(b'\n', read.as_bytes()).count() as u64;
        Position {
            byte: position.byte - read.len() as u64,
            line: position.line - lines,
            ..position
        }
    }

    /// Counts a sentence that began at `start`. Returns its position.
    pub(crate) fn begin_sentence(&self, start: Position) -> Position {
        let mut position = self.position.get();
        position.record += 1;
        self.position.set(position);
        let record = position.record;
        Position { record, ..start }
    }

    /// What follows is kept, but at most [`MAX_SENTENCE`] of it.
    pub(crate) fn limit(&self) {
        self.limit
            .set(self.position.get().byte + MAX_SENTENCE as u64);
    }

    /// So many bytes were not kept after all.
    pub(crate) fn forget(&self, bytes: usize) {
        let limit = self.limit.get();
        self.limit.set(limit.saturating_add(bytes as u64));
    }

    /// What follows is not kept.
    pub(crate) fn unlimit(&self) {
        self.limit.set(u64::MAX);
    }
}

impl<R: BufRead> Read for Placed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let read = buffer.len().min(into.len());
        into[..read].copy_from_slice(&buffer[..read]);
        self.place.pass(&into[..read]);
        self.input.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Placed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.place.position.get().byte >= self.place.limit.get() {
            return Err(io::Error::other(format!(
                "expected the end of a sentence within {} MiB",
                MAX_SENTENCE >> 20
            )));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, used: usize) {
        // What is used was given out by `fill_buf`, so this reads nothing.
        if let Ok(buffer) = self.input.fill_buf() {
            self.place.pass(&buffer[..used.min(buffer.len())]);
        }
        self.input.consume(used);
    }
}

/// The first `bytes` of an input, and the whole input again.
pub(crate) fn peek<R: BufRead>(mut input: R, bytes: u64) -> (Vec<u8>, impl BufRead) {
    let mut beginning = Vec::new();
    let fault = (&mut input).take(bytes).read_to_end(&mut beginning).err();
    let again = Cursor::new(beginning.clone());
    (beginning, again.chain(Failed(fault)).chain(input))
}

/// A line of an input.
pub(crate) struct Line<'a> {
    pub(crate) position: Position,
    /// The line with its end.
    pub(crate) text: Cow<'a, str>,
    /// What is wrong with it if it is no text.
    pub(crate) fault: Option<Fault>,
}

/// The lines of an input.
pub(crate) struct PlacedLines<R> {
    input: Placed<R>,
    line: Vec<u8>,
}

/// The lines of an input from its start.
pub(crate) fn lines<R: BufRead>(input: R) -> PlacedLines<impl BufRead> {
    PlacedLines {
        input: placed(input),
        line: Vec::new(),
    }
}

impl<R: BufRead> PlacedLines<R> {
    pub(crate) fn place(&self) -> Place {
        self.input.place()
    }

    /// The next line. `None` at the end of the input.
    ///
    /// # Errors
    /// [`Error::Input`].
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>> {
        let position = self.input.place.get();
        self.line.clear();
        let read = self
            .input
            .read_until(b'\n', &mut self.line)
            .map_err(|reason| Error::Input {
                position: self.input.place.get(),
                reason,
            })?;
        if read == 0 {
            return Ok(None);
        }
        let fault = str::from_utf8(&self.line)
            .err()
            .map(|invalid| Fault::Syntax {
                expected: "UTF-8".into(),
                found: format!("the byte 0x{:02x}", self.line[invalid.valid_up_to()]),
            });
        Ok(Some(Line {
            position,
            text: String::from_utf8_lossy(&self.line),
            fault,
        }))
    }
}
