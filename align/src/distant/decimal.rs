//! Exact decimal numbers.

use std::fmt;
use std::str::FromStr;

/// A decimal number: `mantissa / 10^scale`, in the one form that has no zeros to spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// A text that is no decimal number, or one of more than 24 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADecimal;

impl Decimal {
    fn new(mut mantissa: i128, mut scale: u8) -> Self {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    /// The number times a power of ten, for `10.2 million`. At most 12, so that it fits.
    #[must_use]
    pub fn shifted(self, power: u8) -> Self {
        let scale = self.scale.saturating_sub(power);
        let zeros = u32::from(power.saturating_sub(self.scale).min(12));
        Self::new(self.mantissa * 10_i128.pow(zeros), scale)
    }

    /// Whether it is `least` or more.
    pub fn reaches(self, least: i128) -> bool {
        self.mantissa / 10_i128.pow(u32::from(self.scale)) >= least
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'+') => (false, &text[1..]),
            Some(b'-') => (true, &text[1..]),
            _ => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = || whole.bytes().chain(part.bytes());
        if whole.is_empty() || digits().count() > 24 || !digits().all(|b| b.is_ascii_digit()) {
            return Err(NotADecimal);
        }
        let mantissa = digits().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let mantissa = if negative { -mantissa } else { mantissa };
        Ok(Self::new(mantissa, part.len() as u8))
    }
}

/// With its sign, as Wikidata has it: `+12.5`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { '-' } else { '+' };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        let point = if part.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form() {
        let cases = [
            ("+12.50", "+12.5"),
            ("12.5", "+12.5"),
            ("-0.05", "-0.05"),
            ("100", "+100"),
            ("1.000", "+1"),
            ("0", "+0"),
            ("-0", "+0"),
        ];
        for (text, shown) in cases {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), shown);
        }
        for text in ["", "+", "a", "1.2.3", ".5", "1e5", &"1".repeat(25)] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
    }

    #[test]
    fn millions() {
        let shifted = |text: &str, power| {
            let number: Decimal = text.parse().unwrap();
            number.shifted(power).to_string()
        };
        assert_eq!(shifted("10.2", 6), "+10200000");
        assert_eq!(shifted("0.0001", 3), "+0.1");
        assert_eq!(shifted("7", 9), "+7000000000");
    }
}
