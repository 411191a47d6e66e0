//! Many names in one pass over a text.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

/// Finds names where they stand as whole words (Aho-Corasick).
#[derive(Debug, Clone)]
pub(super) struct Matcher(AhoCorasick);

impl Matcher {
    /// A matcher of names, which are told apart by their place in the list.
    pub(super) fn new<S: AsRef<[u8]>>(
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, BuildError> {
        AhoCorasick::new(names).map(Self)
    }

    /// Every place where a name stands and where `is_whole` says that its bytes are whole words,
    /// with the number of the name. Names may overlap: [`longest`] chooses.
    pub(super) fn find(
        &self,
        text: &str,
        is_whole: impl Fn(&Range<usize>) -> bool,
    ) -> Vec<(Range<usize>, usize)> {
        // A name that is cut by a word's end must not hide a shorter one that is not, so that the
        // longest can only be chosen after all were found.
        let found = self.0.find_overlapping_iter(text);
        found
            .map(|found| (found.range(), found.pattern().as_usize()))
            .filter(|(range, _)| is_whole(range))
            .collect()
    }
}

/// From left to right the longest of the ranges that begin first, none overlapping another or one
/// of `taken`. Of ranges that are the same the first stays.
pub(super) fn longest<T>(
    mut found: Vec<(Range<usize>, T)>,
    taken: &[Range<usize>],
) -> Vec<(Range<usize>, T)> {
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let next = taken.partition_point(|taken| taken.end <= range.start);
        let is_free = taken.get(next).is_none_or(|taken| range.end <= taken.start);
        let keep = is_free && range.start >= end;
        if keep {
            end = range.end;
        }
        keep
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> impl Fn(&Range<usize>) -> bool + '_ {
        |range| {
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !letter(text[..range.start].chars().next_back())
                && !letter(text[range.end..].chars().next())
        }
    }

    #[test]
    fn the_longest_name_on_word_boundaries_wins() {
        let text = "New York City, New Yorker, York";
        let names = ["York", "New York", "New York City", "New York C"];
        let matcher = Matcher::new(names).unwrap();
        let all = matcher.find(text, words(text));
        assert_eq!(all.len(), 4); // three in the first three words, and the last one
        let chosen = longest(all.clone(), &[]);
        assert_eq!(chosen, [(0..13, 2), (27..31, 0)]);
        // A name that is cut does not hide a shorter one that is whole.
        let text = "New York Court";
        assert_eq!(longest(matcher.find(text, words(text)), &[]), [(0..8, 1)]);
        // What is taken stays free of names, and shorter ones beside it are found.
        assert_eq!(
            longest(all.clone(), std::slice::from_ref(&(9..13))),
            [(0..8, 1), (27..31, 0)]
        );
        assert_eq!(longest(all, &[(2..5), (28..29)]), [(0..0, 0); 0]);
    }
}
