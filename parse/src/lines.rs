//! The lines of one sentence in a column format.

use std::{mem, str};

use kprep_schemas::{NO_HEAD, Position, TreeError, Words};
use memchr::memchr_iter;

use crate::columns::Width;
use crate::row;
use crate::{Error, Fault, Format, Result, Sentence, Structure};

/// The sentence in the lines of `block`, which end at `line_ends`; without a word if they are all
/// comments.
pub(crate) fn parse(
    block: &[u8],
    line_ends: &[usize],
    start: Position,
    format: Format,
    structure: Structure,
) -> Result<Sentence> {
    let text = str::from_utf8(block).map_err(|invalid| {
        let at = invalid.valid_up_to();
        let fault = Fault::Syntax {
            expected: "UTF-8".into(),
            found: format!("the byte 0x{:02x}", block[at]),
        };
        let position = position_in(block, start, at);
        Error::Sentence { position, fault }
    })?;
    let mut sentence = Sentence {
        position: start,
        ..Sentence::default()
    };
    let rows = line_ends.len();
    sentence.head.reserve(rows);
    // Letters a word, label and tag: what English needs; more of them cost a copy.
    sentence.token = Words::with_capacity(rows, 8 * rows);
    sentence.deprel = Words::with_capacity(rows, 8 * rows);
    let mut upos = Words::with_capacity(rows, 5 * rows);
    let mut xpos = Words::with_capacity(rows, 4 * rows);
    let mut next = 0;
    let mut width = Width::default();
    for &end in line_ends {
        let at = mem::replace(&mut next, end);
        let line = text[at..end].trim_end_matches(['\n', '\r']);
        if line.starts_with('#') {
            sentence.comment(line);
            continue;
        }
        let word = width
            .check(line, format)
            .and_then(|()| row::read(line, format, sentence.token.len() + 1))
            .map_err(|fault| {
                let position = position_in(block, start, at);
                Error::Sentence { position, fault }
            })?;
        if let Some(word) = word {
            sentence.token.push(word.form);
            sentence.head.push(word.head);
            sentence.deprel.push(word.deprel);
            upos.push(word.upos);
            xpos.push(word.xpos);
        }
    }
    check_words(&sentence.token, start)?;
    check_heads(&sentence.head, structure, block, start)?;
    sentence.upos = tags(upos);
    sentence.xpos = tags(xpos);
    Ok(sentence)
}

/// The position of byte `at` of a sentence.
fn position_in(block: &[u8], start: Position, at: usize) -> Position {
    Position {
        byte: start.byte + at as u64,
        line: start.line + memchr_iter(b'\n', &block[..at]).count() as u64,
        record: start.record,
    }
}

/// Refuses a sentence of a treebank that is published without its text: `_` stands for its words,
/// or for their letters. One longer line of underscores is a word like any other.
fn check_words(token: &Words, position: Position) -> Result<()> {
    let are_missing = match token.len() {
        0 => false,
        1 => &token[0] == "_",
        _ => token
            .iter()
            .all(|word| word.bytes().all(|byte| byte == b'_')),
    };
    if !are_missing {
        return Ok(());
    }
    let fault = Fault::NoWords;
    Err(Error::Sentence { position, fault })
}

/// Refuses a sentence whose heads do not form what they should, with the line of the word at fault.
fn check_heads(head: &[i32], structure: Structure, block: &[u8], start: Position) -> Result<()> {
    if head.is_empty() {
        return Ok(());
    }
    if head.iter().all(|&head| head == NO_HEAD) {
        let fault = Fault::NoHeads;
        return Err(Error::Sentence {
            position: start,
            fault,
        });
    }
    structure.check(head).map_err(|fault| Error::Sentence {
        position: position_of(faulty_word(&fault), block, start),
        fault: fault.into(),
    })
}

fn faulty_word(fault: &TreeError) -> Option<usize> {
    match *fault {
        TreeError::HeadOutOfRange { word, .. }
        | TreeError::SelfHead { word }
        | TreeError::SeveralRoots { second: word, .. }
        | TreeError::Cycle { word }
        | TreeError::HeadlessHead { word, .. } => Some(word),
        TreeError::NoRoot => None,
    }
}

/// The position of a word's row, or of the sentence if there is no such row.
fn position_of(word: Option<usize>, block: &[u8], start: Position) -> Position {
    let Some(id) = word.map(|word| format!("{word}\t")) else {
        return start;
    };
    let mut at = 0;
    for line in block.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(id.as_bytes()) {
            return position_in(block, start, at);
        }
        at += line.len();
    }
    start
}

/// A column of tags, unless it is empty.
fn tags(column: Words) -> Option<Words> {
    let any = column.iter().any(|tag| tag != "_");
    any.then_some(column)
}
