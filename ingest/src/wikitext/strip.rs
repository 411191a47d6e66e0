//! Takes out of wikitext what is no prose.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::entity::escaped;
use super::shown::{shown, sign};
use super::tags::{self, Tag, WITHOUT_TEXT_COUNT, tag};
use crate::wikipedia::Site;

/// Templates within templates, beyond which nothing of them is shown; MediaWiki's own limit.
const MAX_DEPTH: usize = 40;

/// Wikitext without comments, templates, tables, files, categories, references and whatever else
/// stands between tags that hold no prose. Where the few templates that are words of a sentence
/// stand, their words stay; what `<nowiki>` protects is written in entities.
///
/// What is opened and not closed: a template stays as text without its braces, a table ends at the
/// next heading, a link is left to the next step.
pub(super) fn strip(source: &str, site: &Site) -> String {
    let mut strip = Strip {
        source,
        site,
        open: Vec::new(),
        templates: 0,
        edits: Vec::new(),
        unclosed: [false; WITHOUT_TEXT_COUNT],
    };
    strip.run();
    strip.finish()
}

/// Bytes to be replaced.
struct Edit {
    range: Range<usize>,
    with: Cow<'static, str>,
}

enum Open {
    /// `{{`, with the places of its bars.
    Template {
        start: usize,
        /// A parameter, `{{{`.
        is_triple: bool,
        bars: Vec<usize>,
    },
    /// `{|`, or `<table>`.
    Table { start: usize, is_tag: bool },
    /// `[[`.
    Link { start: usize },
}

struct Strip<'a> {
    source: &'a str,
    site: &'a Site,
    open: Vec<Open>,
    /// Templates among them.
    templates: usize,
    /// By place; none lies in another.
    edits: Vec<Edit>,
    /// Tags that are not closed in the rest of the page.
    unclosed: [bool; WITHOUT_TEXT_COUNT],
}

