//! The values of truthy statements: what RDF makes of them, and back.

use std::borrow::Cow;

use kprep_schemas::{EntityId, Value};
use oxrdf::{Literal, Term};

/// The truthy dump does not say how exact a time is.
const PRECISION_NOT_KNOWN: i32 = -1;

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
const FILE: &str = "http://commons.wikimedia.org/wiki/Special:FilePath/";
const GENID: &str = "http://www.wikidata.org/.well-known/genid/";

/// The entity that an address stands for.
pub(super) fn entity_id(iri: &str) -> Option<EntityId> {
    let rest = iri
        .strip_prefix("http://www.wikidata.org/entity/")
        .or_else(|| iri.strip_prefix("https://www.wikidata.org/entity/"))?;
    rest.parse().ok()
}

/// The value, and the kind of values that it tells of.
pub(super) fn value(object: Term) -> (Value, Cow<'static, str>) {
    let text = |text: String| Value::Text { text, lang: None };
    match object {
        Term::NamedNode(node) => {
            let iri = node.as_str();
            if let Some(id) = entity_id(iri) {
                let kind = match (id.as_item(), id.as_property()) {
                    (Some(_), _) => "wikibase-item",
                    (_, Some(_)) => "wikibase-property",
                    _ => "wikibase-lexeme",
                };
                return (Value::Entity(id), kind.into());
            }
            if iri.starts_with(GENID) {
                return (Value::SomeValue, "unknown".into());
            }
            match iri.strip_prefix(FILE) {
                Some(file) => (text(decoded(file)), "commonsMedia".into()),
                None => (text(iri.to_owned()), "url".into()),
            }
        }
        Term::Literal(literal) => literal_value(&literal),
        // A blank node is a value that is not known.
        Term::BlankNode(_) => (Value::SomeValue, "unknown".into()),
    }
}

fn literal_value(literal: &Literal) -> (Value, Cow<'static, str>) {
    let datatype = literal.datatype();
    let datatype = datatype.as_str();
    let text = literal.value();
    let lang = literal.language().map(str::to_owned);
    if lang.is_some() {
        let text = text.to_owned();
        return (Value::Text { text, lang }, "monolingualtext".into());
    }
    match datatype.strip_prefix(XSD) {
        Some("dateTime" | "date" | "gYear") => (time(text), "time".into()),
        Some("decimal" | "integer" | "double") => {
            let sign = if text.starts_with(['+', '-']) {
                ""
            } else {
                "+"
            };
            let value = Value::Quantity {
                amount: format!("{sign}{text}"),
                unit: None,
                lower: None,
                upper: None,
            };
            (value, "quantity".into())
        }
        _ => {
            if let Some(place) = coordinate(text).filter(|_| datatype.ends_with("#wktLiteral")) {
                return (place, "globe-coordinate".into());
            }
            let kind = if datatype.ends_with("MathML") {
                "math"
            } else {
                "string"
            };
            let text = text.to_owned();
            (Value::Text { text, lang }, kind.into())
        }
    }
}

