//! What a dump says of its wiki: namespaces, language, capitals.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::interwiki::{is_language, is_project};

/// Namespaces of files and of categories: links to them are no prose.
const FILE: i32 = 6;
const CATEGORY: i32 = 14;
const MEDIA: i32 = -2;

/// The names that every wiki knows, beside those in its own language.
const CANONICAL: [(i32, &str); 26] = [
    (MEDIA, "media"),
    (-1, "special"),
    (1, "talk"),
    (2, "user"),
    (3, "user talk"),
    (4, "project"),
    (4, "wikipedia"),
    (4, "wp"),
    (5, "project talk"),
    (5, "wikipedia talk"),
    (FILE, "file"),
    (FILE, "image"),
    (7, "file talk"),
    (7, "image talk"),
    (8, "mediawiki"),
    (9, "mediawiki talk"),
    (10, "template"),
    (11, "template talk"),
    (12, "help"),
    (13, "help talk"),
    (CATEGORY, "category"),
    (15, "category talk"),
    (100, "portal"),
    (118, "draft"),
    (710, "timedtext"),
    (828, "module"),
];

/// A wiki, as far as links depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Numbers of the namespaces by their names in small letters.
    namespaces: BTreeMap<String, i32>,
    /// The language of its text, `en` if the dump does not say.
    pub language: String,
    /// Whether `[[bern]]` is another page than `[[Bern]]`, as in Wiktionary.
    pub is_case_sensitive: bool,
}

impl Default for Site {
    fn default() -> Self {
        let names = CANONICAL.iter();
        Self {
            namespaces: names
                .map(|&(number, name)| (name.to_owned(), number))
                .collect(),
            language: "en".to_owned(),
            is_case_sensitive: false,
        }
    }
}

impl Site {
    /// Reads the start of a dump, up to its first page. What is missing there stays as in English.
    pub fn from_head(head: &[u8]) -> Self {
        let mut site = Self::default();
        let mut xml = Reader::from_reader(head);
        let (mut tag, mut namespace) = (String::new(), None);
        // Where the head is broken off or no XML, it says nothing more.
        while let Ok(event) = xml.read_event() {
            match event {
                Event::Start(start) => {
                    start.name().0.clone_into(&mut tag);
                    namespace = None;
                    if tag == "mediawiki" {
                        site.language = attribute(&start, "xml:lang").unwrap_or(site.language);
                    } else if tag == "namespace" {
                        namespace = attribute(&start, "key").and_then(|key| key.parse().ok());
                    }
                }
                Event::Text(text) => {
                    let text = text.trim().to_owned();
                    match (&*tag, namespace) {
                        ("namespace", Some(number)) if !text.is_empty() => {
                            site.namespaces.insert(text.to_lowercase(), number);
                        }
                        ("case", _) => site.is_case_sensitive = text == "case-sensitive",
                        _ => {}
                    }
                }
                Event::End(_) => tag.clear(),
                Event::Eof => break,
                _ => {}
            }
        }
        site
    }

    /// The namespace that a title's prefix names.
    pub fn namespace(&self, prefix: &str) -> Option<i32> {
        let name = prefix.trim().replace('_', " ").to_lowercase();
        self.namespaces.get(&name).copied()
    }

    /// Whether a link (what stands between its brackets) shows no text: files, categories and the
    /// same page in another language, unless a colon stands before them.
    pub(crate) fn is_hidden(&self, link: &str) -> bool {
        let start = link.as_bytes().iter().take(64);
        let mut signs = start.enumerate();
        let Some((colon, b':')) = signs.find(|(_, byte)| matches!(byte, b':' | b'|' | b'[' | b']'))
        else {
            return false;
        };
        let prefix = &link[..colon];
        match self.namespace(prefix) {
            Some(number) => matches!(number, FILE | CATEGORY | MEDIA),
            None => is_language(prefix.trim()),
        }
    }
}

/// Whether a prefix leads to another wiki.
pub(super) fn is_elsewhere(prefix: &str) -> bool {
    let prefix = prefix.trim().to_lowercase();
    is_language(&prefix) || is_project(&prefix)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = tag
        .try_get_attribute(name)
        .ok()??
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_have_their_names_in_the_wikis_language() {
        let head = br#"<mediawiki  xml:lang="de"><siteinfo><case>first-letter</case><namespaces>
            <namespace key="0" /><namespace  key="6"  case="first-letter">Datei</namespace></namespaces>"#;
        let site = Site::from_head(head);
        assert_eq!(site.language, "de");
        assert!(!site.is_case_sensitive);
        let hidden = [
            "Datei:a.jpg|mini",
            "file:A",
            "Image:b",
            "category:x",
            "fr:Berne",
        ];
        assert!(hidden.iter().all(|link| site.is_hidden(link)));
        let shown = [
            ":Category:x",
            ":fr:Berne",
            "a|b: c",
            "Wikipedia:x",
            "Bern",
            "2001: A",
            "wikt:a",
        ];
        assert!(!shown.iter().any(|link| site.is_hidden(link)));
        assert_eq!(Site::from_head(b""), Site::default());
        assert_eq!(Site::from_head(b"<page>"), Site::default());
    }
}
