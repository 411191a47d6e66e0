//! Parts of an input that are parsed on any thread.

use std::ops::ControlFlow;

use crate::lexparser::Kinds;
use crate::parsed::Parsed;
use crate::part::Part;
use crate::pieces::Pieces;
use crate::read::Emit;
use crate::{
    ConllReader, Format, Result, Sentence, Structure, corenlp_json, corenlp_text, corenlp_xml,
    lexparser,
};

/// A part of an input that holds whole sentences.
#[derive(Debug)]
pub struct Block(Content);

#[derive(Debug)]
pub(crate) enum Content {
    Rows(Format, Part),
    Text(Part),
    Typed(Kinds, Part),
    Xml(Pieces),
    Json(Pieces),
    /// Sentences that could not be cut out without parsing them.
    Parsed(Parsed),
}

/// Bytes of a short sentence with all its columns: for how many of a block to make room.
const SENTENCE_BYTES: usize = 512;

impl From<Content> for Block {
    fn from(content: Content) -> Self {
        Self(content)
    }
}

impl Block {
    /// Parses it. Positions are those in the input; sentences are not numbered.
    pub fn read(self, structure: Structure) -> Parsed {
        match self.0 {
            Content::Rows(format, part) => rows(part, format, structure),
            Content::Text(part) => {
                let mut new_document = None;
                let sentences = collect(|emit| {
                    corenlp_text::read(part.lines(), structure, &mut new_document, emit)
                });
                Parsed {
                    sentences,
                    new_document,
                }
            }
            Content::Typed(kinds, part) => {
                let sentences =
                    collect(|emit| lexparser::read(part.lines(), structure, kinds, emit));
                Parsed {
                    sentences,
                    new_document: None,
                }
            }
            Content::Xml(pieces) => {
                pieces.read(|xml, at| corenlp_xml::sentence(xml, at, structure))
            }
            Content::Json(pieces) => {
                pieces.read(|json, at| corenlp_json::sentence(json, at, structure))
            }
            Content::Parsed(parsed) => parsed,
        }
    }
}

/// All that a reader emits.
fn collect(read: impl FnOnce(Emit<'_>) -> ControlFlow<()>) -> Vec<Result<Sentence>> {
    let mut sentences = Vec::new();
    let _ = read(&mut |sentence| {
        sentences.push(sentence);
        ControlFlow::Continue(())
    });
    sentences
}

fn rows(part: Part, format: Format, structure: Structure) -> Parsed {
    let position = part.position;
    let room = part.bytes.len() / SENTENCE_BYTES;
    let reader = ConllReader::new(part.into_input(), format);
    let mut reader = reader.starting_at(position).with_structure(structure);
    let mut sentences = Vec::with_capacity(room);
    sentences.extend(reader.by_ref());
    Parsed {
        sentences,
        new_document: reader.new_document().cloned(),
    }
}
