//! One record of CSV (RFC 4180), line by line.

use super::Fault;

/// A record on its way.
///
/// A quotation mark that is the first character of a field opens it. Within, a doubled one stands
/// for one, and a single one closes the field: behind it stands a comma or the end of the line.
/// Elsewhere a quotation mark is text like any other.
#[derive(Debug, Default)]
pub(super) struct Record {
    state: State,
    /// The fields so far, one after the other.
    text: Vec<u8>,
    /// Where each whole field ends in `text`.
    ends: Vec<usize>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quotation mark in a quoted field.
    Closed,
    /// The record is whole.
    Ended,
}

impl Record {
    /// The record that a line is by itself.
    ///
    /// # Errors
    /// A [`Fault`] for a line that is no whole record.
    pub(super) fn of_line(line: &[u8]) -> Result<Self, Fault> {
        let mut record = Self::default();
        if record.add(line)? {
            Ok(record)
        } else {
            Err(record.unclosed("the line ends before"))
        }
    }

    /// Takes a line with its end. Returns whether the record is whole.
    ///
    /// # Errors
    /// A [`Fault`] for what stands behind the quotation mark that closes a field.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<bool, Fault> {
        let (line, is_ended) = match line.strip_suffix(b"\n") {
            Some(line) => (line, true),
            None => (line, false),
        };
        // The CR of an end of line belongs to it, but for one within a quoted field.
        let bare = line.strip_suffix(b"\r").unwrap_or(line);
        for (at, &byte) in line.iter().enumerate() {
            if at < bare.len() || self.state == State::Quoted {
                self.step(byte)?;
            }
        }
        if self.state == State::Quoted {
            self.text.extend(is_ended.then_some(b'\n'));
            return Ok(false);
        }
        self.end_field(State::Ended);
        Ok(true)
    }

    fn step(&mut self, byte: u8) -> Result<(), Fault> {
        match (self.state, byte) {
            (State::FieldStart, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::Closed,
            (State::FieldStart | State::Plain | State::Closed, b',') => {
                self.end_field(State::FieldStart);
            }
            (State::Closed, b'"') => {
                self.text.push(b'"');
                self.state = State::Quoted;
            }
            (State::Closed, _) => return Err(self.unclosed("a letter or blank stands there")),
            (State::FieldStart | State::Plain | State::Ended, _) => {
                self.text.push(byte);
                self.state = State::Plain;
            }
            (State::Quoted, _) => self.text.push(byte),
        }
        Ok(())
    }

    fn end_field(&mut self, state: State) {
        self.ends.push(self.text.len());
        self.state = state;
    }

    /// What is wrong with a field whose quotation mark is not closed where it should be.
    pub(super) fn unclosed(&self, why: &str) -> Fault {
        Fault::malformed(format!(
            "a quotation mark opens field {} and is not closed where it should be: expected another one \
             with a comma or the end of the line behind it, but {why} (one within the field is doubled)",
            self.ends.len() + 1
        ))
    }

    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The fields of a whole record.
    ///
    /// # Errors
    /// A [`Fault`] for what is no UTF-8.
    pub(super) fn fields(self) -> Result<Vec<String>, Fault> {
        let text =
            String::from_utf8(self.text).map_err(|error| Fault::malformed(error.utf8_error()))?;
        let mut start = 0;
        let fields = self.ends.into_iter().map(|end| {
            // Fields are cut at ASCII characters.
            let field = text.get(start..end).unwrap_or_default().to_owned();
            start = end;
            field
        });
        Ok(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_open_close_and_stand_for_themselves() {
        let read = |line: &str| {
            let record = Record::of_line(line.as_bytes()).unwrap();
            record.fields().unwrap().join("|")
        };
        assert_eq!(read("a,\"b, \"\"c\"\"\",d\n"), "a|b, \"c\"|d");
        assert_eq!(read("a,\"\",\r\n"), "a||");
        assert_eq!(read("\"a\"\r\n"), "a");
        assert_eq!(read("5\" disk,he said \"go\""), "5\" disk|he said \"go\"");
        for bad in ["a,\"b\n", "\"a\"b,c\n", "a,\"b\" ,c\n", "\"a\"\rb\n"] {
            let fault = Record::of_line(bad.as_bytes()).unwrap_err().detail;
            assert!(
                fault.starts_with("a quotation mark opens field "),
                "{fault}"
            );
        }
    }

    #[test]
    fn a_quoted_field_may_hold_lines() {
        let mut record = Record::default();
        assert_eq!(record.add(b"a,\"b\r\n"), Ok(false));
        assert_eq!(record.add(b"c\",d\r\n"), Ok(true));
        assert_eq!(record.fields().unwrap(), ["a", "b\r\nc", "d"]);
    }
}
