//! Reading an input sentence by sentence.

use std::fmt;
use std::io::{self, BufRead, ErrorKind};
use std::ops::ControlFlow;

use kprep_schemas::Position;

use crate::{Chunks, ConllReader, Error, Format, Result, Sentence, Structure};

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
/// Memory: one sentence, at most [`MAX_SENTENCE`](crate::MAX_SENTENCE) bytes of it; of formats
/// without rows one block of [`Chunks`].
pub fn read_sentences<R: BufRead>(
    input: R,
    format: Format,
    structure: Structure,
    emit: &mut dyn FnMut(Result<Sentence>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if format.has_rows() {
        let reader = ConllReader::new(input, format);
        return reader.with_structure(structure).try_for_each(emit);
    }
    let (mut new_document, mut flow) = (None, ControlFlow::Continue(()));
    let _ = Chunks::new(input).blocks(format, structure, &mut |block| {
        let parsed = block.read(structure);
        for mut sentence in parsed.sentences {
            if let Ok(sentence) = &mut sentence {
                let earlier = new_document.take();
                sentence.new_document = sentence.new_document.take().or(earlier);
            }
            let is_last = matches!(sentence, Err(Error::Input { .. }));
            flow = emit(sentence);
            if is_last {
                return ControlFlow::Break(());
            }
            flow?;
        }
        new_document = parsed.new_document.or(new_document.take());
        ControlFlow::Continue(())
    });
    flow
}

/// The end of an input that cannot be read any further.
pub(crate) fn broken(position: Position, why: &dyn fmt::Display) -> Error {
    let reason = io::Error::new(ErrorKind::InvalidData, why.to_string());
    Error::Input { position, reason }
}
