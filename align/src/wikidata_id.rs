//! Wikidata ids and literals from what T-REx and its kin write in `uri`.

/// The object of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// Q-id, or the literal's value.
    pub id: &'a str,
    /// `item`, `time`, `quantity` or `string`.
    pub kind: &'static str,
}

/// The property of a predicate: `http://www.wikidata.org/prop/direct/P36` or `P36`.
pub fn property(uri: &str) -> Option<&str> {
    entity(uri, 'P').filter(|id| property_number(id).is_some())
}

/// `P36` is 36.
pub(crate) fn property_number(id: &str) -> Option<u32> {
    id.strip_prefix('P')?.parse().ok()
}

/// The subject's id; a URI that is no Wikidata entity stands for itself.
pub fn subject(uri: &str) -> &str {
    entity(uri, 'Q').unwrap_or(uri)
}

/// An entity, or a literal `VALUE^^TYPE` with or without `<>` around the type.
pub fn object(uri: &str) -> Object<'_> {
    if let Some((value, datatype)) = uri.rsplit_once("^^") {
        let datatype = datatype.trim_start_matches('<').trim_end_matches('>');
        let name = datatype.rsplit(['#', '/']).next().unwrap_or(datatype);
        return Object {
            id: value.trim_matches('"'),
            kind: kind(name),
        };
    }
    match entity(uri, 'Q') {
        Some(id) => Object { id, kind: "item" },
        None => Object {
            id: uri,
            kind: "string",
        },
    }
}

/// The kinds of XML Schema's datatypes.
fn kind(datatype: &str) -> &'static str {
    match datatype {
        "dateTime" | "date" | "gYear" | "gYearMonth" | "time" => "time",
        "decimal" | "integer" | "int" | "long" | "short" | "double" | "float" | "quantity"
        | "nonNegativeInteger" | "positiveInteger" => "quantity",
        _ => "string",
    }
}

/// The last part of a URI if it is `letter` and a number.
fn entity(uri: &str, letter: char) -> Option<&str> {
    let id = uri.trim_end_matches('>').rsplit('/').next().unwrap_or(uri);
    let number = id.strip_prefix(letter)?;
    let valid = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_literals() {
        assert_eq!(
            property("http://www.wikidata.org/prop/direct/P36"),
            Some("P36")
        );
        assert_eq!(property("P36"), Some("P36"));
        assert_eq!(property("http://www.wikidata.org/entity/Q36"), None);
        assert_eq!(subject("http://www.wikidata.org/entity/Q42"), "Q42");
        assert_eq!(
            object("Q42"),
            Object {
                id: "Q42",
                kind: "item"
            }
        );
        let date = "1278-00-00T00:00:00Z";
        for datatype in [
            "http://www.w3.org/2001/XMLSchema#dateTime",
            "<http://www.w3.org/2001/XMLSchema#dateTime>",
        ] {
            let uri = format!("{date}^^{datatype}");
            assert_eq!(
                object(&uri),
                Object {
                    id: date,
                    kind: "time"
                }
            );
        }
        assert_eq!(
            object("+468^^http://www.w3.org/2001/XMLSchema#decimal"),
            Object {
                id: "+468",
                kind: "quantity"
            }
        );
        assert_eq!(
            object("a ^^ b^^xsd:string"),
            Object {
                id: "a ^^ b",
                kind: "string"
            }
        );
        assert_eq!(
            object("plain"),
            Object {
                id: "plain",
                kind: "string"
            }
        );
    }
}
