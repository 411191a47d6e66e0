//! Parts of XML as WN-LMF has them.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart};

/// The value of an attribute, if it is there and well-formed.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// What an entity (`&amp;`, `&#39;`) stands for.
pub(super) fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref().ok()? {
        Some(char) => Some(char.into()),
        None => resolve_xml_entity(entity).map(str::to_owned),
    }
}

/// The version that a document type names, if it is not one that is read.
pub(super) fn version(doctype: &str) -> Option<String> {
    let (_, named) = doctype.split_once("WN-LMF-")?;
    let named = named.strip_prefix("relaxed-").unwrap_or(named);
    let end = named.find(|c: char| !c.is_ascii_digit() && c != '.');
    let version = named[..end.unwrap_or(named.len())].trim_end_matches('.');
    let known = ["1.0", "1.1", "1.2", "1.3", "1.4"];
    (!known.contains(&version)).then(|| format!("WN-LMF {version}"))
}
