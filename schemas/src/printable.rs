//! Text from files, for people's eyes.

use std::borrow::Cow;

/// Text that a terminal or a page only shows: control characters, which move cursors, hide lines
/// and change titles, and the marks that turn the order of letters around, are written as `\u{1b}`.
/// So are line ends and tabs: text with lines of its own is to be given line by line.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| {
        if is_unsafe(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    Cow::Owned(text.chars().map(escape).collect())
}

fn is_unsafe(c: char) -> bool {
    let turns =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_obey_nothing_that_a_file_says() {
        assert!(matches!(printable("Ünïcode 日本 😀"), Cow::Borrowed(_)));
        assert_eq!(
            printable("a\u{1b}[2Jb\r\nc\u{9b}d"),
            "a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{9b}d"
        );
        assert_eq!(printable("x\u{202e}y"), "x\\u{202e}y");
    }
}
