//! `Value`: what a statement of Wikidata says.

use std::fmt;

use crate::EntityId;

/// What a statement says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// There is a value, but it is not known.
    SomeValue,
    /// There is none.
    NoValue,
    /// An item, property, lexeme, …
    Entity(EntityId),
    /// A string, external id, url, file name, …; with its language if it is a monolingual text.
    Text {
        /// The text.
        text: String,
        /// Its language.
        lang: Option<String>,
    },
    /// A point in time.
    Time {
        /// As Wikidata writes it: `+1952-03-11T00:00:00Z`; months and days of 00 where the
        /// precision does not reach them, years of any length, years before Christ with `-`.
        time: String,
        /// 11 = day, 10 = month, 9 = year, 8 = decade, 7 = century, down to 0 = a billion years.
        precision: i32,
        /// The calendar model: `Q1985727` Gregorian, `Q1985786` Julian.
        calendar: Option<EntityId>,
    },
    /// A number.
    Quantity {
        /// In decimal, with its sign: `+12.5`.
        amount: String,
        /// The unit; `None` for a plain number.
        unit: Option<EntityId>,
        /// Lower bound, if given.
        lower: Option<String>,
        /// Upper bound, if given.
        upper: Option<String>,
    },
    /// A place on a globe.
    Coordinate {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// How exact, in degrees.
        precision: Option<f64>,
        /// The globe: `Q2` is the Earth.
        globe: Option<EntityId>,
    },
}

/// The value in one string: `Q42`, `+1952-03-11T00:00:00Z/11`, `+12.5 Q11573`, `text`, `text@en`,
/// `46.95 7.45` (latitude, longitude), `somevalue`, `novalue`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SomeValue => f.write_str("somevalue"),
            Self::NoValue => f.write_str("novalue"),
            Self::Entity(id) => id.fmt(f),
            Self::Text { text, lang: None } => f.write_str(text),
            Self::Text {
                text,
                lang: Some(lang),
            } => write!(f, "{text}@{lang}"),
            Self::Time {
                time, precision, ..
            } => write!(f, "{time}/{precision}"),
            Self::Quantity {
                amount, unit: None, ..
            } => f.write_str(amount),
            Self::Quantity {
                amount,
                unit: Some(unit),
                ..
            } => write!(f, "{amount} {unit}"),
            Self::Coordinate {
                latitude,
                longitude,
                ..
            } => write!(f, "{latitude} {longitude}"),
        }
    }
}

impl Value {
    /// `value`, `somevalue` or `novalue`: what Wikidata calls the kind of snak.
    pub fn snak(&self) -> &'static str {
        match self {
            Self::SomeValue => "somevalue",
            Self::NoValue => "novalue",
            _ => "value",
        }
    }
}
