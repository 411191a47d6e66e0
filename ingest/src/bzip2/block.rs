//! One block of a bzip2 stream.

use ::bzip2::{Decompress, Status};

/// Bytes of text a unit of the level stands for.
const LEVEL_BYTES: usize = 100_000;

/// A block, found but not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Its first bit in the file.
    pub(super) start: u64,
    /// The bit behind it, where another block starts or the stream ends.
    pub(super) end: u64,
    /// The checksum of its text.
    pub(super) checksum: u32,
    /// The digit of the stream's header: the size of its blocks in units of 100 kB.
    pub(super) level: u8,
}

impl Block {
    /// Bits that it can have at most: codes have 20 bits, one a byte of text, and tables stand
    /// before them.
    pub(super) fn longest(&self) -> u64 {
        20 * u64::from(self.level - b'0') * LEVEL_BYTES as u64 + (1 << 18)
    }
}

/// Decodes a stream of one block and checks its checksum. None if it is damaged, or longer or
/// shorter than the stream.
pub(super) fn decode(stream: &[u8]) -> Option<Vec<u8>> {
    let level = stream.get(3)? - b'0';
    let mut text = Vec::with_capacity(usize::from(level) * LEVEL_BYTES);
    let mut decoder = Decompress::new(false);
    loop {
        let (read, written) = (decoder.total_in(), text.len());
        let status = decoder
            .decompress_vec(&stream[read as usize..], &mut text)
            .ok()?;
        if status == Status::StreamEnd {
            return (decoder.total_in() == stream.len() as u64).then_some(text);
        }
        if text.len() == text.capacity() {
            text.reserve(text.len());
        } else if (decoder.total_in(), text.len()) == (read, written) {
            return None;
        }
    }
}
