//! `{{convert}}`: a measure as its writer gave it.

use std::ops::Range;

use super::parameters::{Parameters, Piece};

/// What stands between numbers of a measure, `{{convert|10|to(-)|20|km}}`, and how it is shown.
const RANGES: [(&str, &str); 16] = [
    ("to", " to "),
    ("to(-)", " to "),
    ("to about", " to about "),
    ("-", "–"),
    ("–", "–"),
    ("and", " and "),
    ("and(-)", " and "),
    ("or", " or "),
    ("or(-)", " or "),
    ("by", " by "),
    ("x", " x "),
    ("×", " × "),
    ("xx", " × "),
    ("+/-", " ± "),
    ("±", " ± "),
    ("+", " + "),
];

/// How codes of units begin that stand for several words: `e6acre` is shown as "million acre".
const PREFIXES: [(&str, &str); 5] = [
    ("e3", " thousand "),
    ("e6", " million "),
    ("e9", " billion "),
    ("e12", " trillion "),
    ("sq", " sq "),
];

/// Degrees have a sign, and differences of temperatures the same one.
const DEGREES: [&str; 4] = ["C", "F", "C-change", "F-change"];

/// Values of `disp` with which the measure is not shown as it was given: its conversion alone, a
/// unit without number, or cells of a table.
const OTHER_DISPLAYS: [&str; 4] = ["out", "unit", "number", "table"];

/// Numbers and units as they were given, without what they are converted to: `10 to 20 km`, and
/// `5 ft 8 in` of `{{convert|5|ft|8|in|m}}`. None if they are not shown.
pub(super) fn measure(parameters: &Parameters<'_>) -> Option<Vec<Piece>> {
    let display = parameters
        .get("disp")
        .map_or("", |place| parameters.text(&place));
    if OTHER_DISPLAYS
        .iter()
        .any(|other| display.starts_with(other))
    {
        return None;
    }
    let given: Vec<_> = parameters
        .numbered()
        .into_iter()
        .map(|place| parameters.trimmed(&place))
        .collect();
    let text = |i: usize| given.get(i).map_or("", |place| parameters.text(place));
    let (mut pieces, mut at) = (Vec::new(), 0);
    loop {
        at = numbers(&given, at, &text, &mut pieces)?;
        if is_unit(text(at)) {
            pieces.extend(unit(text(at), &given[at]));
            at += 1;
        }
        // A number behind a unit is the precision, but for one with a unit of its own.
        let word = range(text(at));
        let next = at + usize::from(word.is_some());
        if !(is_number(text(next)) && is_unit(text(next + 1))) {
            return Some(pieces);
        }
        pieces.push(Piece::Words(word.unwrap_or(" ")));
        at = next;
    }
}

/// Adds a number or several with words between them; gives the place behind them.
fn numbers<'a>(
    given: &[Range<usize>],
    mut at: usize,
    text: &impl Fn(usize) -> &'a str,
    pieces: &mut Vec<Piece>,
) -> Option<usize> {
    if !is_number(text(at)) {
        return None;
    }
    pieces.push(Piece::Source(given[at].clone()));
    at += 1;
    while let Some(word) = range(text(at)).filter(|_| is_number(text(at + 1))) {
        pieces.extend([Piece::Words(word), Piece::Source(given[at + 1].clone())]);
        at += 2;
    }
    Some(at)
}

/// A unit with a blank before it, as it is shown.
fn unit(text: &str, place: &Range<usize>) -> [Piece; 2] {
    if DEGREES.contains(&text) {
        return [
            Piece::Words(" °"),
            Piece::Source(place.start..place.start + 1),
        ];
    }
    let mut prefixes = PREFIXES.iter();
    let found = prefixes.find_map(|(code, words)| Some((words, text.strip_prefix(code)?)));
    match found.filter(|(_, rest)| rest.starts_with(|char: char| char.is_ascii_alphabetic())) {
        Some((words, rest)) => [
            Piece::Words(words),
            Piece::Source(place.end - rest.len()..place.end),
        ],
        None => [Piece::Words(" "), Piece::Source(place.clone())],
    }
}

fn range(text: &str) -> Option<&'static str> {
    let found = RANGES.iter().find(|(written, _)| *written == text);
    found.map(|(_, shown)| *shown)
}

fn is_unit(text: &str) -> bool {
    !text.is_empty() && !is_number(text) && range(text).is_none()
}

/// Units may have digits in them (`km2`), and numbers letters (`1e6`).
fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-', '−', '.']);
    digits.starts_with(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use crate::{Sections, Site, plain_text};

    #[test]
    fn measures_are_shown_whole_or_not_at_all() {
        let cases = [
            ("10|km", "10 km"),
            ("10|km|mi", "10 km"),
            ("10|km|mi|1|abbr=on", "10 km"),
            ("10|km|0", "10 km"),
            ("5|ft|8|in|m", "5 ft 8 in"),
            ("5|ft|8|in", "5 ft 8 in"),
            ("6|ft|2+1/2|in|cm|0", "6 ft 2+1/2 in"),
            ("10|st|5|lb|kg", "10 st 5 lb"),
            ("1|mi|2|yd|3|ft|m", "1 mi 2 yd 3 ft"),
            ("10|to|20|km|mi", "10 to 20 km"),
            ("10|-|20|km", "10–20 km"),
            ("2|x|3|x|4|m|ft", "2 x 3 x 4 m"),
            ("10|ft|by|20|ft|m", "10 ft by 20 ft"),
            ("468|km2|sqmi", "468 km2"),
            ("-40| C |F", "-40 °C"),
            ("7|-|8|C-change", "7–8 °C"),
            ("1,200.5|e6m3", "1,200.5 million m3"),
            ("87|e6acre|e6ha", "87 million acre"),
            ("2|sqmi|km2", "2 sq mi"),
            ("1= 2 |2= sqft ", "2 sq ft"),
            ("1=5|2=ft|3=8|4=in|5=m", "5 ft 8 in"),
            ("5|{{abbr|km|kilometre}}", "5 km"),
            ("5|km|mi|disp=out", ""),
            ("5|km|disp=unit", ""),
            ("{{a|5}}|km", ""),
            ("input=P2048", ""),
        ];
        for (parameters, shown) in cases {
            let wikitext = format!("a {{{{convert|{parameters}}}}} b");
            let page = plain_text(&wikitext, &Site::default(), &Sections::default());
            let expected = format!("a {shown} b").replace("  ", " ");
            assert_eq!(page.text, expected, "{parameters}");
        }
    }
}
