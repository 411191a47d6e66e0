//! The blocks of a bzip2 file, found but not decoded.

use std::io::{self, ErrorKind, Read};

use super::bits::{self, MAGIC_BITS, WINDOW};
use super::block::Block;

/// Bytes read at a time.
const CHUNK: usize = 1 << 18;

/// Bytes of a stream's header: `BZh` and the level.
const HEADER: u64 = 4;

/// Bits of a checksum.
const CHECKSUM_BITS: u64 = 32;

/// What stands next in a file.
pub(super) enum Found {
    Block(Block),
    /// The end of a stream and the checksum that stands there.
    End {
        checksum: u32,
        byte: u64,
    },
    /// Nothing can be read from here on.
    Fault(ErrorKind, String),
}

/// The compressed bytes: a piece of the file that moves on as blocks are done.
pub(super) struct Source<R> {
    input: R,
    bytes: Vec<u8>,
    /// Where in the file `bytes` starts.
    base: u64,
    is_whole: bool,
    /// What comes next.
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    /// A stream's header at this byte, or the end of the file.
    Header(u64),
    /// A block or the stream's end at this bit.
    Mark { bit: u64, level: u8 },
    /// Nothing.
    Nothing,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            bytes: Vec::new(),
            base: 0,
            is_whole: false,
            next: Next::Header(0),
        }
    }

    /// The next block, as far as the next mark.
    pub(super) fn next(&mut self) -> Option<Found> {
        let found = match self.next {
            Next::Nothing => Ok(None),
            Next::Header(byte) => self.header(byte),
            Next::Mark { bit, level } => self.at_mark(bit, level).map(Some),
        };
        // What stands before the fault is still on its way.
        found.unwrap_or_else(|error| Some(self.stop(error.kind(), error.to_string())))
    }

    fn header(&mut self, byte: u64) -> io::Result<Option<Found>> {
        self.fill_to(byte + HEADER)?;
        let header = &self.bytes[(byte - self.base) as usize..];
        match *header {
            [] => {
                self.next = Next::Nothing;
                Ok(None)
            }
            [b'B', b'Z', b'h', level @ b'1'..=b'9', ..] => {
                self.next = Next::Mark {
                    bit: 8 * (byte + HEADER),
                    level,
                };
                Ok(self.next())
            }
            _ => {
                let what = "expected a bzip2 stream or the end of the file at byte";
                Ok(Some(
                    self.stop(ErrorKind::InvalidData, format!("{what} {byte}")),
                ))
            }
        }
    }

    fn at_mark(&mut self, bit: u64, level: u8) -> io::Result<Found> {
        let behind = bit + MAGIC_BITS + CHECKSUM_BITS;
        self.fill_to(behind.div_ceil(8))?;
        if behind > 8 * self.end() {
            return Ok(self.cut());
        }
        let magic = self.bits(bit, MAGIC_BITS);
        let checksum = self.bits(bit + MAGIC_BITS, CHECKSUM_BITS) as u32;
        if magic == bits::END {
            let byte = behind.div_ceil(8);
            self.next = Next::Header(byte);
            return Ok(Found::End { checksum, byte });
        }
        if magic != bits::BLOCK {
            let what = "expected a bzip2 block or the end of the stream at byte";
            return Ok(self.stop(ErrorKind::InvalidData, format!("{what} {}", bit / 8)));
        }
        let Some(end) = self.next_mark(behind)? else {
            return Ok(self.cut());
        };
        self.next = Next::Mark { bit: end, level };
        Ok(Found::Block(Block {
            start: bit,
            end,
            checksum,
            level,
        }))
    }

    fn cut(&mut self) -> Found {
        let message = format!("the bzip2 data breaks off at byte {}", self.end());
        self.stop(ErrorKind::UnexpectedEof, message)
    }

    fn stop(&mut self, kind: ErrorKind, message: String) -> Found {
        self.next = Next::Nothing;
        Found::Fault(kind, message)
    }

    /// Where the first magic number at bit `from` or later stands. Reads on until there is one.
    pub(super) fn next_mark(&mut self, from: u64) -> io::Result<Option<u64>> {
        let mut from = from;
        loop {
            if let Some(bit) = bits::find(&self.bytes, from - 8 * self.base) {
                return Ok(Some(bit + 8 * self.base));
            }
            if self.is_whole {
                return Ok(None);
            }
            from = from.max(8 * self.end().saturating_sub(WINDOW as u64 - 1));
            self.fill_to(self.end() + 1)?;
        }
    }

    /// Takes up the work again at a mark of the same stream.
    pub(super) fn go_on_at(&mut self, bit: u64, level: u8) {
        self.next = Next::Mark { bit, level };
    }

    /// The block as a stream of its own.
    pub(super) fn wrapped(&self, block: &Block) -> Vec<u8> {
        let bytes = ((block.end - block.start) / 8) as usize;
        let mut stream = Vec::with_capacity(bytes + 24);
        stream.extend([b'B', b'Z', b'h', block.level]);
        // The checksum of a stream of one block is that block's.
        let tail = [
            (bits::END, MAGIC_BITS),
            (u64::from(block.checksum), CHECKSUM_BITS),
        ];
        let base = 8 * self.base;
        let (start, end) = (block.start - base, block.end - base);
        bits::append(&self.bytes, start, end, &tail, &mut stream);
        stream
    }

    /// Forgets the bytes before a bit.
    pub(super) fn release(&mut self, bit: u64) {
        let done = (bit / 8 - self.base) as usize;
        if done > self.bytes.len() / 2 {
            self.bytes.drain(..done);
            self.base += done as u64;
        }
    }

    fn bits(&self, bit: u64, count: u64) -> u64 {
        bits::read(&self.bytes, bit - 8 * self.base, count)
    }

    /// The byte behind those that are here.
    fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// Reads until byte `end` of the file, at least, or its end.
    fn fill_to(&mut self, end: u64) -> io::Result<()> {
        while self.end() < end && !self.is_whole {
            let read = self
                .input
                .by_ref()
                .take(CHUNK as u64)
                .read_to_end(&mut self.bytes)?;
            self.is_whole = read == 0;
        }
        Ok(())
    }
}
