//! Words as NLTK's `WordPunct` has them, in Python's sense of letters and blanks.

use std::sync::LazyLock;

use regex::Regex;

/// Python's `\w` is letters, numbers and `_`, without the marks that Rust's has; its `\s` has the
/// four separators of ASCII, which Rust's has not.
static WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s\x1c-\x1f]+").ok());

/// The words of a text (`\w+|[^\w\s]+` of Python's `re`) as byte ranges, in order.
pub fn words(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    WORD.iter()
        .flat_map(move |word| word.find_iter(text).map(|word| word.range()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_signs_are_words_of_their_own() {
        let text = "Zoë's £3.50 (½) e\u{301}_a\u{1c}b 東京。";
        let found: Vec<&str> = words(text).map(|word| &text[word]).collect();
        let expected = [
            "Zoë", "'", "s", "£", "3", ".", "50", "(", "½", ")", "e", "\u{301}", "_a", "b", "東京",
            "。",
        ];
        assert_eq!(found, expected);
    }

    /// `tests/data/wikipedia/words.tsv` is what Python's `re` says of every code point, in runs;
    /// `make_words.py` beside it wrote it. What Python's Unicode does not know is left out.
    #[test]
    fn every_code_point_is_what_python_takes_it_for() {
        let table = include_str!("../../tests/data/wikipedia/words.tsv");
        let mut seen = 0;
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let code = |field: &str| u32::from_str_radix(field, 16).unwrap();
            for char in (code(fields[0])..=code(fields[1])).filter_map(char::from_u32) {
                let text = format!("a{char}");
                let found = words(&text).map(|word| word.len()).collect::<Vec<_>>();
                let expected = match fields[2] {
                    "word" => vec![text.len()],
                    "blank" => vec![1],
                    _ => vec![1, char.len_utf8()],
                };
                assert_eq!(found, expected, "{:x}", u32::from(char));
                seen += 1;
            }
        }
        assert!(seen > 200_000, "{seen}");
    }
}
