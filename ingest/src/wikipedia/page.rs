//! One page of a dump from its XML.

use std::str;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// A page as it stands in a dump. Of several revisions the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DumpPage {
    /// Its number in its wiki.
    pub id: String,
    /// Number of the revision.
    pub revision: Option<i64>,
    /// Title as written.
    pub title: String,
    /// Number of its namespace; old dumps do not say.
    pub namespace: Option<i32>,
    /// What it redirects to, as written.
    pub redirect: Option<String>,
    /// What its text is: `wikitext`, or another model's name.
    pub model: String,
    /// Its text; empty if only the head was wanted.
    pub text: String,
}

/// Parses a page, up to its text only if `only_head`: old dumps say there that a page redirects,
/// so that its start is read in any case.
///
/// # Errors
/// One sentence about what is wrong with the XML, or with the page.
pub fn parse_page(xml: &[u8], only_head: bool) -> Result<DumpPage, String> {
    let xml = str::from_utf8(xml).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(xml);
    let mut page = DumpPage {
        model: "wikitext".to_owned(),
        ..DumpPage::default()
    };
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    loop {
        match reader
            .read_event()
            .map_err(|error| format!("{error}, byte {}", reader.error_position()))?
        {
            Event::Start(tag) => {
                start(&tag, &mut page);
                path.push(tag.name().0.to_owned());
                content.clear();
            }
            Event::Empty(tag) => start(&tag, &mut page),
            Event::Text(text) => content.push_str(&text.xml10_content()),
            Event::CData(text) => content.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => content.push_str(&resolve(&entity)?),
            Event::End(_) => {
                end(&path, &content, &mut page);
                path.pop();
            }
            Event::Eof => break,
            _ => {}
        }
        if only_head && content.len() > HEAD_BYTES && path.last().is_some_and(|tag| tag == "text") {
            page.redirect = page.redirect.or_else(|| redirect(&content));
            break;
        }
    }
    if page.title.trim().is_empty() {
        return Err("expected a page with a title".to_owned());
    }
    Ok(page)
}

/// Bytes of text in which a redirect stands.
const HEAD_BYTES: usize = 600;

fn start(tag: &BytesStart<'_>, page: &mut DumpPage) {
    match tag.name().0 {
        "redirect" => {
            let title = tag.try_get_attribute("title").ok().flatten();
            let title = title.and_then(|title| {
                let title = title.normalized_value(XmlVersion::Implicit1_0);
                title.ok().map(std::borrow::Cow::into_owned)
            });
            page.redirect = title.or(page.redirect.take());
        }
        "revision" => {
            page.revision = None;
            page.text.clear();
        }
        _ => {}
    }
}

fn end(path: &[String], content: &str, page: &mut DumpPage) {
    let [.., parent, tag] = path else { return };
    match (&**parent, &**tag) {
        ("page", "title") => content.clone_into(&mut page.title),
        ("page", "ns") => page.namespace = content.trim().parse().ok(),
        ("page", "id") => content.trim().clone_into(&mut page.id),
        ("revision", "id") => page.revision = content.trim().parse().ok(),
        ("revision" | "content", "model") => content.trim().clone_into(&mut page.model),
        (_, "text") => {
            page.redirect = page.redirect.take().or_else(|| redirect(content));
            content.clone_into(&mut page.text);
        }
        _ => {}
    }
}

/// What a text that starts with `#REDIRECT [[…]]` redirects to.
fn redirect(text: &str) -> Option<String> {
    const WORD: &str = "#redirect";
    let text = text.trim_start();
    let start = text.get(..WORD.len())?;
    if !start.eq_ignore_ascii_case(WORD) {
        return None;
    }
    let rest = text[WORD.len()..].trim_start_matches([' ', ':', '\t', '\n']);
    let target = rest.strip_prefix("[[")?;
    let end = target.find(['|', ']'])?;
    Some(target[..end].to_owned())
}

/// What an entity (`&amp;`, `&#39;`) stands for.
fn resolve(entity: &BytesRef<'_>) -> Result<String, String> {
    match entity.resolve_char_ref() {
        Ok(Some(char)) => Ok(char.into()),
        Ok(None) => resolve_xml_entity(entity)
            .map(str::to_owned)
            .ok_or_else(|| format!("expected an entity of XML, found &{};", &**entity)),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<page  x='y'>\n<title>A &amp; B</title><ns>0</ns><id>7</id>\
        <redirect  title=\"C &quot;D&quot;\" /><revision><id>8</id><contributor><id>9</id></contributor>\
        <model>wikitext</model><text  bytes='3' xml:space='preserve'>a\n&lt;b&gt; &amp;nbsp;</text></revision></page>";

    #[test]
    fn a_page_has_what_its_elements_say() {
        let expected = DumpPage {
            id: "7".into(),
            revision: Some(8),
            title: "A & B".into(),
            namespace: Some(0),
            redirect: Some("C \"D\"".into()),
            model: "wikitext".into(),
            text: "a\n<b> &nbsp;".into(),
        };
        assert_eq!(parse_page(PAGE.as_bytes(), false), Ok(expected.clone()));
        let crlf = PAGE.replace('\n', "\r\n");
        assert_eq!(parse_page(crlf.as_bytes(), false), Ok(expected));
    }

    #[test]
    fn old_pages_redirect_in_their_text() {
        let long = "x".repeat(2_000);
        let xml = format!(
            "<page><title>A</title><revision><text>#Redirect: [[B c#d|e]]{long}</text></revision></page>"
        );
        for only_head in [true, false] {
            let page = parse_page(xml.as_bytes(), only_head).unwrap();
            assert_eq!(page.redirect.as_deref(), Some("B c#d"));
            assert_eq!(page.text.is_empty(), only_head);
        }
    }

    #[test]
    fn faults_are_named() {
        let fault = |xml: &str| parse_page(xml.as_bytes(), false).unwrap_err();
        assert_eq!(fault("<page></page>"), "expected a page with a title");
        let mismatched = fault("<page><title>A</titel></page>");
        assert!(mismatched.contains("title"), "{mismatched}");
        assert_eq!(
            fault("<page><title>&foo;</title></page>"),
            "expected an entity of XML, found &foo;"
        );
        assert!(parse_page(b"<page>\xff</page>", false).is_err());
    }
}
