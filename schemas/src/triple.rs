//! `Triple`: one statement of Wikidata, its value in typed columns.

use std::borrow::Cow;

use crate::column::{
    Column, Fit, Misfit, float_part, id_part, ids_part, int_part, name_part, text_part, words_part,
};
use crate::{Classes, EntityId, GroupBy, Record, Rules, Value, Words};

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Triple {
    /// What it is about.
    pub subject: EntityId,
    /// The property.
    pub property: EntityId,
    /// How it ranks among the subject's statements with this property.
    pub rank: Rank,
    /// What the values of the property are, by Wikidata's names: `wikibase-item`, `time`,
    /// `quantity`, `string`, `monolingualtext`, `globe-coordinate`, `external-id`, `url`, …
    pub datatype: Cow<'static, str>,
    /// The value.
    pub value: Value,
    /// The qualifiers, in their order.
    pub qualifiers: Vec<Qualifier>,
}

/// The rank of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Known to be wrong.
    Deprecated,
    /// As most are.
    Normal,
    /// The one to show where there are several.
    Preferred,
}

/// One qualifier of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Qualifier {
    /// The property.
    pub property: EntityId,
    /// The kind of its values, as in [`Triple::datatype`].
    pub datatype: Cow<'static, str>,
    /// The value in one string, as [`Value`] shows it.
    pub value: String,
}

impl Rank {
    /// Wikidata's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deprecated => "deprecated",
            Self::Normal => "normal",
            Self::Preferred => "preferred",
        }
    }

    /// The rank of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Normal, Self::Preferred, Self::Deprecated]
            .into_iter()
            .find(|rank| rank.name() == name)
    }
}

/// What a row starts from before its columns are read.
impl Default for Triple {
    fn default() -> Self {
        Self {
            subject: EntityId::item(0),
            property: EntityId::property(0),
            rank: Rank::Normal,
            datatype: Cow::default(),
            value: Value::NOTHING,
            qualifiers: Vec::new(),
        }
    }
}

impl Classes for Triple {}

impl Record for Triple {
    const NAME: &'static str = "Triple";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        id_part("subject", "what the statement is about (Q42)",
            |r| Some(r.subject), |r, id| r.subject = id),
        id_part("property", "the property (P31)", |r| Some(r.property), |r, id| r.property = id),
        name_part("rank", "`preferred`, `normal` or `deprecated`",
            |r| Some(r.rank.name()), set_rank),
        text_part("datatype", "kind of the values, by Wikidata's names",
            |r| Some(&r.datatype), |r, name| r.datatype = name.to_owned().into()),
        text_part("snak", "`value`, `somevalue` (not known) or `novalue` (there is none)",
            |r| Some(r.value.snak()), |r, snak| r.value.set_snak(snak)),
        id_part("object_id", "the value if it is an item, property or lexeme",
            |r: &Self| r.value.entity(), |r, id| r.value.set_entity(id)).nullable(),
        text_part("text", "the value if it is a string, external id, url or other text",
            |r: &Self| Some(r.value.text()?.0), |r, text| r.value.set_text(text))
            .nullable().without_dictionary(),
        text_part("lang", "language of a monolingual text",
            |r: &Self| r.value.text()?.1, |r, lang| r.value.set_lang(lang)).nullable(),
        text_part("time", "a time as Wikidata writes it (+1952-03-11T00:00:00Z)",
            |r: &Self| Some(r.value.time()?.0), |r, time| r.value.set_time(time)).nullable(),
        int_part("time_precision", "11 = day, 10 = month, 9 = year, 8 = decade, …",
            |r: &Self| Some(r.value.time()?.1), |r, p| r.value.set_time_precision(p)).nullable(),
        id_part("calendar", "calendar model (Q1985727 is the Gregorian one)",
            |r: &Self| r.value.time()?.2, |r, id| r.value.set_calendar(id)).nullable(),
        text_part("amount", "a quantity in decimal, with its sign",
            |r: &Self| Some(r.value.quantity()?.0), |r, amount| r.value.set_amount(amount))
            .nullable(),
        id_part("unit", "its unit, as an item; null for a plain number",
            |r: &Self| r.value.quantity()?.1, |r, id| r.value.set_unit(id)).nullable(),
        text_part("lower", "its lower bound",
            |r: &Self| r.value.bounds()[0], |r, lower| r.value.set_lower(lower)).nullable(),
        text_part("upper", "its upper bound",
            |r: &Self| r.value.bounds()[1], |r, upper| r.value.set_upper(upper)).nullable(),
        float_part("latitude", "degrees north",
            |r: &Self| Some(r.value.coordinate()?.0), |r, n| r.value.set_latitude(n)).nullable(),
        float_part("longitude", "degrees east",
            |r: &Self| Some(r.value.coordinate()?.1), |r, n| r.value.set_longitude(n)).nullable(),
        float_part("coordinate_precision", "how exact the place is, in degrees",
            |r: &Self| r.value.coordinate()?.2, |r, n| r.value.set_precision(n)).nullable(),
        id_part("globe", "the globe (Q2 is the Earth)",
            |r: &Self| r.value.coordinate()?.3, |r, id| r.value.set_globe(id)).nullable(),
        ids_part("qualifier_property", "property of each qualifier",
            |r| r.qualifiers.iter().map(|q| q.property.to_string()).collect(), set_properties),
        words_part("qualifier_datatype", "kind of the value of each qualifier",
            |r| r.qualifiers.iter().map(|q| &q.datatype).collect(), set_datatypes),
        words_part("qualifier_value", "value of each qualifier in one string",
            |r| r.qualifiers.iter().map(|q| &q.value).collect(), set_values),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        match self.property.as_property() {
            Some(_) => Ok(()),
            None => Err(format!("{} is no property", self.property)),
        }
    }

    fn id(&self) -> &'static str {
        ""
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.subject.to_string().into_bytes()
    }
}

