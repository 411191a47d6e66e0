//! A report as one HTML page that needs nothing from elsewhere: no script, no font, no style sheet.

use crate::picture::PALETTE;
use crate::section::Section;
use crate::text::escaped;

const STYLE: &str = include_str!("page.css");

/// The whole page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Its heading.
    pub title: String,
    /// The line below the title.
    pub lead: String,
    /// Figures that stand for themselves, with their names.
    pub facts: Vec<(String, String)>,
    /// The charts, tables and examples.
    pub sections: Vec<Section>,
    /// At the end: where it comes from, licence, command.
    pub about: Vec<(String, String)>,
}

impl Page {
    /// The page as a file.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let sections = self.sections.iter().enumerate();
        let sections: String = sections.map(|(i, section)| section.html(i)).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n\
             <title>{title}</title>\n<style>\n{PALETTE}{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>{title}</h1>\n<p>{lead}</p>\n</header>\n<main>\n\
             {facts}<div class=\"charts\">\n{sections}</div>\n{about}</main>\n</body>\n</html>\n",
            lead = escaped(&self.lead),
            facts = list("facts", &self.facts),
            about = list("about", &self.about),
        )
    }
}

/// Names with what they stand for; nothing of none.
fn list(class: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let pair = |(name, value): &(String, String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")
    };
    let pairs: String = pairs.iter().map(pair).collect();
    format!("<dl class=\"{class}\">\n{pairs}</dl>\n")
}
