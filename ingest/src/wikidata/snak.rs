//! Snaks, the property-value pairs of statements and qualifiers, from their JSON.

use std::borrow::Cow;
use std::fmt;

use kprep_schemas::{EntityId, Value};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string of the dump, borrowed where it has no escapes.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// `{"snaktype": "value", "property": "P31", "datavalue": {…}, "datatype": "wikibase-item"}`
#[derive(Debug, Deserialize)]
pub(super) struct Snak<'a> {
    #[serde(borrow)]
    snaktype: Cow<'a, str>,
    #[serde(borrow)]
    property: Cow<'a, str>,
    /// Old dumps lack it.
    #[serde(borrow, default)]
    datatype: Option<Cow<'a, str>>,
    /// `novalue` and `somevalue` snaks lack it.
    #[serde(borrow, default)]
    datavalue: Option<DataValue<'a>>,
}

#[derive(Debug, Deserialize)]
struct DataValue<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    value: AnyValue<'a>,
}

/// A string, or an object with the fields of one of the other kinds.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one lives at a time; a box would cost each its own memory
enum AnyValue<'a> {
    Text(Cow<'a, str>),
    Fields(Fields<'a>),
}

/// The fields of all kinds of values that are objects.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Fields<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    entity_type: Option<Cow<'a, str>>,
    numeric_id: Option<u64>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    language: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    precision: Option<f64>,
    #[serde(borrow)]
    calendarmodel: Option<Cow<'a, str>>,
    #[serde(borrow)]
    amount: Option<Cow<'a, str>>,
    #[serde(borrow)]
    unit: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "upperBound")]
    upper_bound: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "lowerBound")]
    lower_bound: Option<Cow<'a, str>>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    #[serde(borrow)]
    globe: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for AnyValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValueVisitor)
    }
}

struct AnyValueVisitor;

impl<'de> Visitor<'de> for AnyValueVisitor {
    type Value = AnyValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an object")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<AnyValue<'de>, E> {
        Ok(AnyValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<AnyValue<'de>, E> {
        Ok(AnyValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AnyValue<'de>, A::Error> {
        Fields::deserialize(de::value::MapAccessDeserializer::new(map)).map(AnyValue::Fields)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<AnyValue<'de>, A::Error> {
        // PHP's empty object: nothing in it can be read.
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(AnyValue::Fields(Fields::default()))
    }
}

/// Why a snak is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) &'static str);

impl Snak<'_> {
    pub(super) fn property(&self) -> Result<EntityId, Unreadable> {
        let id = self.property.parse::<EntityId>().ok();
        id.filter(|id| id.as_property().is_some())
            .ok_or(Unreadable("a property that is no id"))
    }

    pub(super) fn value(&self) -> Result<Value, Unreadable> {
        match (&*self.snaktype, &self.datavalue) {
            ("somevalue", _) => Ok(Value::SomeValue),
            ("novalue", _) => Ok(Value::NoValue),
            ("value", Some(value)) => value.value.read(),
            ("value", None) => Err(Unreadable("a value snak without a value")),
            _ => Err(Unreadable("a snak of an unknown kind")),
        }
    }

    /// The kind of values that the property has; where the dump does not say it, what the value is.
    pub(super) fn datatype(&self) -> Cow<'static, str> {
        if let Some(datatype) = &self.datatype {
            return known(datatype);
        }
        let Some(DataValue { kind, value }) = &self.datavalue else {
            return "unknown".into();
        };
        match (&**kind, value) {
            ("wikibase-entityid", AnyValue::Fields(fields)) => match fields.entity() {
                Some(id) if id.as_property().is_some() => "wikibase-property".into(),
                Some(id) if id.as_item().is_none() => "wikibase-lexeme".into(),
                _ => "wikibase-item".into(),
            },
            ("globecoordinate", _) => "globe-coordinate".into(),
            (kind, _) => known(kind),
        }
    }
}

/// Names that need no memory of their own.
const DATATYPES: [&str; 16] = [
    "wikibase-item",
    "external-id",
    "time",
    "string",
    "quantity",
    "monolingualtext",
    "globe-coordinate",
    "url",
    "commonsMedia",
    "wikibase-property",
    "wikibase-lexeme",
    "wikibase-form",
    "wikibase-sense",
    "math",
    "geo-shape",
    "tabular-data",
];

fn known(datatype: &str) -> Cow<'static, str> {
    let name = DATATYPES.into_iter().find(|name| *name == datatype);
    name.map_or_else(|| Cow::Owned(datatype.to_owned()), Cow::Borrowed)
}

impl AnyValue<'_> {
    fn read(&self) -> Result<Value, Unreadable> {
        match self {
            Self::Text(text) => Ok(Value::Text {
                text: text.clone().into_owned(),
                lang: None,
            }),
            Self::Fields(fields) => fields.read(),
        }
    }
}

