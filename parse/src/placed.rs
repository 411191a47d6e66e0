//! An input that knows how far it was read.

use std::cell::Cell;
use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use kprep_schemas::Position;

use crate::conll::{BOM, MAX_SENTENCE};

/// How much is read of the input at a time.
const BUFFER: usize = 64 << 10;

/// Where a [`Placed`] input is; the handle that stays when a parser takes the input.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `record` counts the sentences begun.
    position: Rc<Cell<Position>>,
    /// The byte up to which reading may go on.
    limit: Rc<Cell<u64>>,
    /// The last byte that was read.
    last: Rc<Cell<u8>>,
}

/// An input with lines and bytes counted, and an end to the patience with it: what is kept of it at
/// a time is at most [`MAX_SENTENCE`]. Parsers read it byte by byte, and what follows can be looked
/// at before they do.
#[derive(Debug)]
pub(crate) struct Placed<R> {
    input: R,
    /// What was read ahead; from `at` on it was not given out.
    ahead: Vec<u8>,
    at: usize,
    /// Why the input broke off behind that.
    fault: Option<io::Error>,
    /// What was consumed since it was to be recorded.
    recorded: Option<Vec<u8>>,
    place: Place,
}

/// An input from its start; a byte order mark there is passed over.
pub(crate) fn placed<R: BufRead>(input: R) -> Placed<R> {
    let start = Position {
        byte: 0,
        line: 1,
        record: 0,
    };
    let mut placed = Placed::starting_at(input, start);
    while placed.following().len() < BOM.len() && placed.read_ahead() {}
    if placed.following().starts_with(BOM) {
        placed.consume(BOM.len());
    }
    placed
}

impl<R: BufRead> Placed<R> {
    /// An input, or a part of one, that starts at `position`.
    pub(crate) fn starting_at(input: R, position: Position) -> Self {
        let place = Place {
            position: Rc::new(Cell::new(position)),
            limit: Rc::new(Cell::new(u64::MAX)),
            last: Rc::default(),
        };
        Self {
            input,
            ahead: Vec::with_capacity(BUFFER),
            at: 0,
            fault: None,
            recorded: None,
            place,
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// Begins to keep a copy of what is consumed.
    pub(crate) fn record(&mut self) {
        self.recorded = Some(Vec::new());
    }

    /// What was consumed since [`record`](Self::record), which ends.
    pub(crate) fn recorded(&mut self) -> Vec<u8> {
        self.recorded.take().unwrap_or_default()
    }

    /// What was read ahead and not given out.
    pub(crate) fn following(&self) -> &[u8] {
        &self.ahead[self.at..]
    }

    /// Reads more of the input. False at its end, and where it broke off.
    fn read_ahead(&mut self) -> bool {
        if self.at >= BUFFER {
            self.ahead.drain(..self.at);
            self.at = 0;
        }
        while self.fault.is_none() {
            match self.input.fill_buf() {
                Ok(buffer) => {
                    let used = buffer.len().min(BUFFER);
                    self.ahead.extend_from_slice(&buffer[..used]);
                    self.input.consume(used);
                    return used > 0;
                }
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                Err(fault) => self.fault = Some(fault),
            }
        }
        false
    }

    /// Length of the part of what follows of which `end` finds the end, if that comes within
    /// [`MAX_SENTENCE`]. `end` is given all that was read ahead so far, and how much of that it was
    /// given before. Nothing is consumed.
    pub(crate) fn find(
        &mut self,
        mut end: impl FnMut(&[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        let mut seen = 0;
        loop {
            let following = self.following();
            if let Some(length) = end(following, seen) {
                return (length <= MAX_SENTENCE).then_some(length);
            }
            seen = following.len();
            if seen >= MAX_SENTENCE || !self.read_ahead() {
                return None;
            }
        }
    }

    /// Appends `length` bytes of what was [found](Self::find) to `into`, and goes on behind them.
    pub(crate) fn take_found(&mut self, length: usize, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.following()[..length]);
        self.pass(length);
    }

    fn pass(&mut self, length: usize) {
        let passed = &self.ahead[self.at..self.at + length];
        self.place.pass(passed);
        if let Some(recorded) = &mut self.recorded {
            recorded.extend_from_slice(passed);
        }
        self.at += length;
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
        self.last
            .set(bytes.last().copied().unwrap_or(self.last.get()));
    }

    /// The last byte that was read.
    pub(crate) fn last(&self) -> u8 {
        self.last.get()
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
        self.pass(read);
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
        if self.following().is_empty() {
            self.ahead.clear();
            self.at = 0;
            if !self.read_ahead()
                && let Some(fault) = self.fault.take()
            {
                return Err(fault);
            }
        }
        Ok(self.following())
    }

    fn consume(&mut self, used: usize) {
        self.pass(used.min(self.following().len()));
    }
}