/// `1952-03-11T00:00:00Z` as Wikidata's JSON writes it: with a sign, without an offset. In RDF the
/// year 0 is 1 BC (XSD 1.1), so that 44 BC is -43; in JSON it is -44.
fn time(text: &str) -> Value {
    let text = text.strip_suffix("+00:00").unwrap_or(text);
    let end = if text.ends_with('Z') { "" } else { "Z" };
    let (is_before, date) = match text.strip_prefix('-') {
        Some(date) => (true, date),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (year, rest) = date.split_once('-').unwrap_or((date, ""));
    let time = match year.parse::<u64>() {
        Ok(year) if is_before || year == 0 => {
            format!("-{:04}-{rest}{end}", year.saturating_add(1))
        }
        _ => format!("{}{date}{end}", if is_before { '-' } else { '+' }),
    };
    Value::Time {
        time,
        precision: PRECISION_NOT_KNOWN,
        calendar: None,
    }
}

/// `Point(7.45 46.95)`, longitude first; on another globe than the Earth with its address before
/// it.
fn coordinate(text: &str) -> Option<Value> {
    let (globe, point) = match text.strip_prefix('<') {
        Some(rest) => {
            let (globe, point) = rest.split_once('>')?;
            (entity_id(globe)?, point.trim_start())
        }
        None => (EntityId::item(2), text),
    };
    let point = point
        .strip_prefix("Point(")
        .or_else(|| point.strip_prefix("POINT("))?;
    let (longitude, latitude) = point.strip_suffix(')')?.trim().split_once(' ')?;
    Some(Value::Coordinate {
        latitude: latitude.trim().parse().ok()?,
        longitude: longitude.parse().ok()?,
        precision: None,
        globe: Some(globe),
    })
}

/// The title of a page at this address, if it is one of the chosen site: `enwiki` is
/// `https://en.wikipedia.org/wiki/`.
pub(super) fn title(iri: &str, site: &str) -> Option<String> {
    let (lang, project) = [
        "wiki",
        "wikisource",
        "wikiquote",
        "wikivoyage",
        "wikibooks",
        "wikinews",
    ]
    .into_iter()
    .find_map(|project| Some((site.strip_suffix(project)?, project)))?;
    let project = if project == "wiki" {
        "wikipedia"
    } else {
        project
    };
    let lang = lang.replace('_', "-");
    let rest = iri.strip_prefix("https://")?.strip_prefix(&*lang)?;
    let page = rest
        .strip_prefix('.')?
        .strip_prefix(project)?
        .strip_prefix(".org/wiki/")?;
    Some(decoded(page).replace('_', " "))
}

/// Undoes percent encoding; what is none stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// `http://wikiba.se/ontology#GlobeCoordinate` as JSON names it: `globe-coordinate`.
pub(super) fn datatype_of_property(iri: &str) -> String {
    let name = iri.rsplit_once('#').map_or(iri, |(_, name)| name);
    match name {
        "CommonsMedia" => return "commonsMedia".to_owned(),
        "Monolingualtext" => return "monolingualtext".to_owned(),
        _ => {}
    }
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use oxrdf::NamedNode;

    use super::*;

    #[test]
    fn titles_values_and_datatypes_are_those_of_the_json_dump() {
        let title = |iri: &str| title(iri, "enwiki");
        assert_eq!(
            title("https://en.wikipedia.org/wiki/Z%C3%BCrich_HB").as_deref(),
            Some("Zürich HB")
        );
        assert_eq!(title("https://de.wikipedia.org/wiki/Bern"), None);
        assert_eq!(title("https://en.wikisource.org/wiki/Bern"), None);
        assert_eq!(
            datatype_of_property("http://wikiba.se/ontology#WikibaseItem"),
            "wikibase-item"
        );
        assert_eq!(datatype_of_property("http://wikiba.se/ontology#Url"), "url");
        let literal = |text: &str, datatype: &str| {
            let datatype = NamedNode::new_unchecked(datatype);
            value(Term::Literal(Literal::new_typed_literal(text, datatype)))
                .0
                .to_string()
        };
        let times = [
            ("1952-03-11T00:00:00Z", "+1952-03-11T00:00:00Z/-1"),
            ("0012-08-31T00:00:00+00:00", "+0012-08-31T00:00:00Z/-1"),
            ("0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z/-1"),
            ("-0043-03-15T00:00:00Z", "-0044-03-15T00:00:00Z/-1"),
            ("-099-07-12T00:00:00Z", "-0100-07-12T00:00:00Z/-1"),
            (
                "-13798000000-01-01T00:00:00Z",
                "-13798000001-01-01T00:00:00Z/-1",
            ),
            ("no time", "+no timeZ/-1"),
        ];
        for (rdf, json) in times {
            let time = literal(rdf, "http://www.w3.org/2001/XMLSchema#dateTime");
            assert_eq!(time, json, "{rdf}");
        }
        assert_eq!(
            literal("1.96", "http://www.w3.org/2001/XMLSchema#decimal"),
            "+1.96"
        );
        let wkt = "http://www.opengis.net/ont/geosparql#wktLiteral";
        assert_eq!(literal("Point(7.45 46.95)", wkt), "46.95 7.45");
        assert_eq!(
            literal("<http://www.wikidata.org/entity/Q405> Point(-1 2)", wkt),
            "2 -1"
        );
    }
}
