//! Wikitext to plain text with the places of its links.
//!
//! Three steps, each one pass over the page: [`strip`] takes out what is not prose (templates,
//! tables, references, files, comments), [`inline`] turns the lines that are left into paragraphs
//! with links, [`tidy`] mends what the removal left behind, such as empty brackets.
//!
//! Why no parser from the registry: of the maintained ones, `parse-wiki-text-2` (0.2) takes 5 s, its
//! limit by the clock, for a page of 2,000 unclosed `{{`, `<ref>` or `[http://a `, and gives nothing
//! then. Here time is linear in the page and nothing recurses, so that no limit of time or depth
//! is needed and the same page gives the same text on a slow machine; its size is limited where
//! pages are cut ([`MAX_PAGE_BYTES`](crate::MAX_PAGE_BYTES)).

use crate::wikipedia::Site;

mod entity;
mod inline;
mod sections;
mod shown;
mod strip;
mod tags;
mod tidy;

pub(crate) use self::entity::decoded;
pub use self::sections::Sections;

/// The text of a page and its links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainText {
    /// Paragraphs and list items, a line each.
    pub text: String,
    /// Links in their order; none lies in another.
    pub links: Vec<Link>,
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// First byte of the link's text.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// What the link names, as written.
    pub target: String,
}

/// Makes plain text of a page's wikitext: the sections that `sections` wants, without headings.
///
/// ```
/// use kprep_ingest::{Sections, Site, plain_text};
///
/// let page = plain_text("'''Bern''' is a [[city]]{{cn}}.", &Site::default(), &Sections::default());
/// assert_eq!(page.text, "Bern is a city.");
/// assert_eq!(&page.text[page.links[0].start..page.links[0].end], "city");
/// ```
pub fn plain_text(wikitext: &str, site: &Site, sections: &Sections) -> PlainText {
    let stripped = strip::strip(wikitext, site);
    let mut page = PlainText::default();
    for paragraph in sections.paragraphs(&stripped) {
        for piece in inline::inline(&paragraph, site) {
            page.push(&tidy::tidy(&piece));
        }
    }
    page
}

impl PlainText {
    /// Adds a paragraph.
    fn push(&mut self, paragraph: &Self) {
        if paragraph.text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let base = self.text.len();
        self.text.push_str(&paragraph.text);
        self.links.extend(paragraph.links.iter().map(|link| Link {
            start: base + link.start,
            end: base + link.end,
            target: link.target.clone(),
        }));
    }
}
