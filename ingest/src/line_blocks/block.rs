//! A block of whole lines.

use kprep_schemas::Position;
use memchr::memchr;

/// Whole lines, one after the other in one buffer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineBlock {
    /// The text, with its line ends.
    pub bytes: Vec<u8>,
    /// Where it starts.
    pub start: Position,
    /// Where the next block starts.
    pub end: Position,
    /// Set instead of the text if it is one line that is too long to keep: its length.
    pub too_long: Option<u64>,
}

impl LineBlock {
    /// The lines without their ends, with their places; blank ones are left out, and so is a byte
    /// order mark at the start of the text.
    pub fn lines(&self) -> impl Iterator<Item = (Position, &[u8])> {
        let mut position = self.start;
        let mut rest = self.bytes.as_slice();
        if position.byte == 0
            && let Some(text) = rest.strip_prefix(b"\xef\xbb\xbf")
        {
            rest = text;
            position.byte = 3;
        }
        let lines = std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let at = position;
            let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (line, next) = rest.split_at(length);
            rest = next;
            position.byte += length as u64;
            position.line += 1;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            Some((at, line.strip_suffix(b"\r").unwrap_or(line)))
        });
        lines.filter(|(_, line)| !line.trim_ascii().is_empty())
    }
}
