//! DBpedia's abstracts: a URI, a tab and a text in each line.

use super::clean_title;

/// An abstract of a Wikipedia page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abstract {
    /// DBpedia's URI.
    pub uri: String,
    /// The page's title, from the URI.
    pub title: String,
    /// The text.
    pub text: String,
}

/// Parses a line. Some have quotes around their fields as in CSV, with quotes doubled within.
///
/// # Errors
/// One sentence about what was expected.
pub fn parse_abstract(line: &str) -> Result<Abstract, String> {
    // Empty columns at the end say nothing.
    let line = line.trim_end_matches(['\n', '\r']);
    let line = line.trim_end_matches('\t');
    let Some((uri, text)) = line.split_once('\t') else {
        return Err("expected a URI, a tab and a text, found no tab".to_owned());
    };
    if text.contains('\t') {
        return Err("expected a URI, a tab and a text, found a second tab".to_owned());
    }
    let (uri, text) = (unquoted(uri), unquoted(text));
    let Some((_, name)) = uri.split_once("/resource/") else {
        return Err(format!(
            "expected a URI with /resource/ in it, found {uri:?}"
        ));
    };
    let title = clean_title(&super::title::percent_decoded(name));
    if title.is_empty() || text.trim().is_empty() {
        return Err("expected a title and a text".to_owned());
    }
    Ok(Abstract { uri, title, text })
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
        assert_eq!(
            read("no tab").unwrap_err(),
            "expected a URI, a tab and a text, found no tab"
        );
        let shifted = "http://dbpedia.org/resource/A\tname\ttext";
        assert_eq!(
            read(shifted).unwrap_err(),
            "expected a URI, a tab and a text, found a second tab"
        );
        assert!(read("http://x/A\ttext").is_err());
        assert!(read("http://dbpedia.org/resource/A\t").is_err());
    }
}
