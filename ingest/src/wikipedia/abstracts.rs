//! DBpedia's abstracts, a line each: a URI and a text with a tab or a comma between them, or a
//! triple.

use oxrdf::{NamedOrBlankNode, Term};
use oxttl::NTriplesParser;

use super::clean_title;

/// An abstract of a Wikipedia page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abstract {
    /// DBpedia's URI.
    pub uri: String,
    /// The page's title, from the URI.
    pub title: String,
    /// The text; empty where the line has none.
    pub text: String,
    /// The language that the line says, or else that of its DBpedia.
    pub language: String,
}

/// The language of a DBpedia by the host of a URI, `http://de.dbpedia.org/resource/…`; the English
/// one names none.
pub fn dbpedia_language(uri: &str) -> &str {
    let host = uri.split('/').nth(2).unwrap_or_default();
    host.strip_suffix(".dbpedia.org").unwrap_or("en")
}

/// Parses a line: `URI<TAB>TEXT`, where some files have quotes around the fields as in CSV, doubled
/// within; `URI,"TEXT"`; or a triple of the N-Triples of DBpedia's releases (`.ttl`).
///
/// # Errors
/// One sentence about what was expected.
pub fn parse_abstract(line: &str) -> Result<Abstract, String> {
    let line = line.trim_end_matches(['\n', '\r']);
    if line.starts_with('<') {
        return of_triple(line);
    }
    let (uri, text) = if let Some((uri, text)) = line.split_once('\t') {
        // Empty columns at the end say nothing.
        let text = text.trim_end_matches('\t');
        if text.contains('\t') {
            return Err("expected a URI, a tab and a text, found a second tab".to_owned());
        }
        (unquoted(uri), unquoted(text))
    } else {
        fields(line).ok_or("expected a URI and a text, with a tab or a comma between them")?
    };
    abstract_of(uri, text, None)
}

fn abstract_of(uri: String, text: String, language: Option<String>) -> Result<Abstract, String> {
    let Some((_, name)) = uri.split_once("/resource/") else {
        return Err(format!(
            "expected a URI with /resource/ in it, found {uri:?}"
        ));
    };
    let title = clean_title(&super::title::percent_decoded(name));
    if title.is_empty() {
        return Err("expected a title".to_owned());
    }
    Ok(Abstract {
        language: language.unwrap_or_else(|| dbpedia_language(&uri).to_owned()),
        uri,
        title,
        text,
    })
}

/// Its predicate is `…/ontology/abstract`, or `rdfs:comment` for short abstracts.
fn of_triple(line: &str) -> Result<Abstract, String> {
    let triple = NTriplesParser::new().lenient().for_slice(line).next();
    let triple = triple
        .ok_or("expected a triple")?
        .map_err(|error| error.message().to_owned())?;
    let predicate = triple.predicate.as_str();
    if !["/abstract", "#comment", "/comment"]
        .iter()
        .any(|end| predicate.ends_with(end))
    {
        return Err(format!(
            "expected an abstract or a comment, found {predicate}"
        ));
    }
    match (triple.subject, triple.object) {
        (NamedOrBlankNode::NamedNode(uri), Term::Literal(text)) => {
            let language = text.language().map(str::to_owned);
            abstract_of(uri.into_string(), text.value().to_owned(), language)
        }
        _ => Err("expected a URI and a text".to_owned()),
    }
}

/// Two fields with a comma between them, as CSV has them: what holds a comma or a quote stands in
/// quotes.
fn fields(line: &str) -> Option<(String, String)> {
    let (uri, text) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",")?,
        None => line.split_once(',')?,
    };
    let text = match text.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None if text.contains([',', '"']) => return None,
        None => text,
    };
    // Quotes within are doubled; a single one would have closed the field before its end.
    let is_whole = !text.replace("\"\"", "").contains('"');
    is_whole.then(|| (uri.to_owned(), text.replace("\"\"", "\"")))
}

fn unquoted(field: &str) -> String {
    let inside = field
        .strip_prefix('"')
        .and_then(|field| field.strip_suffix('"'));
    // A text can start and end with a quote of its own: CSV doubles all quotes within.
    match inside {
        Some(inside) if !inside.replace("\"\"", "").contains('"') => inside.replace("\"\"", "\""),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_quotes_and_without() {
        let read = |line: &str| parse_abstract(line).map(|page| (page.title, page.text));
        let plain = "http://dbpedia.org/resource/Caf%C3%A9_(x)\tA \"b\" c.\r\n";
        assert_eq!(read(plain), Ok(("Café (x)".into(), "A \"b\" c.".into())));
        let quoted = "http://dbpedia.org/resource/A\t\"A \"\"b\"\" c.\"";
        assert_eq!(read(quoted), Ok(("A".into(), "A \"b\" c.".into())));
        let own = "http://dbpedia.org/resource/A\t\"Heroes\" is by \"B\"";
        assert_eq!(read(own), Ok(("A".into(), "\"Heroes\" is by \"B\"".into())));
        let none = "http://dbpedia.org/resource/A\t";
        assert_eq!(read(none), Ok(("A".into(), String::new())));
        let comma = "http://dbpedia.org/resource/A,\"A, and \"\"b\"\".\"";
        assert_eq!(read(comma), Ok(("A".into(), "A, and \"b\".".into())));
        let expected = "expected a URI and a text, with a tab or a comma between them";
        for bad in [
            "http://dbpedia.org/resource/A",
            "http://dbpedia.org/resource/A,b,c",
            "http://dbpedia.org/resource/A,\"b",
        ] {
            assert_eq!(read(bad).unwrap_err(), expected, "{bad}");
        }
        let quoted = "\"http://dbpedia.org/resource/A,_B\",\"A, b.\"";
        assert_eq!(read(quoted), Ok(("A, B".into(), "A, b.".into())));
        assert_eq!(
            read("http://dbpedia.org/resource/A\tname\ttext").unwrap_err(),
            "expected a URI, a tab and a text, found a second tab"
        );
        let uri = "http://zh.dbpedia.org/resource/A";
        let page = parse_abstract(&format!("{uri}\tb")).unwrap();
        assert_eq!(page.language, "zh");
        assert!(read("http://x/A\ttext").is_err());
    }

    #[test]
    fn triples_say_their_language() {
        let line = r#"<http://de.dbpedia.org/resource/K%C3%A4se> <http://dbpedia.org/ontology/abstract> "K\u00E4se ist \"gut\".\nJa."@de ."#;
        let page = parse_abstract(line).unwrap();
        assert_eq!(
            (
                page.title.as_str(),
                page.text.as_str(),
                page.language.as_str()
            ),
            ("Käse", "Käse ist \"gut\".\nJa.", "de")
        );
        let label = line.replace("ontology/abstract", "ontology/label");
        assert_eq!(
            parse_abstract(&label).unwrap_err(),
            "expected an abstract or a comment, found http://dbpedia.org/ontology/label"
        );
        assert!(parse_abstract("<http://x").is_err());
    }
}
