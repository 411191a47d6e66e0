//! Offsets of a text in code points, UTF-16 units and bytes.

use std::ops::Range;

/// Maps code points of a text to bytes, and UTF-16 units to code points.
///
/// Memory: 4 bytes a code point, nothing for ASCII text.
pub(crate) struct Offsets<'a> {
    text: &'a str,
    /// Byte of each code point and of the end; empty if the text is ASCII.
    bytes: Vec<u32>,
    /// Whether some code point takes two UTF-16 units.
    astral: bool,
}

impl<'a> Offsets<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut bytes = Vec::new();
        if !text.is_ascii() {
            bytes.reserve(text.len());
            bytes.extend(text.char_indices().map(|(byte, _)| byte as u32));
            bytes.push(text.len() as u32);
        }
        // Only code points outside the basic plane start with such a byte.
        let astral = !bytes.is_empty() && text.bytes().any(|byte| byte >= 0xf0);
        Self {
            text,
            bytes,
            astral,
        }
    }

    /// The byte of a code point, or of the end.
    fn byte(&self, point: usize) -> Option<usize> {
        if self.bytes.is_empty() {
            (point <= self.text.len()).then_some(point)
        } else {
            self.bytes.get(point).map(|&byte| byte as usize)
        }
    }

    /// The code point at a byte that begins one, or at the end.
    pub(crate) fn point(&self, byte: usize) -> usize {
        if self.bytes.is_empty() {
            byte
        } else {
            self.bytes.partition_point(|&start| (start as usize) < byte)
        }
    }

    /// `text[span]` as Python slices it; `None` if the span is empty or leaves the text.
    pub(crate) fn slice(&self, span: &Range<usize>) -> Option<&'a str> {
        if span.is_empty() {
            return None;
        }
        Some(&self.text[self.byte(span.start)?..self.byte(span.end)?])
    }

    /// A span in UTF-16 units as one in code points, if the two differ for this text and both
    /// ends fall between code points.
    pub(crate) fn utf16_to_points(&self, span: &Range<usize>) -> Option<Range<usize>> {
        if !self.astral {
            return None;
        }
        let point = |unit: usize| {
            let (mut points, mut units) = (0, 0);
            let mut chars = self.text.chars();
            while units < unit {
                units += chars.next()?.len_utf16();
                points += 1;
            }
            (units == unit).then_some(points)
        };
        Some(point(span.start)?..point(span.end)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_and_utf16_units() {
        let offsets = Offsets::new("a𝄞é b");
        assert_eq!(offsets.slice(&(1..3)), Some("𝄞é"));
        assert_eq!(offsets.slice(&(4..5)), Some("b"));
        assert_eq!([0, 1, 5, 9].map(|byte| offsets.point(byte)), [0, 1, 2, 5]);
        assert_eq!(offsets.slice(&(4..6)), None);
        assert_eq!(offsets.slice(&(2..2)), None);
        assert_eq!(offsets.utf16_to_points(&(5..6)), Some(4..5));
        assert_eq!(
            offsets.utf16_to_points(&(2..3)),
            None,
            "inside a surrogate pair"
        );
        assert_eq!(
            Offsets::new("abé").utf16_to_points(&(0..1)),
            None,
            "the two do not differ"
        );
        assert_eq!(Offsets::new("abc").slice(&(1..3)), Some("bc"));
    }
}
