//! Changes of a text that is read once from its start to its end.

use std::borrow::Cow;
use std::ops::Range;

use super::parameters::Piece;

/// Replacements by place; none lies in another.
#[derive(Default)]
pub(super) struct Edits(Vec<Edit>);

/// Bytes to be replaced.
struct Edit {
    range: Range<usize>,
    with: Cow<'static, str>,
}

impl Edit {
    fn removal(range: Range<usize>) -> Self {
        Self {
            range,
            with: "".into(),
        }
    }
}

impl Edits {
    /// Replaces bytes, which end where the work is; edits within them are forgotten.
    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<Cow<'static, str>>) {
        while self
            .0
            .last()
            .is_some_and(|edit| edit.range.start >= range.start)
        {
            self.0.pop();
        }
        let with = with.into();
        self.0.push(Edit { range, with });
    }

    /// Replaces bytes, which end where the work is, by some of them and other words; edits within
    /// those that are kept stay.
    pub(super) fn keep(&mut self, range: Range<usize>, pieces: &[Piece]) {
        let first = self
            .0
            .partition_point(|edit| edit.range.start < range.start);
        let mut inner = self.0.split_off(first).into_iter().peekable();
        let mut gap = Edit::removal(range.start..range.start);
        for piece in pieces {
            match piece {
                Piece::Words(words) => gap.with.to_mut().push_str(words),
                Piece::Source(kept) => {
                    gap.range.end = kept.start;
                    self.0.push(gap);
                    while let Some(edit) = inner.next_if(|edit| edit.range.start < kept.end) {
                        if edit.range.start >= kept.start {
                            self.0.push(edit);
                        }
                    }
                    gap = Edit::removal(kept.end..kept.end);
                }
            }
        }
        gap.range.end = range.end;
        self.0.push(gap);
    }

    /// Takes out bytes wherever they are; no other edit may lie there.
    pub(super) fn remove_earlier(&mut self, ranges: Vec<Range<usize>>) {
        self.0.extend(ranges.into_iter().map(Edit::removal));
        self.0.sort_by_key(|edit| edit.range.start);
    }

    /// The text that they make.
    pub(super) fn apply(&self, source: &str) -> String {
        let mut text = String::with_capacity(source.len());
        let mut at = 0;
        for edit in &self.0 {
            text.push_str(&source[at..edit.range.start]);
            text.push_str(&edit.with);
            at = edit.range.end;
        }
        text.push_str(&source[at..]);
        text
    }
}
