//! Formats in which a sentence is no block of rows.

use std::fmt;
use std::io::{self, BufRead, ErrorKind};
use std::ops::ControlFlow;

use kprep_schemas::Position;

use crate::{
    ConllReader, Error, Format, NewDocument, Result, Sentence, Structure, corenlp_json,
    corenlp_text, corenlp_xml, lexparser,
};

/// What takes the sentences.
pub(crate) type Emit<'a> = &'a mut dyn FnMut(Result<Sentence>) -> ControlFlow<()>;

/// Reads the sentences of one input, and gives them and what is wrong with others to `emit` until
/// that breaks. A sentence that is not what it should be costs an error; XML or JSON that is none,
/// or ends early, ends with [`Error::Input`], and so does a sentence of more than
/// [`MAX_SENTENCE`](crate::MAX_SENTENCE) bytes.
///
/// Formats with rows are for [`ConllReader`], which says what it makes of them. In the others the
/// basic dependencies count; collapsed and enhanced ones only where [`Structure::Any`] will do and
/// there are no others. Where the root has no arc (`CoreNLP` before version 2), the word that
/// nothing governs is it. Words without a head get [`NO_HEAD`](kprep_schemas::NO_HEAD). Typed
/// dependencies without the words beside them give no other words than they mention.
///
/// Memory: one sentence, at most [`MAX_SENTENCE`](crate::MAX_SENTENCE) bytes of it.
pub fn read_sentences<R: BufRead>(
    input: R,
    format: Format,
    structure: Structure,
    emit: &mut dyn FnMut(Result<Sentence>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match format {
        Format::CoreNlpXml => corenlp_xml::read(input, structure, emit),
        Format::CoreNlpJson => corenlp_json::read(input, structure, emit),
        Format::CoreNlpText => corenlp_text::read(input, structure, emit),
        Format::Typed => lexparser::read(input, structure, emit),
        _ => ConllReader::new(input, format)
            .with_structure(structure)
            .try_for_each(emit),
    }
}

/// The end of an input that cannot be read any further.
pub(crate) fn broken(position: Position, why: &dyn fmt::Display) -> Error {
    let reason = io::Error::new(ErrorKind::InvalidData, why.to_string());
    Error::Input { position, reason }
}

/// The documents of an input, of which the first needs no name: it is the input.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    begun: bool,
    pending: Option<NewDocument>,
}

impl Documents {
    /// Another document begins.
    pub(crate) fn begin(&mut self) {
        if self.begun {
            self.pending = Some(NewDocument { id: None });
        }
        self.begun = true;
    }

    /// The document's id, which comes before its sentences.
    pub(crate) fn name(&mut self, id: String) {
        self.pending = Some(NewDocument { id: Some(id) });
    }

    /// Tells the first good sentence of a document that it is.
    pub(crate) fn mark(&mut self, sentence: &mut Sentence) {
        sentence.new_document = self.pending.take();
    }
}