impl Strip<'_> {
    fn run(&mut self) {
        let bytes = self.source.as_bytes();
        let mut at = 0;
        // Whether only blanks and signs of lists stand before `at` in its line.
        let mut is_line_start = true;
        while at < bytes.len() {
            let byte = bytes[at];
            let next = bytes.get(at + 1);
            let begin = at;
            at = match (byte, next) {
                (b'<', _) => self.angle(at, is_line_start),
                (b'{', Some(b'{')) => self.open_template(at),
                (b'{', Some(b'|')) if is_line_start => {
                    let is_tag = false;
                    self.open.push(Open::Table { start: at, is_tag });
                    at + 2
                }
                (b'}', Some(b'}')) => self.close_template(at),
                (b'|', Some(b'}')) if is_line_start && self.is_in_table() => {
                    self.close_table(at + 2, false);
                    at + 2
                }
                (b'|', _) => {
                    if let Some(Open::Template { bars, .. }) = self.open.last_mut() {
                        bars.push(at);
                    }
                    at + 1
                }
                (b'[', Some(b'[')) => {
                    self.open.push(Open::Link { start: at });
                    at + 2
                }
                (b']', Some(b']')) => self.close_link(at),
                (b'=', _) if is_line_start && begin > 0 && bytes[begin - 1] == b'\n' => {
                    self.heading(at);
                    at + 1
                }
                _ => at + 1,
            };
            is_line_start = match byte {
                b'\n' => true,
                b' ' | b'\t' | b':' | b'*' | b'#' => is_line_start,
                b'<' => is_line_start && bytes[begin..].starts_with(b"<!--"),
                _ => false,
            };
        }
    }

    /// A comment or a tag.
    fn angle(&mut self, at: usize, is_line_start: bool) -> usize {
        let rest = &self.source[at..];
        if rest.starts_with("<!--") {
            let end = memmem::find(rest.as_bytes(), b"-->").map_or(rest.len(), |end| end + 3);
            // A line that holds only a comment is no empty line.
            let line_end = rest[end..].starts_with('\n') && is_line_start;
            let end = at + end + usize::from(line_end);
            self.replace(at..end, "");
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
            self.replace(at..end, "");
            return end;
        }
        end
    }

    /// The byte behind the end tag, if there is one. Once there is none, nothing is looked for again.
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
            self.replace(at..content, "");
            return content;
        }
        let rest = &self.source[content..];
        let (length, end) = match memmem::find(rest.as_bytes(), b"</nowiki>") {
            Some(length) => (length, length + "</nowiki>".len()),
            None => (rest.len(), rest.len()),
        };
        let text = escaped(&rest[..length]);
        self.replace(at..content + end, text);
        content + end
    }

    fn open_template(&mut self, at: usize) -> usize {
        let is_triple = self.source[at..].starts_with("{{{");
        self.open.push(Open::Template {
            start: at,
            is_triple,
            bars: Vec::new(),
        });
        self.templates += 1;
        at + 2 + usize::from(is_triple)
    }

    fn close_template(&mut self, at: usize) -> usize {
        if self.templates == 0 {
            return at + 1;
        }
        // Whatever was opened in the template and not closed ends with it.
        while let Some(open) = self.open.pop() {
            let Open::Template {
                start,
                is_triple,
                bars,
            } = open
            else {
                continue;
            };
            self.templates -= 1;
            let third = is_triple && self.source[at..].starts_with("}}}");
            let end = at + 2 + usize::from(third);
            self.template(start..end, at, &bars);
            return end;
        }
        at + 1
    }

    /// Replaces a template by what is shown of it.
    fn template(&mut self, range: Range<usize>, end: usize, bars: &[usize]) {
        let name = &self.source[range.start + 2..bars.first().copied().unwrap_or(end)];
        if let Some(sign) = sign(name) {
            return self.replace(range, sign);
        }
        let Some(shown) = shown(name).filter(|_| self.templates < MAX_DEPTH) else {
            return self.replace(range, "");
        };
        let ends = bars.iter().skip(1).copied().chain([end]);
        let parameters = bars.iter().zip(ends).map(|(bar, end)| bar + 1..end);
        let parameters: Vec<_> = parameters
            .filter(|range| !is_named(&self.source[range.clone()]))
            .collect();
        let texts: Vec<_> = parameters
            .iter()
            .map(|range| &self.source[range.clone()])
            .collect();
        let (before, kept) = shown.of(&texts);
        let first = self
            .edits
            .partition_point(|edit| edit.range.start < range.start);
        let mut inner = self.edits.split_off(first).into_iter().peekable();
        let mut gap = Edit {
            range: range.start..range.start,
            with: before.into(),
        };
        for kept in &parameters[kept] {
            gap.range.end = kept.start;
            self.edits.push(gap);
            while let Some(edit) = inner.next_if(|edit| edit.range.start < kept.end) {
                if edit.range.start >= kept.start {
                    self.edits.push(edit);
                }
            }
            gap = Edit {
                range: kept.end..kept.end,
                with: " ".into(),
            };
        }
        gap.range.end = range.end;
        if gap.with == " " {
            gap.with = "".into();
        }
        self.edits.push(gap);
    }

    fn close_link(&mut self, at: usize) -> usize {
        if let Some(&Open::Link { start }) = self.open.last() {
            self.open.pop();
            if self.site.is_hidden(&self.source[start + 2..at]) {
                self.replace(start..at + 2, "");
            }
            return at + 2;
        }
        at + 1
    }

    /// Whether a table is the innermost thing that is open, but for links that are not closed.
    fn is_in_table(&self) -> bool {
        let mut open = self.open.iter().rev().take(MAX_DEPTH);
        let innermost = open.find(|open| !matches!(open, Open::Link { .. }));
        matches!(innermost, Some(Open::Table { is_tag: false, .. }))
    }

    fn close_table(&mut self, end: usize, with_tag: bool) {
        let mut above = self.open.iter().rev().take(MAX_DEPTH);
        let depth = above.position(|open| match open {
            Open::Table { is_tag, .. } => *is_tag == with_tag,
            Open::Template { .. } | Open::Link { .. } => false,
        });
        let Some(depth) = depth else { return };
        let above = self.open.len() - 1 - depth;
        let crosses = |open: &Open| matches!(open, Open::Template { .. });
        if self.open[above..].iter().any(crosses) {
            return;
        }
        if let Open::Table { start, .. } = self.open[above] {
            self.open.truncate(above);
            self.replace(start..end, "");
        }
    }

    /// A heading ends a table that is not closed: the template that closes it is not known here.
    fn heading(&mut self, at: usize) {
        let line = self.source[at..].split('\n').next().unwrap_or_default();
        if line.len() > 4 && line.trim_end().ends_with("==") && line.starts_with("==") {
            while self.is_in_table() {
                self.close_table(at, false);
            }
        }
    }

    /// Replaces bytes, which end where the work is; edits within them are forgotten.
    fn replace(&mut self, range: Range<usize>, with: impl Into<Cow<'static, str>>) {
        while self
            .edits
            .last()
            .is_some_and(|edit| edit.range.start >= range.start)
        {
            self.edits.pop();
        }
        let with = with.into();
        self.edits.push(Edit { range, with });
    }

    fn finish(mut self) -> String {
        let open = std::mem::take(&mut self.open);
        let end = self.source.len();
        let mut more = Vec::new();
        for open in open {
            match open {
                Open::Template { start, .. } => more.push(start..start + 2),
                Open::Table {
                    start,
                    is_tag: false,
                } => {
                    self.replace(start..end, "");
                    break;
                }
                Open::Table { .. } | Open::Link { .. } => {}
            }
        }
        self.edits.extend(more.into_iter().map(|range| Edit {
            range,
            with: "".into(),
        }));
        self.edits.sort_by_key(|edit| edit.range.start);
        let mut text = String::with_capacity(self.source.len());
        let mut at = 0;
        for edit in &self.edits {
            text.push_str(&self.source[at..edit.range.start]);
            text.push_str(&edit.with);
            at = edit.range.end;
        }
        text.push_str(&self.source[at..]);
        text
    }
}

/// Whether a parameter is one with a name: `lk=on`.
fn is_named(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, ' ' | '_' | '-');
    name.len() < parameter.len() && name.len() < 20 && name.chars().all(is_name)
}
