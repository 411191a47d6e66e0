//! Cuts a stream of JSON into whole documents without parsing them, so that they can be parsed in
//! parallel.

mod scan;

use std::io::{self, BufRead};
use std::ops::Range;

use kprep_schemas::Position;

use self::scan::Scan;
use crate::{Error, Result};

/// Documents are handed out in batches of about this many bytes: small enough to stay in a core's
/// cache from here to the rows, large enough that handing them over costs nothing.
const BATCH_BYTES: usize = 1 << 18;

/// A larger document is not kept: T-REx's largest is well under a megabyte.
pub const MAX_DOCUMENT_BYTES: usize = 16 << 20;

/// Whole documents, one after the other in one buffer.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    documents: Vec<(Position, std::result::Result<Range<usize>, TooLarge>)>,
}

/// A document of more than [`MAX_DOCUMENT_BYTES`]; the stream goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a document of {bytes} bytes, expected at most {MAX_DOCUMENT_BYTES}")]
pub struct TooLarge {
    /// Its size.
    pub bytes: u64,
}

impl Batch {
    /// The documents with their places: the JSON text of each, or why it was not kept.
    pub fn documents(
        &self,
    ) -> impl Iterator<Item = (Position, std::result::Result<&[u8], TooLarge>)> {
        self.documents.iter().map(|(position, document)| {
            (*position, document.clone().map(|range| &self.bytes[range]))
        })
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Drops all documents from number `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.documents.truncate(len);
    }
}

/// Reads a JSON array of objects, or objects one after the other (JSON Lines), in batches.
///
/// A document's extent is found by its braces and quotes alone; whether it is valid JSON is for
/// its parser to say, at the cost of that one document. What stands between documents is checked
/// here, and an error there ends the stream. Memory: one batch, at most [`MAX_DOCUMENT_BYTES`]
/// and a read buffer more than a quarter of a megabyte.
pub struct JsonDocuments<R> {
    reader: R,
    position: Position,
    state: State,
}

/// Where the reader is between two documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte that is not blank.
    Start,
    /// After `[`.
    ArrayStart,
    /// After a document of an array.
    ArrayDocument,
    /// After `,`.
    ArrayComma,
    /// After a document outside any array.
    Lines,
    /// After `]`.
    End,
    /// After an error.
    Failed,
}

impl<R: BufRead> JsonDocuments<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            position: Position::default(),
            state: State::Start,
        }
    }

    /// How far the stream was read: byte and number of documents.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Fills the batch. After an error the documents before it are in the batch that the error
    /// comes with, and the stream has ended.
    fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        while batch.bytes.len() < BATCH_BYTES && self.seek_document()? {
            let position = Position {
                record: self.position.record + 1,
                ..self.position
            };
            self.position.record += 1;
            let document = self.copy_document(&mut batch.bytes)?;
            batch.documents.push((position, document));
        }
        Ok(())
    }

    /// Moves to the `{` of the next document; false at the end of the stream.
    fn seek_document(&mut self) -> Result<bool> {
        loop {
            let position = self.position;
            let buffer = fill(&mut self.reader, position)?;
            let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            let Some(blanks) = buffer.iter().position(is_text) else {
                let blanks = buffer.len();
                if blanks == 0 {
                    return self.end_of_data();
                }
                self.pass(blanks);
                continue;
            };
            let byte = buffer[blanks];
            if blanks > 0 {
                self.pass(blanks);
                continue;
            }
            if position.byte == 0 && byte == 0xef {
                self.skip_byte_order_mark()?;
                continue;
            }
            self.state = match (self.state, byte) {
                (State::Start, b'[') => State::ArrayStart,
                (State::ArrayDocument, b',') => State::ArrayComma,
                (State::ArrayStart | State::ArrayDocument, b']') => State::End,
                (State::ArrayStart | State::ArrayComma, b'{') => {
                    self.state = State::ArrayDocument;
                    return Ok(true);
                }
                (State::Start | State::Lines, b'{') => {
                    self.state = State::Lines;
                    return Ok(true);
                }
                (state, byte) => return Err(unexpected(state, byte, position)),
            };
            self.pass(1);
        }
    }

    /// Passes over bytes that are in the reader's buffer.
    fn pass(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.position.byte += bytes as u64;
    }

    fn skip_byte_order_mark(&mut self) -> Result<()> {
        for expected in [0xef, 0xbb, 0xbf] {
            let position = self.position;
            match fill(&mut self.reader, position)?.first() {
                Some(&byte) if byte == expected => {}
                other => {
                    return Err(unexpected(State::Start, *other.unwrap_or(&0xef), position));
                }
            }
            self.pass(1);
        }
        Ok(())
    }

    fn end_of_data(&self) -> Result<bool> {
        let expected = match self.state {
            State::End | State::Lines => return Ok(false),
            State::Start => "a JSON array of documents, or one document a line; it is empty",
            State::ArrayComma => "another document",
            _ => "',' or ']' after the last document",
        };
        Err(Error::Truncated {
            position: self.position,
            expected,
        })
    }

    /// Copies the document that starts here.
    fn copy_document(
        &mut self,
        bytes: &mut Vec<u8>,
    ) -> Result<std::result::Result<Range<usize>, TooLarge>> {
        let start = bytes.len();
        let first_byte = self.position.byte;
        let mut scan = Scan::default();
        loop {
            let position = self.position;
            let buffer = fill(&mut self.reader, position)?;
            if buffer.is_empty() {
                let expected = "the end of the document that it is in";
                return Err(Error::Truncated { position, expected });
            }
            let end = scan.find_end(buffer);
            let used = end.unwrap_or(buffer.len());
            if bytes.len() - start + used <= MAX_DOCUMENT_BYTES {
                bytes.extend_from_slice(&buffer[..used]);
            }
            self.reader.consume(used);
            self.position.byte += used as u64;
            if end.is_some() {
                break;
            }
        }
        let size = self.position.byte - first_byte;
        if size == (bytes.len() - start) as u64 {
            Ok(Ok(start..bytes.len()))
        } else {
            bytes.truncate(start);
            Ok(Err(TooLarge { bytes: size }))
        }
    }
}

impl<R: BufRead> Iterator for JsonDocuments<R> {
    /// A batch, and the error that ended the stream after it.
    type Item = (Batch, Option<Error>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Failed {
            return None;
        }
        let mut batch = Batch {
            bytes: Vec::with_capacity(BATCH_BYTES),
            documents: Vec::new(),
        };
        match self.fill(&mut batch) {
            Ok(()) if batch.is_empty() => None,
            Ok(()) => Some((batch, None)),
            Err(error) => {
                self.state = State::Failed;
                Some((batch, Some(error)))
            }
        }
    }
}

fn fill<R: BufRead>(reader: &mut R, position: Position) -> Result<&[u8]> {
    // The borrow checker does not see that the loop only goes on when nothing was borrowed.
    loop {
        match reader.fill_buf() {
            Ok(_) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(reason) => return Err(Error::Read { position, reason }),
        }
    }
    reader
        .fill_buf()
        .map_err(|reason| Error::Read { position, reason })
}

fn unexpected(state: State, byte: u8, position: Position) -> Error {
    let expected = match state {
        State::Start => "'[' or '{'",
        State::ArrayStart => "'{' or ']'",
        State::ArrayDocument => "',' or ']' after a document",
        State::ArrayComma | State::Lines => "'{'",
        State::End | State::Failed => "nothing after the end of the array",
    };
    let found = if byte.is_ascii_graphic() {
        format!("'{}'", byte as char)
    } else {
        format!("byte 0x{byte:02x}")
    };
    Error::Syntax {
        position,
        expected,
        found,
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// All documents, their byte positions, and the error's text.
    fn read(json: &[u8], buffer: usize) -> (Vec<(u64, String)>, Option<String>) {
        let mut documents = Vec::new();
        let mut failure = None;
        for (batch, error) in JsonDocuments::new(BufReader::with_capacity(buffer, json)) {
            documents.extend(batch.documents().map(|(position, document)| {
                (
                    position.byte,
                    String::from_utf8(document.unwrap().to_vec()).unwrap(),
                )
            }));
            failure = error.map(|e| e.to_string());
        }
        (documents, failure)
    }

    #[test]
    fn arrays_and_lines_cut_anywhere_give_the_same_documents() {
        let a = r#"{"a": "}\"{\\", "b": {"c": [1]}}"#;
        let inputs = [
            format!("[{a}, {{}}\n]\n"),
            format!("\u{feff}[\r\n  {a}\r\n,{{}}]"),
            format!("{a}\n{{}}\n"),
            format!("{a}{{}}"),
        ];
        for json in inputs {
            let whole = read(json.as_bytes(), 1 << 16);
            let texts: Vec<&str> = whole.0.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!((texts, &whole.1), (vec![a, "{}"], &None), "{json}");
            for &(byte, ref text) in &whole.0 {
                assert!(json[byte as usize..].starts_with(text));
            }
            assert_eq!(read(json.as_bytes(), 1), whole);
            assert_eq!(read(json.as_bytes(), 3), whole);
        }
        assert_eq!(read(b"[]", 8), (vec![], None));
    }

    #[test]
    fn what_stands_between_documents_is_checked() {
        let message = |json: &str| read(json.as_bytes(), 8).1.unwrap();
        assert_eq!(
            message(""),
            "the file breaks off at byte 0: expected a JSON array of documents, or one document \
             a line; it is empty"
        );
        assert_eq!(
            message(r#"[{"a": 1}, {"b": "#),
            "the file breaks off at byte 17: expected the end of the document that it is in"
        );
        assert_eq!(
            message("[{}"),
            "the file breaks off at byte 3: expected ',' or ']' after the last document"
        );
        assert_eq!(
            message("[{},"),
            "the file breaks off at byte 4: expected another document"
        );
        assert_eq!(
            message("[{} {}]"),
            "byte 4: expected ',' or ']' after a document, found '{'"
        );
        assert_eq!(
            message("[{}] x"),
            "byte 5: expected nothing after the end of the array, found 'x'"
        );
        assert_eq!(message("[1]"), "byte 1: expected '{' or ']', found '1'");
        assert_eq!(message("<xml>"), "byte 0: expected '[' or '{', found '<'");
    }

    #[test]
    fn a_huge_document_costs_itself_and_no_memory() {
        let huge = format!(r#"[{{"a": "{}"}}, {{"b": 2}}]"#, "x".repeat(50 << 20));
        let mut documents = Vec::new();
        for (batch, error) in JsonDocuments::new(huge.as_bytes()) {
            assert!(error.is_none() && batch.bytes.capacity() < 2 * MAX_DOCUMENT_BYTES);
            documents.extend(batch.documents().map(|(_, d)| d.map(<[u8]>::to_vec)));
        }
        assert_eq!(
            documents[0].as_ref().unwrap_err().to_string(),
            "a document of 52428809 bytes, expected at most 16777216"
        );
        assert_eq!(documents[1].as_ref().unwrap(), br#"{"b": 2}"#);
    }
}
