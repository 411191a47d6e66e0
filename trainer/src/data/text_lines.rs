//! The lines of a text file, one in memory at a time, none longer than a limit.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use kprep_schemas::thousands;

use crate::{Error, Result};

/// Bytes of the longest line of text, its end included: far more than any model reads.
pub const LONGEST_TEXT: u64 = 1 << 20;

/// Bytes of the longest JSON object of a line: a question with its paragraphs.
pub const LONGEST_OBJECT: u64 = 1 << 24;

/// Reads lines. Memory is the limit's.
pub struct TextLines<R> {
    input: R,
    path: PathBuf,
    longest: u64,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> TextLines<R> {
    /// The lines of `input`, each of at most `longest` bytes; `path` is named in errors.
    pub fn new(input: R, path: &Path, longest: u64) -> Self {
        Self {
            input,
            path: path.to_owned(),
            longest,
            number: 0,
            bytes: Vec::new(),
        }
    }

    /// The next line with its end; `None` behind the last.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Line`] for a longer one, behind which nothing may be read.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>> {
        self.bytes.clear();
        let mut limited = self.input.by_ref().take(self.longest + 1);
        let length = limited.read_until(b'\n', &mut self.bytes);
        if length.map_err(Error::io(&self.path))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.bytes.len() as u64 > self.longest {
            let longest = thousands(self.longest);
            let reason = format!("longer than {longest} bytes, expected a line end before");
            return Err(self.wrong(reason));
        }
        Ok(Some(&self.bytes))
    }

    /// The same as text.
    ///
    /// # Errors
    /// As [`TextLines::next_line`]; [`Error::Line`] for what is not UTF-8.
    pub fn next_text(&mut self) -> Result<Option<&str>> {
        if self.next_line()?.is_none() {
            return Ok(None);
        }
        match str::from_utf8(&self.bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(self.wrong(format!("no UTF-8: {error}"))),
        }
    }

    /// The last line's number, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// An error about the last line.
    pub fn wrong(&self, reason: String) -> Error {
        Error::Line {
            path: self.path.clone(),
            line: self.number,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn all(text: &[u8], longest: u64) -> (Vec<String>, Option<String>) {
        let input = BufReader::with_capacity(1, text);
        let mut lines = TextLines::new(input, Path::new("t"), longest);
        let mut all = Vec::new();
        loop {
            match lines.next_text() {
                Ok(Some(text)) => all.push(text.to_owned()),
                Ok(None) => return (all, None),
                Err(error) => return (all, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn lines_are_read_up_to_the_limit_and_no_further() {
        assert_eq!(all(b"", 3), (vec![], None));
        let lines = ["ab\n", "\r\n", "abc"].map(str::to_owned).to_vec();
        assert_eq!(all(b"ab\n\r\nabc", 3), (lines, None));
        let message = "t: line 2: longer than 3 bytes, expected a line end before";
        assert_eq!(
            all(b"ab\nabcd\nab", 3),
            (vec!["ab\n".into()], Some(message.into()))
        );
        let (before, message) = all(b"a\n\xff\n", 9);
        assert_eq!(before, ["a\n"]);
        assert!(message.unwrap().starts_with("t: line 2: no UTF-8: "));
    }
}
