//! A report as one HTML page that needs nothing from elsewhere: no script, no font, no style sheet.

use kprep_schemas::{Share, thousands};

use super::section::Section;

const STYLE: &str = include_str!("page.css");

/// The whole page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// What stands under the title.
    pub(crate) lead: String,
    /// Figures that stand for themselves, with their names.
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) sections: Vec<Section>,
}

/// The numbers of a chart: names on the left, figures right of them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Page {
    pub(crate) fn html(&self) -> String {
        let title = escaped(&self.title);
        let fact = |(name, value): &(String, String)| {
            let (name, value) = (escaped(name), escaped(value));
            format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")
        };
        let facts: String = self.facts.iter().map(fact).collect();
        let sections: String = self
            .sections
            .iter()
            .enumerate()
            .map(|(i, section)| section.html(i))
            .collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>{title}</h1>\n<p>{lead}</p>\n</header>\n<main>\n\
             <dl>\n{facts}</dl>\n<div class=\"charts\">\n{sections}</div>\n</main>\n</body>\n</html>\n",
            lead = escaped(&self.lead),
        )
    }
}

impl Table {
    pub(crate) fn html(&self) -> String {
        let cells = |tag: &str, cells: &[String]| -> String {
            let cell = |cell: &String| format!("<{tag}>{}</{tag}>", escaped(cell));
            cells.iter().map(cell).collect()
        };
        let rows = self
            .rows
            .iter()
            .map(|row| format!("<tr>{}</tr>\n", cells("td", row)));
        format!(
            "<table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table>",
            cells("th", &self.head),
            rows.collect::<String>()
        )
    }
}

/// `1 row`, `2,000 rows`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(count))
}

/// `12.3%`.
pub(crate) fn percent(share: Share) -> String {
    share
        .share
        .map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}

/// A text as it is, whatever HTML would make of its characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let counted = [0, 1, 2000].map(|count| counted(count, "row"));
        assert_eq!(counted, ["0 rows", "1 row", "2,000 rows"]);
    }

    #[test]
    fn texts_are_texts() {
        assert_eq!(
            escaped("<b a=\"1\">&\u{7}"),
            "&lt;b a=&quot;1&quot;&gt;&amp;\u{fffd}"
        );
    }
}
