//! Reading in tests.

use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;

use kprep_parse::{Format, Result, Sentence, Structure, read_sentences};

/// All that an input gives.
pub(crate) fn read_all(
    input: impl BufRead,
    format: Format,
    structure: Structure,
) -> Vec<Result<Sentence>> {
    let mut read = Vec::new();
    let _ = read_sentences(input, format, structure, &mut |sentence| {
        read.push(sentence);
        ControlFlow::Continue(())
    });
    read
}

/// Reads with a buffer of so many bytes.
pub(crate) fn read_with(
    text: &[u8],
    format: Format,
    structure: Structure,
    buffer: usize,
) -> Vec<Result<Sentence>> {
    read_all(BufReader::with_capacity(buffer, text), format, structure)
}

/// Reads all at once and byte by byte, which must give the same.
#[allow(dead_code)] // not every test has a use for it
pub(crate) fn read(text: &str, format: Format, structure: Structure) -> Vec<Result<Sentence>> {
    let whole = read_with(text.as_bytes(), format, structure, 1 << 16);
    let bytes = read_with(text.as_bytes(), format, structure, 1);
    assert_eq!(format!("{whole:?}"), format!("{bytes:?}"));
    whole
}
