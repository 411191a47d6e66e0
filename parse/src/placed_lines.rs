//! The lines of an input that knows how far it was read.

use std::borrow::Cow;
use std::io::BufRead;
use std::str;

use kprep_schemas::Position;

use crate::placed::{Place, Placed};
use crate::{Error, Fault, Result};

/// A line of an input.
pub(crate) struct Line<'a> {
    pub(crate) position: Position,
    /// The line with its end.
    pub(crate) text: Cow<'a, str>,
    /// What is wrong with it if it is no text.
    pub(crate) fault: Option<Fault>,
}

/// The lines of an input.
pub(crate) struct PlacedLines<R> {
    input: Placed<R>,
    line: Vec<u8>,
}

impl<R> From<Placed<R>> for PlacedLines<R> {
    fn from(input: Placed<R>) -> Self {
        let line = Vec::new();
        Self { input, line }
    }
}

impl<R: BufRead> PlacedLines<R> {
    pub(crate) fn place(&self) -> Place {
        self.input.place()
    }

    /// The next line. `None` at the end of the input.
    ///
    /// # Errors
    /// [`Error::Input`].
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>> {
        let position = self.input.place().get();
        self.line.clear();
        let read = self
            .input
            .read_until(b'\n', &mut self.line)
            .map_err(|reason| Error::Input {
                position: self.input.place().get(),
                reason,
            })?;
        if read == 0 {
            return Ok(None);
        }
        let (text, fault) = match str::from_utf8(&self.line) {
            Ok(text) => (Cow::Borrowed(text), None),
            Err(invalid) => {
                let fault = Fault::Syntax {
                    expected: "UTF-8".into(),
                    found: format!("the byte 0x{:02x}", self.line[invalid.valid_up_to()]),
                };
                (String::from_utf8_lossy(&self.line), Some(fault))
            }
        };
        Ok(Some(Line {
            position,
            text,
            fault,
        }))
    }
}
