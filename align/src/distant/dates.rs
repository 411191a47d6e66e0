//! Dates as English writes them.

use std::ops::Range;

use regex::{Captures, Regex};

use super::literal::Time;

/// Finds dates in text, exact to the day, month or year:
///
/// - `4 July 1776`, `4th of July, 1776`, `July 4, 1776`, `Jul. 4 1776`, `1776-07-04`;
/// - `July 1776`, `July of 1776`;
/// - `1776` (four digits, up to 2999), `44 BC`, `6,500 BC`, `30 B.C.E.`, `AD 79`, `79 CE`,
///   `A.D. 1278`.
///
/// No decades (`1970s`), centuries, days without a year, and no numbers like `1,776`, `17.1776` or
/// `$1776` or `1776's`. Of a range, each end that is a date by itself: of `1939–75` the first.
#[derive(Debug, Clone)]
pub struct Dates {
    pattern: Regex,
}

const MONTHS: [&str; 12] = [
    "January|Jan",
    "February|Feb",
    "March|Mar",
    "April|Apr",
    "May",
    "June|Jun",
    "July|Jul",
    "August|Aug",
    "September|Sept|Sep",
    "October|Oct",
    "November|Nov",
    "December|Dec",
];

/// A blank.
const S: &str = "[ \u{a0}]";

/// A year beside its era: `44`, `1200`, `6,500`, `10,000`.
const ERA_YEAR: &str = "[0-9]{1,3},[0-9]{3}|[0-9]{1,4}";

const BEFORE_CHRIST: &str = r"BCE?\b|B\.C\.(?:E\.)?";
const AFTER_CHRIST: &str = r"(?:AD|CE)\b|A\.D\.|C\.E\.";

impl Dates {
    /// The finder.
    ///
    /// # Errors
    /// None: the pattern is fixed, and a test compiles it.
    pub fn new() -> Result<Self, regex::Error> {
        let months = MONTHS.join("|");
        let month = |form: u8| format!(r"(?<m{form}>{months})\b\.?");
        let day = |form: u8| format!("(?<d{form}>[0-9]{{1,2}})(?:st|nd|rd|th)?");
        let era = |form: u8| format!("(?:(?<b{form}>{BEFORE_CHRIST})|{AFTER_CHRIST})");
        // Short years only with their era.
        let year = |form: u8, least: u8| {
            let era = era(form);
            format!(r"(?:(?<e{form}>{ERA_YEAR}){S}?{era}|(?<y{form}>[0-9]{{{least},4}})\b)")
        };
        // Of `March 5000 people` the thousands are no year.
        let recent = format!(
            r"(?:(?<e3>{ERA_YEAR}){S}?{}|(?<y3>[12][0-9]{{3}})\b)",
            era(3)
        );
        let forms = [
            r"(?<y0>[0-9]{4})-(?<n0>[0-9]{2})-(?<d0>[0-9]{2})\b".to_owned(),
            format!("{}{S}(?:of{S})?{},?{S}{}", day(1), month(1), year(1, 3)),
            format!("{}{S}{},?{S}{}", month(2), day(2), year(2, 3)),
            format!("{},?{S}(?:of{S})?{}", month(3), recent),
            format!(r"(?:{AFTER_CHRIST}){S}?(?<y4>[0-9]{{1,4}})\b"),
            format!("(?<e5>{ERA_YEAR}){S}?{}", era(5)),
            r"(?<y6>[12][0-9]{3})\b".to_owned(),
        ];
        let pattern = Regex::new(&format!(r"\b(?:{})", forms.join("|")))?;
        Ok(Self { pattern })
    }

    /// The dates and the bytes where they stand, from left to right.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, Time)> {
        let found = self.pattern.captures_iter(text).filter_map(|captures| {
            let span = captures.get(0)?.range();
            let bare = captures.name("y6").is_some();
            let time = time(&captures)?;
            let free = !ends_a_number(text, &span) && (!bare || stands_free(text, &span));
            free.then_some((span, time))
        });
        found.collect()
    }
}

/// The date of a match, if there is such a day.
fn time(captures: &Captures<'_>) -> Option<Time> {
    let group = |letter: char| {
        (0..7).find_map(|form| {
            captures
                .name(&format!("{letter}{form}"))
                .map(|m| m.as_str())
        })
    };
    let year = group('y').or(group('e'))?.replace(',', "");
    let year: i64 = year.parse().ok()?;
    let year = if group('b').is_some() { -year } else { year };
    let month = match (group('n'), group('m')) {
        (Some(number), _) => number.parse().ok()?,
        (None, Some(name)) => month_of(name)?,
        (None, None) => 0,
    };
    let day = group('d').map_or(Some(0), |day| day.parse().ok())?;
    let possible = year != 0
        && month <= 12
        && day <= days(year, month)
        && (group('d').is_none() || (day > 0 && month > 0));
    possible.then_some(Time { year, month, day })
}

fn month_of(name: &str) -> Option<u8> {
    let number = MONTHS
        .iter()
        .position(|names| names.split('|').any(|known| known == name))?;
    Some(number as u8 + 1)
}

