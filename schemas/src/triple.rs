//! `Triple`: one statement of Wikidata, its value in typed columns.

use std::borrow::Cow;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{EntityId, Error, GroupBy, Record, Result, Rules, Value, Words};

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

impl Record for Triple {
    const NAME: &'static str = "Triple";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("subject", "what the statement is about (Q42)"),
        ("property", "the property (P31)"),
        ("rank", "`preferred`, `normal` or `deprecated`"),
        ("datatype", "kind of the values, by Wikidata's names"),
        (
            "snak",
            "`value`, `somevalue` (not known) or `novalue` (there is none)",
        ),
        (
            "object_id",
            "the value if it is an item, property or lexeme",
        ),
        (
            "text",
            "the value if it is a string, external id, url or other text",
        ),
        ("lang", "language of a monolingual text"),
        (
            "time",
            "a time as Wikidata writes it (+1952-03-11T00:00:00Z)",
        ),
        (
            "time_precision",
            "11 = day, 10 = month, 9 = year, 8 = decade, …",
        ),
        ("calendar", "calendar model (Q1985727 is the Gregorian one)"),
        ("amount", "a quantity in decimal, with its sign"),
        ("unit", "its unit, as an item; null for a plain number"),
        ("lower", "its lower bound"),
        ("upper", "its upper bound"),
        ("latitude", "degrees north"),
        ("longitude", "degrees east"),
        ("coordinate_precision", "how exact the place is, in degrees"),
        ("globe", "the globe (Q2 is the Earth)"),
        ("qualifier_property", "property of each qualifier"),
        ("qualifier_datatype", "kind of the value of each qualifier"),
        ("qualifier_value", "value of each qualifier in one string"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
        let float = |name| Field::new(name, DataType::Float64, true);
        let strings = |name| Field::new(name, list_of(DataType::Utf8), false);
        huggingface_schema(
            vec![
                text("subject", false),
                text("property", false),
                text("rank", false),
                text("datatype", false),
                text("snak", false),
                text("object_id", true),
                text("text", true),
                text("lang", true),
                text("time", true),
                Field::new("time_precision", DataType::Int32, true),
                text("calendar", true),
                text("amount", true),
                text("unit", true),
                text("lower", true),
                text("upper", true),
                float("latitude"),
                float("longitude"),
                float("coordinate_precision"),
                text("globe", true),
                strings("qualifier_property"),
                strings("qualifier_datatype"),
                strings("qualifier_value"),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let ids = |get: fn(&Self) -> Option<EntityId>| columns::shown(rows.iter().map(get));
        let text = |get: fn(&Self) -> Option<&str>| columns::utf8_opt(rows.iter().map(get));
        let float = |get: fn(&Self) -> Option<f64>| columns::f64_opt(rows.iter().map(get));
        let qualifiers: Vec<_> = rows
            .iter()
            .map(|r| qualifier_lists(&r.qualifiers))
            .collect();
        let list = |i: usize| columns::words(qualifiers.iter().map(|lists| Some(&lists[i])));
        columns::batch(
            schema,
            vec![
                ids(|r| Some(r.subject))?,
                ids(|r| Some(r.property))?,
                text(|r| Some(r.rank.name())),
                text(|r| Some(&r.datatype)),
                text(|r| Some(r.value.snak())),
                ids(|r| r.value.entity())?,
                text(|r| Some(r.value.text()?.0)),
                text(|r| r.value.text()?.1),
                text(|r| Some(r.value.time()?.0)),
                columns::i32_opt(rows.iter().map(|r| Some(r.value.time()?.1))),
                ids(|r| r.value.time()?.2)?,
                text(|r| Some(r.value.quantity()?.0)),
                ids(|r| r.value.quantity()?.1)?,
                text(|r| r.value.bounds()[0]),
                text(|r| r.value.bounds()[1]),
                float(|r| Some(r.value.coordinate()?.0)),
                float(|r| Some(r.value.coordinate()?.1)),
                float(|r| r.value.coordinate()?.2),
                ids(|r| r.value.coordinate()?.3)?,
                list(0)?,
                list(1)?,
                list(2)?,
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [subject, property, rank, datatype, snak] =
            columns.utf8s(["subject", "property", "rank", "datatype", "snak"])?;
        let [object_id, text, lang] = columns.utf8s(["object_id", "text", "lang"])?;
        let [time, calendar] = columns.utf8s(["time", "calendar"])?;
        let [time_precision] = columns.i32s(["time_precision"])?;
        let [amount, unit, lower, upper] = columns.utf8s(["amount", "unit", "lower", "upper"])?;
        let [latitude, longitude, coordinate_precision] =
            columns.f64s(["latitude", "longitude", "coordinate_precision"])?;
        let [globe] = columns.utf8s(["globe"])?;
        let qualifier_property = columns.words("qualifier_property")?;
        let qualifier_datatype = columns.words("qualifier_datatype")?;
        let qualifier_value = columns.words("qualifier_value")?;
        let value = |i: usize| -> Result<Value> {
            Ok(match snak.value(i) {
                "somevalue" => Value::SomeValue,
                "novalue" => Value::NoValue,
                _ if object_id.is_valid(i) => Value::Entity(id("object_id", object_id.value(i))?),
                _ if time.is_valid(i) => Value::Time {
                    time: time.value(i).to_owned(),
                    precision: time_precision.value(i),
                    calendar: opt_id("calendar", columns::opt(calendar, i))?,
                },
                _ if amount.is_valid(i) => Value::Quantity {
                    amount: amount.value(i).to_owned(),
                    unit: opt_id("unit", columns::opt(unit, i))?,
                    lower: columns::opt(lower, i),
                    upper: columns::opt(upper, i),
                },
                _ if latitude.is_valid(i) => Value::Coordinate {
                    latitude: latitude.value(i),
                    longitude: longitude.value(i),
                    precision: coordinate_precision
                        .is_valid(i)
                        .then(|| coordinate_precision.value(i)),
                    globe: opt_id("globe", columns::opt(globe, i))?,
                },
                _ => Value::Text {
                    text: text.value(i).to_owned(),
                    lang: columns::opt(lang, i),
                },
            })
        };
        (0..batch.num_rows())
            .map(|i| {
                let [properties, datatypes, values] = [
                    qualifier_property.get(i)?.unwrap_or_default(),
                    qualifier_datatype.get(i)?.unwrap_or_default(),
                    qualifier_value.get(i)?.unwrap_or_default(),
                ];
                let qualifiers = properties.iter().zip(datatypes.iter()).zip(values.iter());
                Ok(Self {
                    subject: id("subject", subject.value(i))?,
                    property: id("property", property.value(i))?,
                    rank: Rank::named(rank.value(i))
                        .ok_or_else(|| wrong("rank", "a rank", rank.value(i)))?,
                    datatype: datatype.value(i).to_owned().into(),
                    value: value(i)?,
                    qualifiers: qualifiers
                        .map(|((property, datatype), value)| {
                            Ok(Qualifier {
                                property: id("qualifier_property", property)?,
                                datatype: datatype.to_owned().into(),
                                value: value.to_owned(),
                            })
                        })
                        .collect::<Result<_>>()?,
                })
            })
            .collect()
    }

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

/// Properties, datatypes and values of qualifiers, a list each.
fn qualifier_lists(qualifiers: &[Qualifier]) -> [Words; 3] {
    let mut properties = Words::default();
    let mut datatypes = Words::default();
    let mut values = Words::default();
    for qualifier in qualifiers {
        properties.push(&qualifier.property.to_string());
        datatypes.push(&qualifier.datatype);
        values.push(&qualifier.value);
    }
    [properties, datatypes, values]
}

fn id(column: &str, id: &str) -> Result<EntityId> {
    id.parse().map_err(|_| wrong(column, "an entity's id", id))
}

fn opt_id(column: &str, value: Option<String>) -> Result<Option<EntityId>> {
    value.map(|value| id(column, &value)).transpose()
}

fn wrong(column: &str, expected: &'static str, found: &str) -> Error {
    Error::Column {
        name: column.to_owned(),
        expected,
        found: found.to_owned(),
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