fn set_rank(row: &mut Triple, name: &str) -> Fit {
    row.rank = Rank::named(name).ok_or_else(|| Misfit::new("a rank", name))?;
    Ok(())
}

/// Starts the list of qualifiers.
fn set_properties(row: &mut Triple, properties: Vec<EntityId>) {
    let qualifier = |property| Qualifier {
        property,
        datatype: Cow::default(),
        value: String::new(),
    };
    row.qualifiers = properties.into_iter().map(qualifier).collect();
}

fn set_datatypes(row: &mut Triple, datatypes: &Words) {
    row.qualifiers.truncate(datatypes.len());
    for (qualifier, datatype) in row.qualifiers.iter_mut().zip(datatypes.iter()) {
        qualifier.datatype = datatype.to_owned().into();
    }
}

fn set_values(row: &mut Triple, values: &Words) {
    row.qualifiers.truncate(values.len());
    for (qualifier, value) in row.qualifiers.iter_mut().zip(values.iter()) {
        value.clone_into(&mut qualifier.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triple(value: Value) -> Triple {
        Triple {
            subject: EntityId::item(42),
            property: EntityId::property(31),
            rank: Rank::Normal,
            datatype: "wikibase-item".into(),
            value,
            qualifiers: Vec::new(),
        }
    }

    #[test]
    fn every_kind_of_value_survives_the_way_through_columns() {
        let text = |text: &str, lang: Option<&str>| Value::Text {
            text: text.into(),
            lang: lang.map(Into::into),
        };
        let values = [
            (Value::SomeValue, "somevalue"),
            (Value::NoValue, "novalue"),
            (Value::Entity(EntityId::item(5)), "Q5"),
            (text("Zoë", None), "Zoë"),
            (text("", None), ""),
            (text("Zoë", Some("en")), "Zoë@en"),
            (
                Value::Time {
                    time: "-00002500000-00-00T00:00:00Z".into(),
                    precision: 3,
                    calendar: Some(EntityId::item(1_985_727)),
                },
                "-00002500000-00-00T00:00:00Z/3",
            ),
            (
                Value::Quantity {
                    amount: "+12.5".into(),
                    unit: Some(EntityId::item(11_573)),
                    lower: Some("+12.4".into()),
                    upper: None,
                },
                "+12.5 Q11573",
            ),
            (
                Value::Coordinate {
                    latitude: 46.95,
                    longitude: -7.45,
                    precision: None,
                    globe: Some(EntityId::item(2)),
                },
                "46.95 -7.45",
            ),
        ];
        let mut rows: Vec<_> = values
            .iter()
            .map(|(value, _)| triple(value.clone()))
            .collect();
        rows[0].rank = Rank::Deprecated;
        rows[1].qualifiers = values
            .iter()
            .map(|(value, _)| Qualifier {
                property: EntityId::property(580),
                datatype: "time".into(),
                value: value.to_string(),
            })
            .collect();
        let batch = Triple::to_batch(&rows, &Triple::arrow_schema(&[])).unwrap();
        assert_eq!(Triple::from_batch(&batch).unwrap(), rows);
        for (value, shown) in &values {
            assert_eq!(&value.to_string(), shown);
        }
    }
}
