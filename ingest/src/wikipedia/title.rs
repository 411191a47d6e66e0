//! What a link leads to.

use super::Site;
use super::site::is_elsewhere;
use crate::wikitext::decoded;

/// Bytes that a title has at most.
const MAX_BYTES: usize = 255;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To the page of this title, with its namespace.
    Page(String, i32),
    /// To a place in the page itself.
    SamePage,
    /// To another wiki.
    Elsewhere,
    /// Nowhere: no page can be called so.
    Invalid,
}

impl Site {
    /// Where a link that names `target` leads: the title with blanks for underscores and a capital
    /// first letter, without section.
    pub fn target(&self, target: &str) -> Target {
        let target = percent_decoded(&decoded(target));
        let title = target.split('#').next().unwrap_or_default();
        let mut title = clean_title(title);
        if title.is_empty() && target.contains('#') {
            return Target::SamePage;
        }
        if let Some(rest) = title.strip_prefix(':') {
            title = rest.trim().to_owned();
        }
        let mut namespace = 0;
        if let Some((prefix, rest)) = title.split_once(':') {
            if let Some(number) = self.namespace(prefix) {
                namespace = number;
                title = format!(
                    "{}:{}",
                    self.capitalised(prefix.trim()),
                    self.capitalised(rest.trim())
                );
            } else if is_elsewhere(prefix) {
                return Target::Elsewhere;
            }
        }
        let is_wrong = |char: char| char.is_control() || "<>[]{}|\u{fffd}".contains(char);
        if title.is_empty() || title.len() > MAX_BYTES || title.contains(is_wrong) {
            return Target::Invalid;
        }
        Target::Page(self.capitalised(&title), namespace)
    }

    fn capitalised(&self, title: &str) -> String {
        let mut chars = title.chars();
        let Some(first) = chars.next().filter(|_| !self.is_case_sensitive) else {
            return title.to_owned();
        };
        let mut capital = first.to_uppercase();
        // Letters whose capital is two letters (ß) or that have none in titles (Georgian) stay.
        match (capital.next(), capital.next()) {
            (Some(capital), None) if !('\u{10d0}'..='\u{10ff}').contains(&first) => {
                format!("{capital}{}", chars.as_str())
            }
            _ => title.to_owned(),
        }
    }
}

/// A title with single blanks, none at its ends, for underscores and blanks of all kinds.
pub fn clean_title(title: &str) -> String {
    let is_blank = |char: char| char == '_' || char.is_whitespace();
    let invisible = ['\u{200e}', '\u{200f}', '\u{feff}'];
    let words = title.split(is_blank).filter(|word| !word.is_empty());
    let title = words.collect::<Vec<_>>().join(" ");
    title.replace(invisible, "")
}

/// `%C3%A9` as é, where that gives UTF-8.
pub(super) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let hex = |at: usize| {
        let digits = std::str::from_utf8(bytes.get(at..at + 2)?).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(byte) = hex(at + 1).filter(|_| bytes[at] == b'%') {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_titles() {
        let site = Site::default();
        let page = |target: &str| match site.target(target) {
            Target::Page(title, 0) => title,
            other => format!("{other:?}"),
        };
        assert_eq!(page("bern"), "Bern");
        assert_eq!(page(" bern_(city)  x#History "), "Bern (city) x");
        assert_eq!(page("AT&amp;T"), "AT&T");
        assert_eq!(page("Caf%C3%A9"), "Café");
        assert_eq!(page("100%"), "100%");
        assert_eq!(page("ßa"), "ßa");
        assert_eq!(page("éa"), "Éa");
        assert_eq!(page("2001: A Space Odyssey"), "2001: A Space Odyssey");
        assert_eq!(page(":fr:Berne"), "Elsewhere");
        assert_eq!(page("wikt:word"), "Elsewhere");
        assert_eq!(page("#x"), "SamePage");
        assert_eq!(page("a[b"), "Invalid");
        assert_eq!(page(""), "Invalid");
        assert_eq!(page(&"x".repeat(256)), "Invalid");
        let category = Target::Page("Category:Cities".into(), 14);
        assert_eq!(site.target(":category: cities"), category);
    }
}
