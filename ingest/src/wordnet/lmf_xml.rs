//! The elements of WN-LMF by their attributes.

use std::borrow::Cow;

use kprep_schemas::Position;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart};

use super::{LmfLexicon, LmfRelation, LmfSense, LmfSynset, WordNetError};

/// An element's start.
pub(crate) struct Element<'a> {
    pub(crate) tag: &'a BytesStart<'a>,
    pub(crate) at: Position,
    /// What is wrong with the item that it is of: the first fault is the one that is told.
    pub(crate) fault: &'a mut Option<WordNetError>,
}

impl Element<'_> {
    pub(crate) fn lexicon(mut self) -> LmfLexicon {
        LmfLexicon {
            id: self.required("id"),
            label: self.required("label"),
            language: self.required("language"),
            version: self.required("version"),
            license: self.optional("license").unwrap_or_default(),
        }
    }

    pub(crate) fn synset(mut self) -> LmfSynset {
        let members = self.optional("members").unwrap_or_default();
        let lexfile = self.optional("lexfile");
        LmfSynset {
            id: self.required("id"),
            pos: self.optional("partOfSpeech").unwrap_or_default(),
            lexfile: lexfile.or_else(|| self.optional("dc:subject")),
            members: members.split_whitespace().collect(),
            ..LmfSynset::default()
        }
    }

    pub(crate) fn sense(mut self) -> LmfSense {
        LmfSense {
            id: self.required("id"),
            synset: self.required("synset"),
            number: self.number("n"),
            identifier: self.optional("dc:identifier"),
            ..LmfSense::default()
        }
    }

    pub(crate) fn relation(mut self) -> LmfRelation {
        let mut relation = self.required("relType");
        if relation == "other" {
            relation = self.optional("dc:type").unwrap_or(relation);
        }
        LmfRelation {
            relation,
            target: self.required("target"),
            at: self.at,
        }
    }

    /// The value of an attribute that the DTD requires; nothing and a fault where it is not there.
    pub(crate) fn required(&mut self, name: &str) -> String {
        let value = self.optional(name).filter(|value| !value.is_empty());
        value.unwrap_or_else(|| {
            let expected = format!("{} with the attribute {name}", self.tag.name().0);
            self.fail(expected, format!("<{}>", self.tag.trim()));
            String::new()
        })
    }

    /// A number from 1; nothing and a fault where something else stands there.
    fn number(&mut self, name: &str) -> Option<u32> {
        let text = self.optional(name)?;
        let number = text.parse().ok().filter(|&number| number > 0);
        if number.is_none() {
            self.fail(
                format!("a number from 1 in the attribute {name}"),
                format!("{text:?}"),
            );
        }
        number
    }

    /// The value of an attribute, if it is there; nothing and a fault where it is not well-formed.
    fn optional(&mut self, name: &str) -> Option<String> {
        let value = match self.tag.try_get_attribute(name) {
            Ok(None) => return None,
            Ok(Some(attribute)) => attribute
                .normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_xml_entity)
                .map(Cow::into_owned)
                .ok(),
            Err(_) => None,
        };
        if value.is_none() {
            let expected = format!("a well-formed attribute {name}, with entities of XML alone");
            self.fail(expected, format!("<{}>", self.tag.trim()));
        }
        value
    }

    fn fail(&mut self, expected: String, found: String) {
        let fault = WordNetError::syntax(self.at, expected, found);
        self.fault.get_or_insert(fault);
    }
}

/// What an entity (`&amp;`, `&#39;`) stands for.
pub(crate) fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref().ok()? {
        Some(char) => Some(char.into()),
        None => resolve_xml_entity(entity).map(str::to_owned),
    }
}

/// The version that a document type names, if it is not one that is read.
pub(crate) fn version(doctype: &str) -> Option<String> {
    let (_, named) = doctype.split_once("WN-LMF-")?;
    let named = named.strip_prefix("relaxed-").unwrap_or(named);
    let end = named.find(|c: char| !c.is_ascii_digit() && c != '.');
    let version = named[..end.unwrap_or(named.len())].trim_end_matches('.');
    let known = ["1.0", "1.1", "1.2", "1.3", "1.4"];
    (!known.contains(&version)).then(|| format!("WN-LMF {version}"))
}
