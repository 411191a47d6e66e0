//! UTF-16 to UTF-8.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes of UTF-16 that are turned at a time.
const CHUNK: usize = 1 << 16;

/// The order of the two bytes of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The order that the start of an XML file shows, by its mark or by its `<`; none if it is no
    /// UTF-16.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xfe, ..] | [b'<', 0, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] | [0, b'<', ..] => Some(Self::Big),
            _ => None,
        }
    }
}

/// Gives UTF-8. Half a pair of surrogates becomes U+FFFD; half a unit at the end is an error.
pub(super) struct Utf16<R> {
    input: R,
    order: Order,
    text: Vec<u8>,
    at: usize,
    high: Option<u16>,
}

impl<R: BufRead> Utf16<R> {
    pub(super) fn new(input: R, order: Order) -> Self {
        Self {
            input,
            order,
            text: Vec::new(),
            at: 0,
            high: None,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut units = Vec::with_capacity(CHUNK);
        self.input
            .by_ref()
            .take(CHUNK as u64)
            .read_to_end(&mut units)?;
        if !units.len().is_multiple_of(2) {
            let message = "the UTF-16 text breaks off within a character";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
        }
        let order = self.order;
        let units = units.chunks_exact(2).map(|pair| match order {
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        });
        let units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
        // The other half of a pair may stand in the next chunk.
        let is_high = |unit: &u16| (0xd800..0xdc00).contains(unit);
        let (last, before) = match units.split_last() {
            Some((last, before)) if is_high(last) && before.len() + 1 >= CHUNK / 2 => {
                (Some(*last), before)
            }
            _ => (None, &*units),
        };
        self.high = last;
        let chars = char::decode_utf16(before.iter().copied())
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.text = chars
            .filter(|&char| char != '\u{feff}')
            .collect::<String>()
            .into_bytes();
        self.at = 0;
        Ok(())
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Utf16<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.text.len() {
            self.fill()?;
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at = self.text.len().min(self.at + bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_and_pairs_across_chunks_are_read() {
        let text = format!("<a>{}🂡é</a>", "x🂡".repeat(CHUNK / 4));
        for shift in 0..3 {
            let text = format!("{}{text}", " ".repeat(shift));
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (bytes, order) in [(little, Order::Little), (big, Order::Big)] {
                let read = io::read_to_string(Utf16::new(&*bytes, order)).unwrap();
                assert_eq!(read, text);
                let cut = io::read_to_string(Utf16::new(&bytes[..bytes.len() - 1], order));
                let message = "the UTF-16 text breaks off within a character";
                assert_eq!(cut.unwrap_err().to_string(), message);
            }
        }
        assert_eq!(Order::of(b"\xff\xfe<\0"), Some(Order::Little));
        assert_eq!(Order::of(b"\0<\0m"), Some(Order::Big));
        assert_eq!(Order::of(b"<m"), None);
    }
}
