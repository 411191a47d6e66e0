//! CoNLL-U: parsed sentences, written. `kprep_parse::ConllReader` reads them.

use kprep_parse::write_conllu;
use kprep_schemas::{DependencyExample, Unfit};

/// Sentences in CoNLL-U; the first one of each document says that it starts.
#[derive(Debug, Default)]
pub(crate) struct Conllu {
    /// The document of the last sentence.
    document: Option<String>,
}

impl Conllu {
    /// Appends a sentence, the blank line after it included.
    pub(crate) fn write(
        &mut self,
        row: &DependencyExample,
        out: &mut Vec<u8>,
    ) -> Result<(), Unfit> {
        let new = self.document.as_ref() != Some(&row.doc_id);
        let mut text = String::new();
        write_conllu(row, new, &mut text)?;
        if new {
            self.document = Some(row.doc_id.clone());
        }
        out.extend(text.into_bytes());
        Ok(())
    }
}
