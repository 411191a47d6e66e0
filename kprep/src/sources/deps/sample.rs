//! A uniform sample of rows, in one pass.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use kprep_parse::HeadRow;

/// The rows with the lowest ranks. Which these are depends on the rows' words and the seed alone,
/// so a sample of the same sentences in another order has the same words, and a smaller sample is
/// part of a larger one. Memory: the rows of the sample.
pub(crate) struct Sample {
    size: u64,
    kept: BinaryHeap<Kept>,
    seen: u64,
}

/// A row and its number in the input; ordered by rank, then by number.
struct Kept {
    number: u64,
    /// Boxed, for rows move around in the heap, which may have twice the room that it needs.
    row: Box<HeadRow>,
}

impl Sample {
    /// A sample of at most `size` rows.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size,
            kept: BinaryHeap::new(),
            seen: 0,
        }
    }

    /// Takes the next row. True if one had to leave, this one or another.
    pub(crate) fn add(&mut self, mut row: HeadRow) -> bool {
        self.seen += 1;
        let number = self.seen;
        let full = self.kept.len() as u64 == self.size;
        let last = self.kept.peek().map(Kept::key);
        if full && last.is_some_and(|last| last <= (row.rank, number)) {
            return true;
        }
        if full {
            self.kept.pop();
        }
        row.row.shrink_to_fit();
        let row = Box::new(row);
        self.kept.push(Kept { number, row });
        full
    }

    /// The sample, in the order in which the rows came.
    pub(crate) fn rows(self) -> impl Iterator<Item = HeadRow> {
        let mut kept = self.kept.into_vec();
        kept.sort_unstable_by_key(|kept| kept.number);
        kept.into_iter().map(|kept| *kept.row)
    }
}

impl Kept {
    fn key(&self) -> (u64, u64) {
        (self.row.rank, self.number)
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
