//! Sentences as they stand in an input, cut out to be parsed on any thread.

use std::mem;
use std::ops::ControlFlow;

use kprep_schemas::Position;

use crate::parsed::Parsed;
use crate::part::BLOCK;
use crate::{Error, NewDocument, Result, Sentence};

/// Several sentences, one after the other in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    bytes: Vec<u8>,
    list: Vec<Piece>,
    /// Why nothing comes behind them, where something should.
    fault: Option<Error>,
}

#[derive(Debug)]
struct Piece {
    position: Position,
    /// Where it ends in the buffer.
    end: usize,
    /// The document that starts with it, if one does.
    new_document: Option<NewDocument>,
}

impl Pieces {
    /// Parses each with `parse`, which gets its bytes and where they stood.
    pub(crate) fn read(self, parse: impl Fn(&[u8], Position) -> Result<Sentence>) -> Parsed {
        let mut parsed = Parsed::default();
        let mut start = 0;
        for piece in self.list {
            parsed.new_document = piece.new_document.or(parsed.new_document);
            let mut sentence = parse(&self.bytes[start..piece.end], piece.position);
            if let Ok(sentence) = &mut sentence {
                sentence.new_document = parsed.new_document.take();
            }
            let broken = matches!(sentence, Err(Error::Input { .. }));
            parsed.sentences.push(sentence);
            if broken {
                return parsed; // what was cut out behind it means nothing
            }
            start = piece.end;
        }
        parsed.sentences.extend(self.fault.map(Err));
        parsed
    }
}

/// What takes the pieces.
pub(crate) type Emit<'a> = &'a mut dyn FnMut(Pieces) -> ControlFlow<()>;

/// Gathers pieces until there are enough of them to be worth handing over.
pub(crate) struct Gathering<'a> {
    emit: Emit<'a>,
    pieces: Pieces,
    /// Whether the first document has begun, which needs no name: it is the input.
    begun: bool,
    pending: Option<NewDocument>,
}

impl<'a> Gathering<'a> {
    pub(crate) fn new(emit: Emit<'a>) -> Self {
        Self {
            emit,
            pieces: Pieces::default(),
            begun: false,
            pending: None,
        }
    }

    /// Another document begins.
    pub(crate) fn begin_document(&mut self) {
        if self.begun {
            self.pending = Some(NewDocument { id: None });
        }
        self.begun = true;
    }

    /// The document's id, which comes before its sentences.
    pub(crate) fn name_document(&mut self, id: String) {
        self.pending = Some(NewDocument { id: Some(id) });
    }

    /// The buffer, for the bytes of the sentence that is next [added](Self::add).
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.pieces.bytes
    }

    /// Adds the sentence whose bytes the buffer got, and hands over what there is if it is enough.
    pub(crate) fn add(&mut self, position: Position) -> ControlFlow<()> {
        self.pieces.list.push(Piece {
            position,
            end: self.pieces.bytes.len(),
            new_document: self.pending.take(),
        });
        if self.pieces.bytes.len() < BLOCK {
            return ControlFlow::Continue(());
        }
        self.hand_over()
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        // The next ones will need as much room.
        let next = Pieces {
            bytes: Vec::with_capacity(self.pieces.bytes.len()),
            ..Pieces::default()
        };
        (self.emit)(mem::replace(&mut self.pieces, next))
    }

    /// Hands over the last ones, and why the input ended early if it did.
    pub(crate) fn end(mut self, fault: Option<Error>) -> ControlFlow<()> {
        self.pieces.fault = fault;
        self.hand_over()
    }
}
