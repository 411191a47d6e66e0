//! Words and numbers for people.

use kprep_schemas::{Share, Spread, thousands};

/// `1 row`, `2,000 rows`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(count))
}

/// `12.3%`.
pub fn percent(share: Share) -> String {
    share
        .share
        .map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}

/// The figures of a distribution that is not empty, on a line.
pub fn figures(spread: &Spread) -> String {
    let figure = |name: &str, value: Option<u64>| {
        value.map_or_else(String::new, |value| format!("{name} {}", thousands(value)))
    };
    let mean = spread
        .mean
        .map_or_else(String::new, |mean| format!("mean {mean:.1}"));
    [
        mean,
        figure("median", spread.median),
        figure("p90", spread.p90),
        figure("p99", spread.p99),
        figure("min", spread.min),
        figure("max", spread.max),
    ]
    .join(", ")
}

/// A name in at most `most` characters, none of which steers a terminal or is forbidden in XML.
pub fn clean(name: &str, most: usize) -> String {
    if name.is_empty() {
        return "(none)".to_owned();
    }
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut chars = name.chars().map(plain);
    let mut clean: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        clean.pop();
        clean.push('…');
    }
    clean
}

/// A text as it is, whatever HTML would make of its characters. Lines stay.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let counted = [0, 1, 2000].map(|count| counted(count, "row"));
        assert_eq!(counted, ["0 rows", "1 row", "2,000 rows"]);
    }

    #[test]
    fn texts_are_texts() {
        assert_eq!(
            escaped("<b a=\"1\">&\u{7}\n"),
            "&lt;b a=&quot;1&quot;&gt;&amp;\u{fffd}\n"
        );
    }
}
