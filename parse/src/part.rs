//! A part of an input that is read again where it was cut out.

use std::io::{self, BufRead, Cursor, Read};

use kprep_schemas::Position;

use crate::placed::Placed;
use crate::placed_lines::PlacedLines;

/// Size of a block in bytes, but for one sentence more or less.
pub(crate) const BLOCK: usize = 256 << 10;

/// Whole sentences, as they stand in an input.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) position: Position,
    pub(crate) bytes: Vec<u8>,
    /// Why the input broke off behind them.
    pub(crate) fault: Option<io::Error>,
}

impl Part {
    pub(crate) fn into_input(self) -> impl BufRead {
        Cursor::new(self.bytes).chain(Failed(self.fault))
    }

    pub(crate) fn lines(self) -> PlacedLines<impl BufRead> {
        let position = self.position;
        Placed::starting_at(self.into_input(), position).into()
    }
}

/// Fails once with what an input failed with.
pub(crate) struct Failed(pub(crate) Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl BufRead for Failed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.take().map_or(Ok(&[]), Err)
    }

    fn consume(&mut self, _used: usize) {}
}
