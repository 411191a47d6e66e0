//! The dataset card: `README.md` with the YAML that Hugging Face reads, written from the manifest.

use crate::{Manifest, Record, printable};

mod text;
mod yaml;

/// What a card says beyond what the manifest knows.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// Heading.
    pub title: String,
    /// What the dataset is and what it is for: a paragraph or two.
    pub summary: String,
    /// ISO 639 codes of the languages of the content, as [`crate::languages`] makes them; none
    /// where they are not known.
    pub languages: Vec<String>,
    /// Licence identifier of the Hugging Face hub, e.g. `cc-by-sa-4.0`.
    pub license: &'static str,
    /// Where the content comes from and under which terms.
    pub source: &'static str,
    /// Task categories of the Hugging Face hub.
    pub task_categories: &'static [&'static str],
    /// Anything more, as Markdown (a table of relations, say).
    pub details: String,
    /// What a user must know before trusting the rows, a sentence or two each, as Markdown.
    pub limits: Vec<String>,
    /// What to cite, an entry of `BibTeX` each.
    pub citations: &'static [&'static str],
    /// The command that builds the dataset again, a word each; none if there is none.
    pub command_line: Vec<String>,
}

impl Card {
    /// The whole file.
    pub fn render<R: Record>(&self, manifest: &Manifest) -> String {
        let mut out = String::from("---\n");
        self.yaml::<R>(manifest, &mut out);
        out.push_str("---\n\n");
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.text::<R>(manifest, &mut text);
        // Names and texts of the inputs are for eyes: they must not turn or hide what stands around
        // them.
        for line in text.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            out.push_str(&printable(bare));
            out.push_str(&line[bare.len()..]);
        }
        out
    }
}
