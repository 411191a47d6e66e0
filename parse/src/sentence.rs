//! A sentence as a file of dependency parses gives it.

use kprep_schemas::{Position, Words};

/// One sentence whose heads form a tree, unless any [`Structure`](crate::Structure) was asked for.
///
/// `token`, `head`, `deprel` and, where present, `upos` and `xpos` have one entry a word: they are
/// the fields of the same names of [`DependencyExample`](kprep_schemas::DependencyExample).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// First line of the sentence, comments included.
    pub position: Position,
    /// Set if a document starts with this sentence, else it belongs to the document of the
    /// sentence before.
    pub new_document: Option<NewDocument>,
    /// `# sent_id = …`.
    pub sent_id: Option<String>,
    /// `# text = …`: the raw sentence.
    pub text: Option<String>,
    /// The words.
    pub token: Words,
    /// Head of each word: its 1-based index, 0 = root,
    /// [`NO_HEAD`](kprep_schemas::NO_HEAD) = the parse gives none.
    pub head: Vec<i32>,
    /// Label of each word's dependency; empty where the file has `_` or the word has no head.
    pub deprel: Words,
    /// Universal tags, if the format has them and some word has one; `_` for a word without.
    pub upos: Option<Words>,
    /// Tags of the treebank, if some word has one; `_` for a word without.
    pub xpos: Option<Words>,
    /// Further heads of words that have several, of which the first counts: only under
    /// [`Structure::Any`](crate::Structure::Any).
    pub heads_left_out: u64,
    /// Words that are no part of the sentence because the parse gives only the number of each, not
    /// its form. The heads count the others.
    pub words_left_out: u64,
}

/// A `# newdoc` line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewDocument {
    /// Its `id`, which CoNLL-U leaves optional.
    pub id: Option<String>,
}

impl Sentence {
    /// Takes what a comment line says about the sentence. Unknown comments say nothing.
    pub(crate) fn comment(&mut self, line: &str) {
        let comment = line.trim_start_matches('#').trim();
        let (key, value) = match comment.split_once('=') {
            Some((key, value)) => (key.trim_end(), Some(value.trim_start())),
            None => (comment, None),
        };
        let value = || value.map(str::to_owned);
        match key {
            "sent_id" => self.sent_id = value(),
            "text" => self.text = value(),
            "newdoc" | "newdoc id" => self.new_document = Some(NewDocument { id: value() }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments() {
        let mut sentence = Sentence::default();
        for line in [
            "# newdoc id = d = 1",
            "# newpar",
            "#sent_id=s1 ",
            "# text = a = b",
            "# text_en = c",
            "#",
        ] {
            sentence.comment(line);
        }
        let expected = Sentence {
            new_document: Some(NewDocument {
                id: Some("d = 1".into()),
            }),
            sent_id: Some("s1".into()),
            text: Some("a = b".into()),
            ..Sentence::default()
        };
        assert_eq!(sentence, expected);
        sentence.comment("# newdoc");
        assert_eq!(sentence.new_document, Some(NewDocument { id: None }));
    }
}
