//! Links, quotes, entities and tags within a paragraph.

use super::entity::{decoded, entity};
use super::tags::{Effect, effect, tag};
use super::{Link, PlainText};
use crate::wikipedia::Site;

/// Bytes that the target of a link has at most.
const MAX_TARGET: usize = 1_000;

/// The addresses that make `[http://… text]` a link.
const SCHEMES: [&str; 7] = ["http:", "https:", "//", "mailto:", "ftp:", "news:", "irc:"];

/// A paragraph of stripped wikitext as plain text; several, where tags break it.
pub(super) fn inline(paragraph: &str, site: &Site) -> Vec<PlainText> {
    let mut inline = Inline {
        site,
        open: Vec::new(),
        out: PlainText::default(),
        done: Vec::new(),
    };
    let mut rest = paragraph;
    while let Some(&byte) = rest.as_bytes().first() {
        let taken = match byte {
            b'[' => inline.bracket(rest),
            b']' => inline.close(rest),
            b'\'' => inline.quotes(rest),
            b'&' => inline.entity(rest),
            b'<' => inline.tag(rest),
            b'_' => magic_word(rest),
            _ => 0,
        };
        let plain = if taken > 0 {
            0
        } else {
            // The sign itself, and whatever follows it that has no meaning.
            let bytes = rest.as_bytes()[1..].iter();
            let mut next = bytes.enumerate();
            let sign = |byte| matches!(byte, b'[' | b']' | b'\'' | b'&' | b'<' | b'_');
            next.find(|&(_, &byte)| sign(byte))
                .map_or(rest.len(), |(at, _)| at + 1)
        };
        inline.out.text.push_str(&rest[..plain]);
        rest = &rest[taken + plain..];
    }
    inline.end_piece();
    inline.done
}

/// A link that is not closed yet.
struct Open {
    /// What it names; none for a link out of the wiki.
    target: Option<String>,
    /// Where its text starts.
    start: usize,
    /// Links before it.
    links: usize,
}

struct Inline<'a> {
    site: &'a Site,
    open: Vec<Open>,
    out: PlainText,
    done: Vec<PlainText>,
}

// Each of these gives how many bytes it took; none where the sign has no meaning.
impl Inline<'_> {
    fn bracket(&mut self, rest: &str) -> usize {
        if let Some(inside) = rest.strip_prefix("[[") {
            return self.link(inside);
        }
        let Some(address) = rest.strip_prefix('[') else {
            return 0;
        };
        if !SCHEMES.iter().any(|scheme| address.starts_with(scheme)) {
            return 0;
        }
        let mut bytes = address.bytes().take(MAX_TARGET);
        let ends = |byte| matches!(byte, b' ' | b'\t' | b'[' | b']' | b'<');
        let Some(end) = bytes.position(ends) else {
            return 0;
        };
        if address[end..].starts_with(']') {
            // It has no text, and is shown as a number.
            return end + 2;
        }
        self.push_open(None);
        1 + end
    }

    /// `[[target]]` or the start of `[[target|text]]`.
    fn link(&mut self, inside: &str) -> usize {
        let mut bytes = inside.bytes().take(MAX_TARGET).enumerate();
        let end = bytes.find(|(_, byte)| matches!(byte, b'|' | b'[' | b']' | b'{' | b'}' | b'<'));
        let Some((end, byte)) = end else { return 0 };
        let target = &inside[..end];
        if byte == b'|' {
            // A file whose end is missing, say: its caption is no prose.
            if self.site.is_hidden(target) {
                return 2 + inside.len();
            }
            self.push_open(Some(target.to_owned()));
            return 2 + end + 1;
        }
        if !inside[end..].starts_with("]]") {
            return 0;
        }
        let text = decoded(target.strip_prefix(':').unwrap_or(target));
        self.push_open(Some(target.to_owned()));
        self.out.text.push_str(text.trim());
        2 + end + self.end_link(&inside[end..])
    }

    fn push_open(&mut self, target: Option<String>) {
        self.open.push(Open {
            target,
            start: self.out.text.len(),
            links: self.out.links.len(),
        });
    }

    fn close(&mut self, rest: &str) -> usize {
        match self.open.last() {
            Some(Open { target: None, .. }) => {
                self.open.pop();
                1
            }
            Some(_) if rest.starts_with("]]") => self.end_link(rest),
            _ => 0,
        }
    }

    /// Ends a link at the start of `rest`, and takes the letters that stand behind it into its
    /// text.
    fn end_link(&mut self, rest: &str) -> usize {
        let Some(open) = self.open.pop() else {
            return 0;
        };
        let target = open.target.unwrap_or_default();
        if self.out.text.len() == open.start {
            self.out.text.push_str(&short_name(&decoded(&target)));
        }
        let behind = &rest[2..];
        let other = behind.find(|char: char| !char.is_lowercase());
        let trail = &behind[..other.unwrap_or(behind.len())];
        self.out.text.push_str(trail);
        let end = self.out.text.len();
        // A link around links is none.
        if open.links == self.out.links.len() && open.start < end {
            self.out.links.push(Link {
                start: open.start,
                end,
                target,
            });
        }
        2 + trail.len()
    }

    /// Bold and italic letters stand between two, three or five quotes.
    fn quotes(&mut self, rest: &str) -> usize {
        let count = rest.len() - rest.trim_start_matches('\'').len();
        let kept = match count {
            1 => return 0,
            2 | 3 => 0,
            4 => 1,
            more => more - 5,
        };
        self.out.text.extend(std::iter::repeat_n('\'', kept));
        count
    }

    fn entity(&mut self, rest: &str) -> usize {
        let Some((meaning, bytes)) = entity(rest) else {
            return 0;
        };
        self.out.text.push_str(&meaning);
        bytes
    }

    fn tag(&mut self, rest: &str) -> usize {
        let Some(tag) = tag(rest) else { return 0 };
        match effect(tag.name) {
            None => return 0,
            Some(Effect::Break) => self.end_piece(),
            // 10<sup>6</sup> is not 106.
            Some(Effect::Nothing) if tag.name == "sup" && !tag.is_end => {
                let follows = rest[tag.bytes..]
                    .starts_with(|c: char| c.is_ascii_digit() || "-−–".contains(c));
                if follows && self.out.text.ends_with(|c: char| c.is_ascii_digit()) {
                    self.out.text.push('^');
                }
            }
            Some(Effect::Nothing) => {}
        }
        tag.bytes
    }

    /// A break ends the links that are open, too.
    fn end_piece(&mut self) {
        self.open.clear();
        self.done.push(std::mem::take(&mut self.out));
    }
}

/// `__NOTOC__` and its like.
fn magic_word(rest: &str) -> usize {
    let Some(word) = rest.strip_prefix("__") else {
        return 0;
    };
    let letters = word
        .bytes()
        .take(30)
        .take_while(u8::is_ascii_uppercase)
        .count();
    let is_word = letters > 2 && word[letters..].starts_with("__");
    if is_word { letters + 4 } else { 0 }
}

/// What `[[a (b)|]]` is short for: the title without namespace and what stands in brackets or
/// behind a comma.
fn short_name(target: &str) -> String {
    let name = target.trim().trim_start_matches(':');
    let name = name.split_once(':').map_or(name, |(_, name)| name);
    let name = match name.rfind('(').filter(|_| name.ends_with(')')) {
        Some(bracket) => &name[..bracket],
        None => name.split_once(", ").map_or(name, |(name, _)| name),
    };
    name.trim().to_owned()
}
