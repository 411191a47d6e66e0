//! A [`Value`] as the columns of a [`Triple`](crate::Triple): a getter and a setter a column.
//!
//! A value that is read starts as [`Value::NOTHING`]. The first column that tells its kind settles
//! it; columns of other kinds change nothing then.

use crate::{EntityId, Value};

impl Value {
    /// The empty text: what a value is until a column tells more.
    pub(crate) const NOTHING: Self = Self::Text {
        text: String::new(),
        lang: None,
    };

    pub(crate) fn entity(&self) -> Option<EntityId> {
        match self {
            Self::Entity(id) => Some(*id),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Text { text, lang } => Some((text, lang.as_deref())),
            _ => None,
        }
    }

    pub(crate) fn time(&self) -> Option<(&str, i32, Option<EntityId>)> {
        match self {
            Self::Time {
                time,
                precision,
                calendar,
            } => Some((time, *precision, *calendar)),
            _ => None,
        }
    }

    pub(crate) fn quantity(&self) -> Option<(&str, Option<EntityId>)> {
        match self {
            Self::Quantity { amount, unit, .. } => Some((amount, *unit)),
            _ => None,
        }
    }

    pub(crate) fn bounds(&self) -> [Option<&str>; 2] {
        match self {
            Self::Quantity { lower, upper, .. } => [lower.as_deref(), upper.as_deref()],
            _ => [None, None],
        }
    }

    pub(crate) fn coordinate(&self) -> Option<(f64, f64, Option<f64>, Option<EntityId>)> {
        match self {
            Self::Coordinate {
                latitude,
                longitude,
                precision,
                globe,
            } => Some((*latitude, *longitude, *precision, *globe)),
            _ => None,
        }
    }

    /// Becomes this if its kind is not settled yet.
    fn settle(&mut self, value: impl FnOnce() -> Self) {
        if matches!(self, Self::Text { .. }) {
            *self = value();
        }
    }

    pub(crate) fn set_snak(&mut self, snak: &str) {
        match snak {
            "somevalue" => *self = Self::SomeValue,
            "novalue" => *self = Self::NoValue,
            _ => {}
        }
    }

    pub(crate) fn set_entity(&mut self, id: EntityId) {
        self.settle(|| Self::Entity(id));
    }

    pub(crate) fn set_text(&mut self, value: &str) {
        if let Self::Text { text, .. } = self {
            value.clone_into(text);
        }
    }

    pub(crate) fn set_lang(&mut self, value: &str) {
        if let Self::Text { lang, .. } = self {
            *lang = Some(value.to_owned());
        }
    }

    pub(crate) fn set_time(&mut self, time: &str) {
        self.settle(|| Self::Time {
            time: time.to_owned(),
            precision: 0,
            calendar: None,
        });
    }

    pub(crate) fn set_time_precision(&mut self, value: i32) {
        if let Self::Time { precision, .. } = self {
            *precision = value;
        }
    }

    pub(crate) fn set_calendar(&mut self, id: EntityId) {
        if let Self::Time { calendar, .. } = self {
            *calendar = Some(id);
        }
    }

    pub(crate) fn set_amount(&mut self, amount: &str) {
        self.settle(|| Self::Quantity {
            amount: amount.to_owned(),
            unit: None,
            lower: None,
            upper: None,
        });
    }

    pub(crate) fn set_unit(&mut self, id: EntityId) {
        if let Self::Quantity { unit, .. } = self {
            *unit = Some(id);
        }
    }

    pub(crate) fn set_lower(&mut self, bound: &str) {
        if let Self::Quantity { lower, .. } = self {
            *lower = Some(bound.to_owned());
        }
    }

    pub(crate) fn set_upper(&mut self, bound: &str) {
        if let Self::Quantity { upper, .. } = self {
            *upper = Some(bound.to_owned());
        }
    }

    pub(crate) fn set_latitude(&mut self, degrees: f64) {
        self.settle(|| Self::Coordinate {
            latitude: degrees,
            longitude: 0.0,
            precision: None,
            globe: None,
        });
    }

    pub(crate) fn set_longitude(&mut self, degrees: f64) {
        if let Self::Coordinate { longitude, .. } = self {
            *longitude = degrees;
        }
    }

    pub(crate) fn set_precision(&mut self, degrees: f64) {
        if let Self::Coordinate { precision, .. } = self {
            *precision = Some(degrees);
        }
    }

    pub(crate) fn set_globe(&mut self, id: EntityId) {
        if let Self::Coordinate { globe, .. } = self {
            *globe = Some(id);
        }
    }
}
