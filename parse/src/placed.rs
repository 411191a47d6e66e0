//! An input that knows how far it was read.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use kprep_schemas::Position;

use crate::conll::{BOM, MAX_SENTENCE};

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

impl<R: BufRead> Placed<R> {
    /// An input from its start; a byte order mark there is passed over.
    pub(crate) fn new(input: R) -> Self {
        let start = Position {
            byte: 0,
            line: 1,
            record: 0,
        };
        let place = Place {
            position: Rc::new(Cell::new(start)),
            limit: Rc::new(Cell::new(u64::MAX)),
        };
        let mut placed = Self { input, place };
        for byte in BOM {
            // A fault shows again at the next read.
            if placed
                .fill_buf()
                .is_ok_and(|rest| rest.first() == Some(byte))
            {
                placed.consume(1);
            }
        }
        placed
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }
}

impl Place {
    pub(crate) fn get(&self) -> Position {
        self.position.get()
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
        self.consume(read);
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
        let mut position = self.place.position.get();
        // What is used was given out by `fill_buf`, so this reads nothing.
        if let Ok(buffer) = self.input.fill_buf() {
            let used = &buffer[..used.min(buffer.len())];
            position.line += memchr::memchr_iter(b'\n', used).count() as u64;
        }
        position.byte += used as u64;
        self.place.position.set(position);
        self.input.consume(used);
    }
}
