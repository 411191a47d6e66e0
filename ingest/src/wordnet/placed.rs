//! An input that knows how far it was read.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use kprep_schemas::Position;

/// The place of an input that a parser has taken.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    position: Rc<Cell<Position>>,
    /// The byte up to which reading may go on.
    limit: Rc<Cell<u64>>,
}

/// An input whose bytes and lines are counted, and which ends with an error where more is read at a time
/// than may be kept.
#[derive(Debug)]
pub(crate) struct Placed<R> {
    input: R,
    place: Place,
    at_most: u64,
}

impl<R: BufRead> Placed<R> {
    pub(crate) fn new(input: R, at_most: u64) -> Self {
        let start = Position {
            line: 1,
            ..Position::default()
        };
        let place = Place {
            position: Rc::new(Cell::new(start)),
            limit: Rc::new(Cell::new(at_most)),
        };
        Self {
            input,
            place,
            at_most,
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }
}

impl Place {
    pub(crate) fn get(&self) -> Position {
        self.position.get()
    }

    /// What follows may have so many bytes.
    pub(crate) fn limit(&self, at_most: u64) {
        self.limit.set(self.position.get().byte + at_most);
    }

    fn pass(&self, bytes: &[u8]) {
        let mut position = self.position.get();
        position.byte += bytes.len() as u64;
        position.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.position.set(position);
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
        if self.place.get().byte > self.place.limit.get() {
            let at_most = self.at_most;
            let why = format!("an element of more than {at_most} bytes");
            return Err(io::Error::other(why));
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