impl Fields<'_> {
    fn read(&self) -> Result<Value, Unreadable> {
        let owned = |text: &Cow<'_, str>| text.clone().into_owned();
        if self.id.is_some() || self.numeric_id.is_some() {
            let id = self.entity().ok_or(Unreadable("a value that is no id"))?;
            return Ok(Value::Entity(id));
        }
        if let Some(time) = &self.time {
            return Ok(Value::Time {
                time: owned(time),
                precision: self
                    .precision
                    .ok_or(Unreadable("a time without precision"))?
                    as i32,
                calendar: item(self.calendarmodel.as_deref())?,
            });
        }
        if let Some(amount) = &self.amount {
            return Ok(Value::Quantity {
                amount: owned(amount),
                unit: item(self.unit.as_deref().filter(|&unit| unit != "1"))?,
                lower: self.lower_bound.as_ref().map(owned),
                upper: self.upper_bound.as_ref().map(owned),
            });
        }
        if let (Some(latitude), Some(longitude)) = (self.latitude, self.longitude) {
            return Ok(Value::Coordinate {
                latitude,
                longitude,
                precision: self.precision,
                globe: item(self.globe.as_deref())?,
            });
        }
        if let (Some(text), Some(language)) = (&self.text, &self.language) {
            return Ok(Value::Text {
                text: owned(text),
                lang: Some(owned(language)),
            });
        }
        Err(Unreadable("a value of an unknown kind"))
    }

    /// Old dumps have the number of an id alone.
    fn entity(&self) -> Option<EntityId> {
        if let Some(id) = &self.id {
            return id.parse().ok();
        }
        let letter = match self.entity_type.as_deref()? {
            "item" => 'Q',
            "property" => 'P',
            "lexeme" => 'L',
            _ => return None,
        };
        format!("{letter}{}", self.numeric_id?).parse().ok()
    }
}

/// The item behind a unit's, globe's or calendar's URL.
fn item(url: Option<&str>) -> Result<Option<EntityId>, Unreadable> {
    let Some(url) = url else {
        return Ok(None);
    };
    let (_, id) = url.rsplit_once('/').unwrap_or(("", url));
    let id = id
        .parse()
        .map_err(|_| Unreadable("a unit, globe or calendar that is no id"))?;
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(datavalue: &str) -> (String, String) {
        let json = format!(r#"{{"snaktype":"value","property":"P1"{datavalue}}}"#);
        let snak: Snak<'_> = serde_json::from_str(&json).unwrap();
        let value = match snak.value() {
            Ok(value) => value.to_string(),
            Err(Unreadable(why)) => why.to_owned(),
        };
        (value, snak.datatype().into_owned())
    }

    /// Kind, value, text and datatype.
    const KINDS: [[&str; 4]; 9] = [
        [
            "wikibase-entityid",
            r#"{"entity-type":"item","numeric-id":5,"id":"Q5"}"#,
            "Q5",
            "wikibase-item",
        ],
        [
            "wikibase-entityid",
            r#"{"entity-type":"item","numeric-id":5}"#,
            "Q5",
            "wikibase-item",
        ],
        [
            "wikibase-entityid",
            r#"{"entity-type":"property","numeric-id":5}"#,
            "P5",
            "wikibase-property",
        ],
        [
            "wikibase-entityid",
            r#"{"id":"L7-F2","entity-type":"form"}"#,
            "L7-F2",
            "wikibase-lexeme",
        ],
        ["string", r#""Z\u00fcrich""#, "Zürich", "string"],
        [
            "monolingualtext",
            r#"{"text":"Bern","language":"de"}"#,
            "Bern@de",
            "monolingualtext",
        ],
        [
            "quantity",
            r#"{"amount":"+12","unit":"1"}"#,
            "+12",
            "quantity",
        ],
        [
            "quantity",
            r#"{"amount":"-1.5","unit":"http://www.wikidata.org/entity/Q11573","upperBound":"-1","lowerBound":"-2"}"#,
            "-1.5 Q11573",
            "quantity",
        ],
        [
            "globecoordinate",
            r#"{"latitude":46,"longitude":7.45,"altitude":null,"precision":null,"globe":"http://www.wikidata.org/entity/Q2"}"#,
            "46 7.45",
            "globe-coordinate",
        ],
    ];

    #[test]
    fn every_kind_of_value_with_and_without_its_datatype() {
        let both = |[kind, value, shown, datatype]: [&str; 4]| {
            let datavalue = format!(r#","datavalue":{{"value":{value},"type":"{kind}"}}"#);
            assert_eq!(read(&datavalue), (shown.to_owned(), datatype.to_owned()));
            let named = format!(r#"{datavalue},"datatype":"external-id""#);
            assert_eq!(read(&named).1, "external-id");
        };
        KINDS.into_iter().for_each(both);
        let calendar = r#""calendarmodel":"http://www.wikidata.org/entity/Q1985786""#;
        for time in [
            "+1952-00-00T00:00:00Z",
            "-0044-03-15T00:00:00Z",
            "-00002500000-00-00T00:00:00Z",
        ] {
            let value = format!(
                r#"{{"time":"{time}","timezone":0,"before":0,"after":0,"precision":9,{calendar}}}"#
            );
            both(["time", &value, &format!("{time}/9"), "time"]);
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |datavalue: &str| read(datavalue).0;
        assert_eq!(why(""), "a value snak without a value");
        assert_eq!(
            why(r#","datavalue":{"value":{"error":"x"},"type":"bad"}"#),
            "a value of an unknown kind"
        );
        assert_eq!(
            why(r#","datavalue":{"value":[],"type":"bad"}"#),
            "a value of an unknown kind"
        );
        assert_eq!(
            why(r#","datavalue":{"value":{"id":"Q0"},"type":"x"}"#),
            "a value that is no id"
        );
        assert_eq!(
            why(r#","datavalue":{"value":{"amount":"+1","unit":"metre"},"type":"quantity"}"#),
            "a unit, globe or calendar that is no id"
        );
    }

    #[test]
    fn snaks_without_a_value() {
        for (kind, value) in [("novalue", Value::NoValue), ("somevalue", Value::SomeValue)] {
            let json = format!(r#"{{"snaktype":"{kind}","property":"P40"}}"#);
            let snak: Snak<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!(snak.value(), Ok(value));
            assert_eq!(snak.datatype(), "unknown");
            assert_eq!(snak.property(), Ok(EntityId::property(40)));
        }
    }
}
