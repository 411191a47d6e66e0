//! Takes out of wikitext what is no prose.

mod angle;

use std::ops::Range;

use super::edits::Edits;
use super::parameters::{Parameters, Piece};
use super::shown::{shown, sign};
use super::tags::WITHOUT_TEXT_COUNT;
use super::variants::{self, Variant};
use crate::wikipedia::Site;

/// Templates and variants within each other, beyond which nothing of them is shown; MediaWiki's own
/// limit.
const MAX_DEPTH: usize = 40;

/// Wikitext without comments, templates, tables, files, categories, references and whatever else
/// stands between tags that hold no prose. Where the few templates that are words of a sentence
/// stand, their words stay; of several variants (`-{ … }-`) one stays; what `<nowiki>` protects is
/// written in entities.
///
/// What is opened and not closed: a template or variant stays as text without its braces, a table
/// ends at the next heading, a link is left to the next step.
pub(super) fn strip(source: &str, site: &Site) -> String {
    let mut strip = Strip {
        source,
        site,
        open: Vec::new(),
        templates: 0,
        variants: 0,
        codes: variants::codes(&site.language),
        edits: Edits::default(),
        unclosed: [false; WITHOUT_TEXT_COUNT],
    };
    strip.run();
    strip.finish()
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
    /// `-{`.
    Variant { start: usize, inside: Variant },
}

struct Strip<'a> {
    source: &'a str,
    site: &'a Site,
    open: Vec<Open>,
    /// Templates among them.
    templates: usize,
    /// Variants among them.
    variants: usize,
    /// The codes of the wiki's variants, if its language has any.
    codes: &'static [&'static str],
    edits: Edits,
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
                (b'|' | b';', _) => {
                    self.separator(at);
                    at + 1
                }
                (b'-', Some(b'{')) if self.opens_variant(at) => {
                    let inside = Variant::default();
                    self.open.push(Open::Variant { start: at, inside });
                    self.variants += 1;
                    at + 2
                }
                (b'}', Some(b'-')) if self.variants > 0 => self.close_variant(at),
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
            let (start, is_triple, bars) = match open {
                Open::Template {
                    start,
                    is_triple,
                    bars,
                } => (start, is_triple, bars),
                Open::Variant { .. } => {
                    self.variants -= 1;
                    continue;
                }
                Open::Table { .. } | Open::Link { .. } => continue,
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
            return self.edits.replace(range, sign);
        }
        let shown = shown(name).filter(|_| self.templates + self.variants < MAX_DEPTH);
        let pieces = shown.and_then(|shown| shown.of(&Parameters::new(self.source, bars, end)));
        match pieces {
            Some(pieces) => self.edits.keep(range, &pieces),
            None => self.edits.replace(range, ""),
        }
    }

    /// Notes a bar or a semicolon for the template or variant that it stands in.
    fn separator(&mut self, at: usize) {
        let is_bar = self.source.as_bytes()[at] == b'|';
        match self.open.last_mut() {
            Some(Open::Template { bars, .. }) if is_bar => bars.push(at),
            Some(Open::Variant { inside, .. }) if is_bar => inside.bar = inside.bar.or(Some(at)),
            Some(Open::Variant { inside, .. }) => inside.semicolons.push(at),
            _ => {}
        }
    }

    /// Whether `-{` opens a variant here: in `-{{a}}` there is a template, in `-{{{a}}}-` one in a
    /// variant.
    fn opens_variant(&self, at: usize) -> bool {
        let braces = self.source.as_bytes()[at + 1..]
            .iter()
            .take(3)
            .take_while(|&&byte| byte == b'{')
            .count();
        !self.codes.is_empty() && braces != 2
    }

    fn close_variant(&mut self, at: usize) -> usize {
        let mut above = self.open.iter().rev().take(MAX_DEPTH);
        let innermost =
            above.position(|open| !matches!(open, Open::Link { .. } | Open::Table { .. }));
        let Some(place) = innermost.map(|depth| self.open.len() - 1 - depth) else {
            return at + 1;
        };
        if !matches!(self.open[place], Open::Variant { .. }) {
            return at + 1;
        }
        let Some(Open::Variant { start, inside }) = self.open.drain(place..).next() else {
            return at + 1;
        };
        self.variants -= 1;
        let shown = inside.shown(self.source, start + 2..at, self.codes);
        match shown.filter(|_| self.templates + self.variants < MAX_DEPTH) {
            Some(shown) => self.edits.keep(start..at + 2, &[Piece::Source(shown)]),
            None => self.edits.replace(start..at + 2, ""),
        }
        at + 2
    }

    fn close_link(&mut self, at: usize) -> usize {
        if let Some(&Open::Link { start }) = self.open.last() {
            self.open.pop();
            if self.site.is_hidden(&self.source[start + 2..at]) {
                self.edits.replace(start..at + 2, "");
            }
            return at + 2;
        }
        at + 1
    }

    /// Whether a table is the innermost thing that is open, but for links that are not closed.
    fn is_in_table(&self) -> bool {
        let mut open = self.open.iter().rev().take(MAX_DEPTH);
        let innermost = open.find(|open| !matches!(open, Open::Link { .. } | Open::Variant { .. }));
        matches!(innermost, Some(Open::Table { is_tag: false, .. }))
    }

    fn close_table(&mut self, end: usize, with_tag: bool) {
        let mut above = self.open.iter().rev().take(MAX_DEPTH);
        let depth = above.position(|open| match open {
            Open::Table { is_tag, .. } => *is_tag == with_tag,
            Open::Template { .. } | Open::Link { .. } | Open::Variant { .. } => false,
        });
        let Some(depth) = depth else { return };
        let above = self.open.len() - 1 - depth;
        let crosses = |open: &Open| matches!(open, Open::Template { .. });
        if self.open[above..].iter().any(crosses) {
            return;
        }
        if let Open::Table { start, .. } = self.open[above] {
            let variants = self
                .open
                .drain(above..)
                .filter(|open| matches!(open, Open::Variant { .. }));
            self.variants -= variants.count();
            self.edits.replace(start..end, "");
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
                    self.edits.replace(start..end, "");
                    break;
                }
                Open::Table { .. } | Open::Link { .. } | Open::Variant { .. } => {}
            }
        }
        self.edits.remove_earlier(more);
        self.edits.apply(self.source)
    }
}