/// Days of a month. Which years are leap years depends on a calendar that is not known.
fn days(year: i64, month: u8) -> u8 {
    match month {
        0 => 0,
        2 if year % 4 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether a date that starts with digits is the end of a longer number: of `1,500,000 BC` not the
/// end.
fn ends_a_number(text: &str, span: &Range<usize>) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut before = text[..span.start].chars().rev();
    is_digit(text[span.start..].chars().next())
        && matches!(before.next(), Some(',' | '.'))
        && is_digit(before.next())
}

/// Whether four digits are no part of something else: `$1776`, `No. 17.1776`, `1776.5`, `1776%`.
fn stands_free(text: &str, span: &Range<usize>) -> bool {
    let mut before = text[..span.start].chars().rev();
    let mut after = text[span.end..].chars();
    let free_before = match before.next() {
        Some('$' | '€' | '£' | '¥' | '#' | '№' | '.' | ',' | '/' | ':' | '+' | '−') => {
            false
        }
        // `MD-1000`; but `1931-1939` is two years.
        Some('-') => before.next().is_some_and(|c| c.is_ascii_digit()),
        _ => true,
    };
    let free_after = match after.next() {
        Some('.' | ',' | '/' | ':') => !after.next().is_some_and(|c| c.is_ascii_digit()),
        Some('%' | '°' | '€' | '£' | '$') => false,
        Some('-') => !after.next().is_some_and(char::is_alphabetic),
        Some('\'' | '’') => after.next() != Some('s'), // of a decade, or it may be
        _ => true,
    };
    free_before && free_after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Vec<(&str, String)> {
        let found = Dates::new().unwrap().find(text).into_iter();
        found
            .map(|(span, time)| (&text[span], time.to_string().replace("T00:00:00Z", "")))
            .collect()
    }

    #[test]
    fn every_form() {
        let cases = [
            ("on 4 July 1776 in", "4 July 1776", "1776-07-04"),
            ("4th July 1776", "4th July 1776", "1776-07-04"),
            ("the 4th of July, 1776", "4th of July, 1776", "1776-07-04"),
            ("on July 4, 1776, the", "July 4, 1776", "1776-07-04"),
            ("July 4 1776", "July 4 1776", "1776-07-04"),
            ("Jul. 4, 1776", "Jul. 4, 1776", "1776-07-04"),
            ("July 4th, 1776.", "July 4th, 1776", "1776-07-04"),
            (
                "4\u{a0}July\u{a0}1776",
                "4\u{a0}July\u{a0}1776",
                "1776-07-04",
            ),
            ("at 1970-01-22.", "1970-01-22", "1970-01-22"),
            ("2 Sept. 1945", "2 Sept. 1945", "1945-09-02"),
            ("In July 1776 it", "July 1776", "1776-07-00"),
            ("July, 1776", "July, 1776", "1776-07-00"),
            ("in July of 1776", "July of 1776", "1776-07-00"),
            ("May 1945", "May 1945", "1945-05-00"),
            ("in 1776.", "1776", "1776-00-00"),
            ("(1776)", "1776", "1776-00-00"),
            ("in 44 BC", "44 BC", "-0044-00-00"),
            ("in 44 BCE.", "44 BCE", "-0044-00-00"),
            ("30 B.C. was", "30 B.C.", "-0030-00-00"),
            ("15 March 44 BC", "15 March 44 BC", "-0044-03-15"),
            ("March 15, 44 BC", "March 15, 44 BC", "-0044-03-15"),
            ("March 44 BC", "March 44 BC", "-0044-03-00"),
            ("about 6,500 BC to", "6,500 BC", "-6500-00-00"),
            ("10,000 BCE", "10,000 BCE", "-10000-00-00"),
            ("AD 79", "AD 79", "0079-00-00"),
            ("in A.D. 988, the", "A.D. 988", "0988-00-00"),
            ("79 AD", "79 AD", "0079-00-00"),
            ("in 79 CE", "79 CE", "0079-00-00"),
            ("1 August 527", "1 August 527", "0527-08-01"),
            ("29 February 1700", "29 February 1700", "1700-02-29"),
            ("the 1939–75 war", "1939", "1939-00-00"),
            ("4–6 July 1776", "6 July 1776", "1776-07-06"),
        ];
        for (text, surface, value) in cases {
            assert_eq!(find(text), [(surface, value.to_owned())], "{text}");
        }
        let ends = [
            ("1975", "1975-00-00".to_owned()),
            ("1982", "1982-00-00".into()),
        ];
        assert_eq!(find("(1975–1982)"), ends);
        assert_eq!(find("1975-1982"), ends);
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "the 1970s",
            "1,776 men",
            "17.1776",
            "1776.5",
            "$1776",
            "1776%",
            "MD-2000",
            "a1776",
            "17760",
            "31 March",
            "July 4",
            "5th century",
            "10 people",
            "99",
            "988",
            "0999",
            "1776/77/1",
            "3000",
            "1,500,000 BC",
            "17.500 BCE",
            "In March 5000 people",
            "the 1990's",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_none() {
        for text in [
            "31 June 1900",
            "30 February 1904",
            "29 February 1903",
            "1900-13-01",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
