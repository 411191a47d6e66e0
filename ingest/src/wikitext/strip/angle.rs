//! Comments and tags.

use memchr::memmem;

use super::{Open, Strip};
use crate::wikitext::entity::escaped;
use crate::wikitext::tags::{self, Tag, tag};

impl Strip<'_> {
    /// A comment or a tag.
    pub(super) fn angle(&mut self, at: usize, is_line_start: bool) -> usize {
        let rest = &self.source[at..];
        if rest.starts_with("<!--") {
            let end = memmem::find(rest.as_bytes(), b"-->").map_or(rest.len(), |end| end + 3);
            // A line that holds only a comment is no empty line.
            let line_end = rest[end..].starts_with('\n') && is_line_start;
            let end = at + end + usize::from(line_end);
            self.edits.replace(at..end, "");
            return end;
        }
        let Some(tag) = tag(rest) else {
            return at + 1;
        };
        let end = at + tag.bytes;
        if tag.name.eq_ignore_ascii_case("nowiki") && !tag.is_end {
            return self.nowiki(at, tag);
        }
        if tag.name.eq_ignore_ascii_case("table") {
            if tag.is_end {
                self.close_table(end, true);
            } else {
                let is_tag = true;
                self.open.push(Open::Table { start: at, is_tag });
            }
            return end;
        }
        if let Some(number) = tags::without_text(tag.name) {
            let end = if tag.is_end || tag.is_empty {
                end
            } else {
                self.end_of(number, tag.name, end).unwrap_or(end)
            };
            self.edits.replace(at..end, "");
            return end;
        }
        end
    }

    /// The byte behind the end tag, if there is one. Once there is none, nothing is looked for
    /// again.
    fn end_of(&mut self, number: usize, name: &str, from: usize) -> Option<usize> {
        if self.unclosed[number] {
            return None;
        }
        let found = tags::find_end(&self.source[from..], name);
        self.unclosed[number] = found.is_none();
        let start = from + found?;
        Some(start + tag(&self.source[start..]).map_or(2 + name.len(), |tag| tag.bytes))
    }

    fn nowiki(&mut self, at: usize, tag: Tag<'_>) -> usize {
        let content = at + tag.bytes;
        if tag.is_empty {
            self.edits.replace(at..content, "");
            return content;
        }
        let rest = &self.source[content..];
        let (length, end) = match memmem::find(rest.as_bytes(), b"</nowiki>") {
            Some(length) => (length, length + "</nowiki>".len()),
            None => (rest.len(), rest.len()),
        };
        let text = escaped(&rest[..length]);
        self.edits.replace(at..content + end, text);
        content + end
    }
}
