//! Times and numbers as values that text and facts can be compared by.

use std::fmt;

use kprep_schemas::Value;
use kprep_schemas::stable_hash;

use super::decimal::Decimal;

/// A value that is no entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A point in time.
    Time(Time),
    /// A number with its unit.
    Quantity(Quantity),
}

/// A day, month or year. Which calendar it is in is not looked at: texts do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    /// The year; before Christ it is negative, as Wikidata writes it: 44 BC is -44.
    pub year: i64,
    /// The month from 1, or 0 if only the year is known.
    pub month: u8,
    /// The day from 1, or 0 if only the month is known.
    pub day: u8,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// The number.
    pub amount: Decimal,
    /// The number of the unit's item; `None` for a plain number.
    pub unit: Option<u32>,
}

impl Literal {
    /// The literal of a statement. `None` for entities and texts, and for times that are less exact
    /// than a year or more exact than a day.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Time {
                time, precision, ..
            } => Time::parse(time, *precision).map(Self::Time),
            Value::Quantity { amount, unit, .. } => {
                let unit = unit.map(|unit| u32::try_from(unit.as_item()?).ok());
                Some(Self::Quantity(Quantity {
                    amount: amount.parse().ok()?,
                    // A unit that is no item is no unit that a text could name.
                    unit: unit.map_or(Some(None), |unit| unit.map(Some))?,
                }))
            }
            _ => None,
        }
    }

    /// 64 bits that stand for it in a file of facts.
    pub fn key(&self) -> u64 {
        stable_hash([self.to_string().as_bytes()])
    }
}

impl Time {
    /// Reads a time of Wikidata: `+1952-03-11T00:00:00Z`, years also with zeros in front.
    fn parse(time: &str, precision: i32) -> Option<Self> {
        let (sign, rest) = match time.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (date, _) = rest.split_once('T')?;
        let mut parts = date.split('-');
        let year: i64 = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        let year = sign * year;
        match precision {
            11 if month > 0 && day > 0 => Some(Self { year, month, day }),
            10 if month > 0 => Some(Self {
                year,
                month,
                day: 0,
            }),
            9 => Some(Self {
                year,
                month: 0,
                day: 0,
            }),
            _ => None,
        }
    }
}

/// As T-REx writes it: `1776-07-04T00:00:00Z`, `1776-00-00T00:00:00Z`, `-0044-00-00T00:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        let Self { year, month, day } = self;
        let year = year.unsigned_abs();
        write!(f, "{sign}{year:04}-{month:02}-{day:02}T00:00:00Z")
    }
}

/// As Wikidata's values are shown: `+468 Q712226`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.amount)?;
        self.unit.map_or(Ok(()), |unit| write!(f, " Q{unit}"))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::Quantity(quantity) => quantity.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::EntityId;

    use super::*;

    fn time(time: &str, precision: i32) -> Option<String> {
        let value = Value::Time {
            time: time.into(),
            precision,
            calendar: None,
        };
        Literal::of(&value).map(|literal| literal.to_string())
    }

    #[test]
    fn times_lose_what_their_precision_does_not_reach() {
        let cases = [
            ("+1776-07-04T00:00:00Z", 11, Some("1776-07-04T00:00:00Z")),
            ("+1776-07-04T00:00:00Z", 10, Some("1776-07-00T00:00:00Z")),
            ("+1776-07-04T00:00:00Z", 9, Some("1776-00-00T00:00:00Z")),
            ("-0044-03-15T00:00:00Z", 11, Some("-0044-03-15T00:00:00Z")),
            (
                "+00000001952-01-01T00:00:00Z",
                9,
                Some("1952-00-00T00:00:00Z"),
            ),
            ("+1900-00-00T00:00:00Z", 8, None),
            ("+1900-00-00T00:00:00Z", 11, None),
            ("-00002500000-00-00T00:00:00Z", 3, None),
            ("1900", 9, None),
            ("", 9, None),
        ];
        for (written, precision, expected) in cases {
            assert_eq!(time(written, precision).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let quantity = |amount: &str, unit: Option<EntityId>| {
            let value = Value::Quantity {
                amount: amount.into(),
                unit,
                lower: None,
                upper: None,
            };
            Literal::of(&value)
        };
        let km2 = Some(EntityId::item(712_226));
        assert_eq!(quantity("+468.0", km2), quantity("468", km2));
        assert_ne!(
            quantity("+468", None).unwrap().key(),
            quantity("+468", km2).unwrap().key()
        );
        assert_eq!(quantity("+468", km2).unwrap().to_string(), "+468 Q712226");
        assert_eq!(quantity("many", km2), None);
        assert_eq!(quantity("+1", Some(EntityId::property(2))), None);
    }
}
