//! Numbers in text, with their units.

use std::ops::Range;

use regex::Regex;

use super::decimal::Decimal;
use super::literal::Quantity;
use super::units::Units;

/// Numbers without a unit count from here on: smaller ones are everywhere and mean anything.
const LEAST_PLAIN: i128 = 100;

/// Finds numbers: `468 km2`, `1,023 metres`, `8.5-km`, `10.2 million`, `85,000`.
///
/// Digits with commas or blanks that do not break between thousands (with other blanks they are
/// left alone) and a point before decimals, at most one of `thousand`, `million`, `billion` and
/// `trillion`, and the name of a unit. A number without a unit must be 100 or more, and no year
/// (four digits without a comma up to 2999).
#[derive(Debug, Clone)]
pub struct Quantities {
    pattern: Regex,
}

const POWERS: [(&str, u8); 4] = [
    ("thousand", 3),
    ("million", 6),
    ("billion", 9),
    ("trillion", 12),
];

impl Quantities {
    /// The finder.
    ///
    /// # Errors
    /// None: the pattern is fixed, and a test compiles it.
    pub fn new() -> Result<Self, regex::Error> {
        let number =
            r"(?<n>(?:[0-9]{1,3}(?:[,\u{a0}\u{2009}\u{202f}][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)";
        let pattern = format!("{number}(?:[ \u{a0}](?<p>thousand|million|billion|trillion)\\b)?");
        Ok(Self {
            pattern: Regex::new(&pattern)?,
        })
    }

    /// The quantities and the bytes where they stand, from left to right.
    pub fn find(&self, text: &str, units: &Units) -> Vec<(Range<usize>, Quantity)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(captures) = self.pattern.captures_at(text, at) {
            let (Some(whole), Some(digits)) = (captures.get(0), captures.name("n")) else {
                break;
            };
            at = whole.end();
            let Some(sign) = sign(&text[..whole.start()]) else {
                continue;
            };
            let power = captures.name("p").map(|power| power.as_str());
            let power = POWERS.iter().find(|(name, _)| Some(*name) == power);
            if is_in_a_code(text, &whole.range()) || is_cut(text, &digits.range()) {
                continue;
            }
            let number = digits
                .as_str()
                .replace([',', '\u{a0}', '\u{2009}', '\u{202f}'], "");
            let number = format!("{}{number}", if sign.is_empty() { "" } else { "-" });
            let Ok(amount) = number.parse::<Decimal>() else {
                continue;
            };
            let amount = amount.shifted(power.map_or(0, |(_, power)| *power));
            let unit = units.at_start(&text[whole.end()..]);
            let is_plain = amount.reaches(LEAST_PLAIN) && !is_year(whole.as_str());
            let ends = !text[whole.end()..].starts_with(|c: char| c.is_alphanumeric());
            let end = match unit {
                Some((_, bytes)) => whole.end() + bytes,
                None if is_plain && ends => whole.end(),
                None => continue,
            };
            at = end;
            let unit = unit.map(|(unit, _)| unit);
            found.push((whole.start() - sign.len()..end, Quantity { amount, unit }));
        }
        found
    }
}

/// The minus sign before a number, or none; `None` if the number is part of something else.
fn sign(before: &str) -> Option<&str> {
    let mut chars = before.chars().rev();
    match chars.next() {
        Some(minus @ ('-' | '−')) => match chars.next() {
            None | Some(' ' | '\u{a0}' | '(') => Some(&before[before.len() - minus.len_utf8()..]),
            // A range or a name: `3-5`, `MD-80`. Of a range, the end is a number.
            Some(c) => c.is_ascii_digit().then_some(""),
        },
        Some('$' | '€' | '£' | '¥' | '#' | '№' | '.' | ',' | '/' | ':' | '_') => None,
        Some(c) => (!c.is_alphanumeric()).then_some(""),
        None => Some(""),
    }
}

/// Whether hyphens and digits stand on both sides, as in `0-393-02895-X`.
fn is_in_a_code(text: &str, number: &Range<usize>) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut before = text[..number.start].chars().rev();
    let mut after = text[number.end..].chars();
    before.next() == Some('-')
        && is_digit(before.next())
        && after.next() == Some('-')
        && after.next().is_some_and(|c| c.is_ascii_digit() || c == 'X')
}

/// Whether a blank stands between thousands, so that this may be a part: of `1 600 km` neither.
fn is_cut(text: &str, digits: &Range<usize>) -> bool {
    let leading = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let before = text[..digits.start].strip_suffix(' ');
    let after = text[digits.end..].strip_prefix(' ');
    let is_end = before.is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
        && leading(&text[digits.clone()]) == 3;
    let is_start = digits.len() <= 3 && after.is_some_and(|after| leading(after) == 3);
    is_end || is_start
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()) && number < "3000"
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{EntityId, Names, Words};

    use super::*;

    fn find(text: &str) -> Vec<(&str, String)> {
        let mut units = Units::default();
        for (number, label, aliases) in [
            (712_226, "square kilometre", Words::from(["km²"])),
            (11_573, "metre", ["m"].into()),
            (11_229, "percent", ["%"].into()),
        ] {
            let names = Names {
                id: EntityId::item(number),
                label: Some(label.into()),
                aliases,
                instance_of: Words::default(),
                title: None,
                sitelinks: 1,
            };
            units.add(number as u32, &names);
        }
        let found = Quantities::new().unwrap().find(text, &units).into_iter();
        found
            .map(|(span, quantity)| (&text[span], quantity.to_string()))
            .collect()
    }

    #[test]
    fn every_form() {
        let cases = [
            ("an area of 468 km2 (", "468 km2", "+468 Q712226"),
            ("1,023 metres", "1,023 metres", "+1023 Q11573"),
            ("a 5-metre pole", "5-metre", "+5 Q11573"),
            (
                "2.5 million square kilometres",
                "2.5 million square kilometres",
                "+2500000 Q712226",
            ),
            ("10.2 million visitors", "10.2 million", "+10200000"),
            ("approximately 85,000.", "85,000", "+85000"),
            ("12,345,678 people", "12,345,678", "+12345678"),
            ("at −12.5 m", "−12.5 m", "-12.5 Q11573"),
            ("45% of", "45%", "+45 Q11229"),
            ("1776 m high", "1776 m", "+1776 Q11573"),
            ("3–5 m", "5 m", "+5 Q11573"),
            ("0.50 m", "0.50 m", "+0.5 Q11573"),
            ("5000 men", "5000", "+5000"),
            ("1\u{a0}600 m long", "1\u{a0}600 m", "+1600 Q11573"),
            (
                "12\u{202f}345\u{202f}678",
                "12\u{202f}345\u{202f}678",
                "+12345678",
            ),
            ("in 1990 about 600 men", "600", "+600"),
        ];
        for (text, surface, value) in cases {
            assert_eq!(find(text), [(surface, value.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity() {
        for text in [
            "in 1776",
            "7 men",
            "$500",
            "MD-500",
            "B500",
            "500th",
            "1:500",
            "99",
            "0-393-02895-X",
            "1 600 m",
            "125 000 men",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
