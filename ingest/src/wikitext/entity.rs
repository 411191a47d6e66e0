//! HTML's entities in wikitext.

use quick_xml::escape::resolve_html5_entity;

/// Bytes that the name of an entity has at most, `CounterClockwiseContourIntegral` and beyond.
const MAX_NAME: usize = 40;

/// The entity at the start of `text`, which starts with `&`: what it stands for, and its bytes.
pub(super) fn entity(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let end = bytes.iter().take(MAX_NAME).position(|&byte| byte == b';')?;
    let name = text.get(1..end)?;
    let meaning = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        String::from(char::from_u32(code.ok()?).filter(|&char| char != '\0')?)
    } else {
        resolve_html5_entity(name)?.to_owned()
    };
    Some((meaning, end + 1))
}

/// `text` with its entities replaced.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (meaning, bytes) = entity(rest).unwrap_or_else(|| ("&".to_owned(), 1));
        out.push_str(&meaning);
        rest = &rest[bytes..];
    }
    out.push_str(rest);
    out
}

/// `text` with every sign that wikitext gives a meaning to written as an entity, but for entities,
/// which have their meaning also where wikitext has none.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(2 * text.len());
    for char in text.chars() {
        if char.is_ascii_punctuation() && !matches!(char, '&' | '#' | ';') {
            out.push_str("&#");
            out.push_str(&u32::from(char).to_string());
            out.push(';');
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_replaced_and_the_rest_stays() {
        let text = "AT&T&nbsp;&ndash;&#8211;&#x2013; &amp;lt; &none; &#xd800; &";
        assert_eq!(
            decoded(text),
            "AT&T\u{a0}–––  &lt; &none; &#xd800; &".replace("–––  ", "––– ")
        );
        assert_eq!(decoded(&escaped("[[a]] & ''&lt;''")), "[[a]] & ''<''");
    }
}
