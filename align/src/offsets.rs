//! Offsets of a text in code points, UTF-16 units and bytes.

use std::ops::Range;

use kprep_schemas::trex::Boundaries;

/// What an offset counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Code points, as Python counts.
    CodePoint,
    /// UTF-16 units, as Java counts: two for a code point beyond U+FFFF.
    Utf16,
}

/// Maps code points of a text to bytes, and UTF-16 units to code points.
///
/// Memory: 4 bytes a code point, 8 if some are beyond U+FFFF, nothing for ASCII text.
pub(crate) struct Offsets<'a> {
    text: &'a str,
    /// Byte of each code point and of the end; empty if the text is ASCII.
    bytes: Vec<u32>,
    /// UTF-16 unit of each code point and of the end; empty if the two count alike.
    units: Vec<u32>,
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
        let is_astral = !bytes.is_empty() && text.bytes().any(|byte| byte >= 0xf0);
        let mut units = Vec::new();
        if is_astral {
            units.reserve(bytes.len());
            let mut unit = 0;
            units.extend(text.chars().map(|c| {
                let start = unit;
                unit += c.len_utf16() as u32;
                start
            }));
            units.push(unit);
        }
        Self { text, bytes, units }
    }

    /// Code points of the text.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len().checked_sub(1).unwrap_or(self.text.len())
    }

    /// Whether UTF-16 units and code points count differently in this text.
    pub(crate) fn units_differ(&self) -> bool {
        !self.units.is_empty()
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

    /// The code points of boundaries that count in `unit`; `None` if they are empty or reversed,
    /// leave the text, or fall between the two units of a code point.
    pub(crate) fn span(&self, (start, end): Boundaries, unit: Unit) -> Option<Range<usize>> {
        let point = |at: i64| {
            let at = usize::try_from(at).ok()?;
            if unit == Unit::CodePoint || self.units.is_empty() {
                return (at <= self.length()).then_some(at);
            }
            self.units.binary_search(&u32::try_from(at).ok()?).ok()
        };
        let span = point(start)?..point(end)?;
        (!span.is_empty()).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_and_bytes() {
        let offsets = Offsets::new("a𝄞é b");
        assert_eq!(offsets.slice(&(1..3)), Some("𝄞é"));
        assert_eq!(offsets.slice(&(4..5)), Some("b"));
        assert_eq!([0, 1, 5, 9].map(|byte| offsets.point(byte)), [0, 1, 2, 5]);
        assert_eq!(offsets.slice(&(4..6)), None);
        assert_eq!(offsets.slice(&(2..2)), None);
        assert_eq!(Offsets::new("abc").slice(&(1..3)), Some("bc"));
        assert_eq!(
            ["", "abc", "aé", "a𝄞é b"].map(|text| Offsets::new(text).length()),
            [0, 3, 2, 5]
        );
    }

    #[test]
    fn boundaries_count_code_points_or_utf16_units() {
        let offsets = Offsets::new("a𝄞é b");
        let [points, units] = [Unit::CodePoint, Unit::Utf16]
            .map(|unit| move |boundaries| Offsets::new("a𝄞é b").span(boundaries, unit));
        assert!(offsets.units_differ() && !Offsets::new("abé").units_differ());
        assert_eq!([points((4, 5)), units((5, 6))], [Some(4..5), Some(4..5)]);
        assert_eq!(units((2, 3)), None, "inside a surrogate pair");
        for outside in [(2, 2), (3, 2), (-1, 2), (4, 7), (7, 8)] {
            assert_eq!([points(outside), units(outside)], [None, None]);
        }
        assert_eq!(points((5, 6)), None);
        assert_eq!(Offsets::new("abé").span((0, 1), Unit::Utf16), Some(0..1));
    }
}
