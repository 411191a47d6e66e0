//! The columns of a line, with tabs between them.

use memchr::memchr_iter;

use crate::{Fault, Format};

/// Columns that a format's layout has at most.
const MAX_COLUMNS: usize = 12;

/// Columns of a row up to its last one that is not empty: empty ones at the end say nothing.
pub(crate) fn used_columns(line: &str) -> usize {
    memchr_iter(b'\t', line.trim_end_matches('\t').as_bytes()).count() + 1
}

/// The columns that the rows of a sentence have in common: those of its first row.
#[derive(Debug, Default)]
pub(crate) struct Width(Option<(usize, usize)>);

impl Width {
    /// Refuses a row that has more columns than the sentence's first row, or fewer, in a format
    /// where only the sentence tells how many they are.
    pub(crate) fn check(&mut self, line: &str, format: Format) -> Result<(), Fault> {
        if !format.has_predicates() {
            return Ok(());
        }
        let all = memchr_iter(b'\t', line.as_bytes()).count() + 1;
        let used = used_columns(line);
        let (first_used, first_all) = *self.0.get_or_insert((used, all));
        if used <= first_all && first_used <= all {
            return Ok(());
        }
        Err(Fault::Syntax {
            expected: format!("{first_all} columns as in the first row of the sentence"),
            found: format!("{all} (a tab within a word makes two columns of one)"),
        })
    }
}

/// The first columns of a row.
pub(crate) struct Columns<'a> {
    line: &'a str,
    pub(crate) count: usize,
    /// Whether the line goes on behind them.
    pub(crate) more: bool,
    /// Where each column ends.
    ends: [usize; MAX_COLUMNS],
}

impl<'a> Columns<'a> {
    /// At most `wanted` columns.
    pub(crate) fn split(line: &'a str, wanted: usize) -> Self {
        let mut columns = Self {
            line,
            count: 0,
            more: false,
            ends: [line.len(); MAX_COLUMNS],
        };
        let (eights, rest) = line.as_bytes().as_chunks();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for (i, eight) in eights.iter().chain([&last]).enumerate() {
            let mut tabs = tabs_in(*eight);
            while tabs != 0 {
                columns.ends[columns.count] = i * 8 + tabs.trailing_zeros() as usize / 8;
                columns.count += 1;
                if columns.count == wanted {
                    columns.more = true;
                    return columns;
                }
                tabs &= tabs - 1;
            }
        }
        columns.count += 1;
        columns
    }

    /// The column, counted from 0; empty where the row has none.
    #[inline]
    pub(crate) fn get(&self, column: usize) -> &'a str {
        let start = match column.checked_sub(1) {
            Some(before) => self.ends[before] + 1,
            None => 0,
        };
        self.line.get(start..self.ends[column]).unwrap_or_default()
    }
}

/// The highest bit of each byte that is a tab. Columns are so short that a call of `memchr` for
/// each takes longer.
fn tabs_in(eight: [u8; 8]) -> u64 {
    const LOW_BITS: u64 = u64::from_le_bytes([0x7f; 8]);
    const TABS: u64 = u64::from_le_bytes([b'\t'; 8]);
    let differs = u64::from_le_bytes(eight) ^ TABS;
    !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_predicates_have_as_many_columns_as_the_first() {
        let check = |rows: [&str; 2], format| {
            let mut width = Width::default();
            let checked = rows.map(|row| width.check(&row.replace(' ', "\t"), format));
            checked
                .into_iter()
                .collect::<Result<Vec<()>, Fault>>()
                .is_ok()
        };
        for format in [Format::Conll2008, Format::Conll2009] {
            assert!(check(["1 a b c", "2 a b c"], format));
            assert!(!check(["1 a b c", "2 a b c d"], format));
            assert!(!check(["1 a b c d", "2 a b c"], format));
            // Empty at the end.
            assert!(check(["1 a b  ", "2 a b c d"], format));
            assert!(check(["1 a b c", "2 a b   "], format));
        }
        assert!(
            check(["1 a b c", "2 a b c d"], Format::ConllU),
            "told by the format"
        );
    }
}
