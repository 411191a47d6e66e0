//! What a page's text mentions, and where.

use std::ops::Range;

use kprep_schemas::Page;

use super::literal::Literal;
use crate::offsets::Offsets;

/// A part of a text and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Code points.
    pub(super) points: Range<usize>,
    pub(super) target: Target,
    pub(super) source: Source,
    /// Number of the page's link that it is.
    pub(super) link: Option<usize>,
}

/// What is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The item of this number.
    Item(u32),
    Literal(Literal),
}

/// What facts know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Item(u32),
    /// [`Literal::key`].
    Literal(u64),
}

/// Who found a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Link,
    Name,
    Date,
    Quantity,
    Pronoun,
}

impl Target {
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Item(number) => Key::Item(*number),
            Self::Literal(literal) => Key::Literal(literal.key()),
        }
    }

    /// As [`kprep_schemas::AlignedPage`] has it.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Item(number) => format!("Q{number}"),
            Self::Literal(literal) => literal.to_string(),
        }
    }
}

impl Source {
    /// As [`kprep_schemas::AlignedPage`] has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Name => "name",
            Self::Date => "date",
            Self::Quantity => "quantity",
            Self::Pronoun => "pronoun",
        }
    }
}

/// A page's text with its offsets in code points and bytes.
pub(super) struct PageText<'a> {
    pub(super) page: &'a Page,
    offsets: Offsets<'a>,
}

impl<'a> PageText<'a> {
    pub(super) fn new(page: &'a Page) -> Self {
        Self {
            page,
            offsets: Offsets::new(&page.text),
        }
    }

    /// The text at code points.
    pub(super) fn slice(&self, points: &Range<usize>) -> &'a str {
        self.offsets.slice(points).unwrap_or_default()
    }

    /// Bytes as code points.
    pub(super) fn points(&self, bytes: &Range<usize>) -> Range<usize> {
        self.offsets.point(bytes.start)..self.offsets.point(bytes.end)
    }

    /// Whether code points begin and end with words.
    pub(super) fn is_whole(&self, points: &Range<usize>) -> bool {
        let is_in = |list: &[i32], point: usize| list.binary_search(&(point as i32)).is_ok();
        is_in(&self.page.word_start, points.start) && is_in(&self.page.word_end, points.end)
    }

    /// Sentences in code points.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        ranges(&self.page.sentence_start, &self.page.sentence_end)
    }
}

pub(super) fn ranges(starts: &[i32], ends: &[i32]) -> impl Iterator<Item = Range<usize>> {
    let pairs = starts.iter().zip(ends);
    pairs.map(|(&start, &end)| start as usize..end as usize)
}
