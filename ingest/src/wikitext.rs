//! Wikitext to plain text with the places of its links.
//!
//! Three steps, each one pass over the page: [`strip`] takes out what is not prose (templates,
//! tables, references, files, comments), [`inline`] turns the lines that are left into paragraphs
//! with links, [`tidy`] mends what the removal left behind, such as empty brackets.
//!
//! Why no parser from the registry: of the maintained ones, `parse-wiki-text-2` (0.2) takes 5 s,
//! its limit by the clock, for a page of 2,000 unclosed `{{`, `<ref>` or `[http://a `, and gives
//! nothing then. Here time is linear in the page and nothing recurses, so that no limit of time or
//! depth is needed and the same page gives the same text on a slow machine; its size is limited
//! where pages are cut ([`MAX_PAGE_BYTES`](crate::MAX_PAGE_BYTES)).

use crate::wikipedia::Site;

mod edits;
mod entity;
mod inline;
mod measure;
mod parameters;
mod sections;
mod shown;
mod strip;
mod tags;
mod tidy;
mod variants;

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
/// let wikitext = "'''Bern''' is a [[city]]{{cn}}.";
/// let page = plain_text(wikitext, &Site::default(), &Sections::default());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(wikitext: &str) -> (String, Vec<(String, String)>) {
        let page = plain_text(wikitext, &Site::default(), &Sections::default());
        let links = page
            .links
            .iter()
            .map(|l| (page.text[l.start..l.end].to_owned(), l.target.clone()));
        (page.text.clone(), links.collect())
    }

    fn text(wikitext: &str) -> String {
        read(wikitext).0
    }

    #[test]
    fn links_keep_their_text_and_their_targets() {
        let links = |wikitext: &str| {
            let (text, links) = read(wikitext);
            let links: Vec<_> = links
                .iter()
                .map(|(text, target)| format!("{text}>{target}"))
                .collect();
            format!("{text} | {}", links.join(", "))
        };
        assert_eq!(links("[[a|b]] c"), "b c | b>a");
        assert_eq!(links("[[bus]]es, [[x|y]]2"), "buses, y2 | buses>bus, y>x");
        assert_eq!(
            links("[[a (b)|]] [[c, d|]] [[Help:e|]]"),
            "a c e | a>a (b), c>c, d, e>Help:e"
        );
        assert_eq!(
            links("[[#x]] [[:Category:Y]]"),
            "#x Category:Y | #x>#x, Category:Y>:Category:Y"
        );
        assert_eq!(
            links("[[fr:A]][[:fr:A]] [[wikt:b|b]]"),
            "fr:A b | fr:A>:fr:A, b>wikt:b"
        );
        assert_eq!(
            links("a[[Category:X| ]] [[Image:a.png|x|b [[c]] d]]e"),
            "a e | "
        );
        assert_eq!(links("''[[a|'''b''' c]]''"), "b c | b c>a");
        assert_eq!(
            links("[http://x y z] [http://x] [//x [[a]]] [no]"),
            "y z a [no] | a>a"
        );
        assert_eq!(links("[[a|b [[c]] d]]"), "b c d | c>c");
        assert_eq!(links("[[a|b\nc]] [[d\ne]]"), "b c d e | b c>a, d e>d e");
        assert_eq!(links("[[a {{!}} b]] [[|c]]"), "b c | b>a , c>");
    }

    #[test]
    fn what_is_no_prose_is_taken_out() {
        assert_eq!(text("a{{b|{{c|[[d]]}}|{{{e|f}}}}} g"), "a g");
        assert_eq!(
            text("a<!-- {{ -->b<ref>c}}</ref><ref name=d/>e<ref>f"),
            "abef"
        );
        assert_eq!(text("a\n{| class=x\n| b\n{|\n| c\n|}\n|}\nd"), "a\nd");
        assert_eq!(text("a\n{|\n| b\n== c ==\nd"), "a\nd");
        assert_eq!(text("a\n{|\n| b"), "a");
        assert_eq!(text("a <table><tr><td>b</table>c"), "a c");
        assert_eq!(text("a {{b c"), "a b c");
        assert_eq!(
            text("a <gallery>\nFile:x|y\n</gallery><math>x^2</math> b __NOTOC__"),
            "a b"
        );
        assert_eq!(text("a\n<!-- b -->\nc"), "a c");
    }

    #[test]
    fn what_is_prose_stays() {
        assert_eq!(text("'''a''' ''b'' '''''c''''' d's"), "a b c d's");
        assert_eq!(
            text("&lt;a&gt; &amp;amp; 5&nbsp;&ndash;&#8212; x<y & z"),
            "<a> &amp; 5 –— x<y & z"
        );
        assert_eq!(
            text("<nowiki>[[a]] {{b}} ''c''</nowiki>"),
            "[[a]] {{b}} ''c''"
        );
        assert_eq!(
            text("a<br>b<small>c</small> 10<sup>6</sup> H<sub>2</sub>O"),
            "a\nbc 10^6 H2O"
        );
        assert_eq!(
            text("{{convert|10|to|20|km|mi}} {{lang|fr|[[Paris]]}}{{snd}}{{nowrap|1=a}}"),
            "10 to 20 km Paris – a"
        );
        assert_eq!(text("# a\n#* b\n; c : d"), "a\nb\nc : d");
    }

    /// Time is linear: ten times the page is no hundred times the work. Told by this test taking no
    /// time, and not by the clock.
    #[test]
    fn pages_of_nothing_but_openings_are_read() {
        for opening in [
            "[[",
            "{{",
            "{{{",
            "<ref>",
            "<ref ",
            "{|\n|",
            "[[a|",
            "[http://a ",
            "''",
            "<b>",
            "<!--",
            "<nowiki>",
            "{{nowrap|",
            "{{lang|a|",
            "[[File:a|",
            "&amp",
            "((",
            "\n==",
            "<table>",
            "[",
            "}}",
            "|}",
            "]]",
            "-{",
        ] {
            let page = opening.repeat(100_000);
            let _ = plain_text(&page, &Site::default(), &Sections::default());
            let nested = format!("{page}x{}", "}}".repeat(100_000));
            let _ = plain_text(&nested, &Site::default(), &Sections::default());
        }
    }

    proptest! {
        #[test]
        fn no_noise_is_too_much_and_links_slice_right(
            parts in prop::collection::vec(prop::sample::select(vec![
                "[[", "]]", "{{", "}}", "{{{", "}}}", "{|", "|}", "|", "\n", "\n|}", "\n{|", "==", "\n== a ==\n", "'''",
                "''", "<ref>", "</ref>", "<ref/>", "<nowiki>", "</nowiki>", "<!--", "-->", "<br>", "<table>", "</table>",
                "File:", "Category:", ":", "#", "*", "[http://x ", "]", "[", "&nbsp;", "&", ";", "é", "🂡", "a", " ", "(",
                ")", ",", "nowrap|", "lang|fr|", "convert|1|to|2|km", "snd", "__TOC__", "\r\n", "\u{a0}", "\u{200e}", "1=",
                "<sup>", "2", "-", "<", ">", "%C3", "\u{301}",
            ]), 0..60)
        ) {
            let page = plain_text(&parts.concat(), &Site::default(), &Sections::default());
            let mut before = 0;
            for link in &page.links {
                prop_assert!(before <= link.start && link.start < link.end && link.end <= page.text.len());
                let text = &page.text[link.start..link.end];
                prop_assert!(!text.contains('\n') && text.trim() == text);
                let _ = Site::default().target(&link.target);
                before = link.end;
            }
        }
    }
}
