//! The reader of the column formats.

use std::io::{self, BufRead, ErrorKind};
use std::ops::Range;

use kprep_schemas::Position;
use memchr::{memchr, memchr_iter};

use crate::lines::parse;
use crate::{Error, Fault, Format, NewDocument, Result, Sentence, Structure};

/// Longest sentence in bytes, comments included. A longer one costs an error and no memory.
pub const MAX_SENTENCE: usize = 4 << 20;

pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Streams the sentences of one input in a column [`Format`].
///
/// Sentences end at blank lines, at lines that start with `<` (the tags around the sentences of
/// some CoNLL-X files) and at the end of the input. Columns are separated by tabs; blanks are
/// content, as CoNLL-U has it. A row with more columns than its format has is a fault, unless they
/// are empty and at its end: a tab within a word shifts the columns behind it. Multiword ranges and
/// empty nodes are passed over: their words have rows of their own. Lines end in LF or CRLF, and
/// the input may start with a byte order mark.
///
/// An error costs one sentence (see [`Error`]). Memory: one sentence, at most [`MAX_SENTENCE`]
/// bytes of it.
#[derive(Debug)]
pub struct ConllReader<R> {
    input: R,
    format: Format,
    structure: Structure,
    position: Position,
    /// The lines of one sentence.
    block: Vec<u8>,
    /// Where each of its lines ends.
    line_ends: Vec<usize>,
    /// Read, but not yet given out with a sentence.
    new_document: Option<NewDocument>,
    ended: bool,
}

impl<R: BufRead> ConllReader<R> {
    /// A reader from the start of an input.
    pub fn new(input: R, format: Format) -> Self {
        Self {
            input,
            format,
            structure: Structure::Tree,
            position: Position {
                byte: 0,
                line: 1,
                record: 1,
            },
            block: Vec::new(),
            line_ends: Vec::new(),
            new_document: None,
            ended: false,
        }
    }

    /// States where in its file the input starts, for the positions of sentences and errors. With
    /// `record` 0 the sentences are not numbered.
    #[must_use]
    pub fn starting_at(mut self, start: Position) -> Self {
        self.position = start;
        self
    }

    /// States what the heads of a sentence must form.
    #[must_use]
    pub fn with_structure(mut self, structure: Structure) -> Self {
        self.structure = structure;
        self
    }

    /// Where the reader looks for the next sentence.
    pub fn position(&self) -> Position {
        self.position
    }

    /// A document whose `# newdoc` line was read, but no good sentence after it. Once the input
    /// has ended, it starts with the first sentence of whatever follows this input in its file.
    pub fn new_document(&self) -> Option<&NewDocument> {
        self.new_document.as_ref()
    }

    /// The next sentence if it is a good one that the input's buffer holds whole: then it is parsed
    /// where it lies. What is wrong with a bad one is for `parse_block` to say.
    fn parse_buffered(&mut self) -> Result<Option<Sentence>> {
        let buffer = match self.input.fill_buf() {
            Ok(buffer) => buffer,
            Err(source) if source.kind() == ErrorKind::Interrupted => return Ok(None),
            Err(source) => return Err(self.broken(source)),
        };
        if self.position.byte == 0 {
            return Ok(None); // there may be a byte order mark
        }
        let Some(boundary) = find_boundary(buffer, &mut self.line_ends) else {
            return Ok(None);
        };
        let block = &buffer[..boundary.start];
        let sentence = parse(
            block,
            &self.line_ends,
            self.position,
            self.format,
            self.structure,
        );
        let Some(mut sentence) = sentence.ok().filter(|s| !s.token.is_empty()) else {
            return Ok(None);
        };
        self.input.consume(boundary.end);
        self.position.byte += boundary.end as u64;
        self.position.line += self.line_ends.len() as u64 + 1;
        let earlier = self.new_document.take();
        sentence.new_document = sentence.new_document.or(earlier);
        Ok(Some(sentence))
    }

    /// Reads the lines of the next sentence into `block`. Returns the position of the first one,
    /// or `None` at the end of the input.
    fn read_block(&mut self) -> Result<Option<Position>> {
        self.block.clear();
        let mut start = self.position;
        loop {
            let from = self.block.len();
            self.read_line()?;
            if start.byte == 0 && self.block.starts_with(BOM) {
                self.block.drain(..BOM.len());
                start.byte = BOM.len() as u64;
            }
            let line = &self.block[from..];
            if is_boundary(line) {
                self.block.truncate(from);
                if from > 0 {
                    return Ok(Some(start));
                }
                if self.ended {
                    return Ok(None);
                }
                start = self.position;
            } else if self.block.len() >= MAX_SENTENCE {
                self.skip_sentence()?;
                return Err(Error::Sentence {
                    position: start,
                    fault: Fault::Syntax {
                        expected: format!("a blank line within {} MiB", MAX_SENTENCE >> 20),
                        found: "a longer sentence".into(),
                    },
                });
            }
        }
    }

    /// Appends a line to `block`, or the part of it for which there is room.
    fn read_line(&mut self) -> Result<()> {
        let start = self.block.len();
        let read = loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(source) if source.kind() == ErrorKind::Interrupted => continue,
                Err(source) => return Err(self.broken(source)),
            };
            let room = MAX_SENTENCE - self.block.len();
            let buffer = &buffer[..buffer.len().min(room)];
            let end = memchr(b'\n', buffer).map(|at| at + 1);
            let used = end.unwrap_or(buffer.len());
            self.block.extend_from_slice(&buffer[..used]);
            self.input.consume(used);
            if end.is_some() || used == 0 {
                break self.block.len() - start;
            }
        };
        self.ended |= read == 0;
        self.position.byte += read as u64;
        self.position.line += u64::from(read > 0 && self.block.ends_with(b"\n"));
        Ok(())
    }

    /// The input cannot be read any further.
    fn broken(&mut self, reason: io::Error) -> Error {
        self.ended = true;
        let position = self.position;
        Error::Input { position, reason }
    }

    /// Passes over the rest of a sentence that is too long.
    fn skip_sentence(&mut self) -> Result<()> {
        self.keep_document();
        while !self.ended {
            let line_starts = self.block.ends_with(b"\n");
            self.block.clear();
            self.read_line()?;
            if line_starts && is_boundary(&self.block) {
                break;
            }
        }
        Ok(())
    }

    /// Keeps the `# newdoc` line of a sentence that is lost.
    fn keep_document(&mut self) {
        let mut sentence = Sentence::default();
        let lines = self.block.split(|&byte| byte == b'\n');
        for comment in lines.filter(|line| line.starts_with(b"#")) {
            sentence.comment(&String::from_utf8_lossy(comment));
        }
        self.new_document = sentence.new_document.or(self.new_document.take());
    }

    /// The next sentence, put together from pieces of the input, or `None` where there is none.
    fn parse_lines(&mut self) -> Option<Result<Sentence>> {
        match self.read_block() {
            Ok(Some(start)) => self.parse_block(start),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The sentence in `block`, or `None` if there are only comments in it.
    fn parse_block(&mut self, start: Position) -> Option<Result<Sentence>> {
        let newlines = memchr_iter(b'\n', &self.block).map(|at| at + 1);
        self.line_ends.clear();
        self.line_ends.extend(newlines);
        if !self.block.ends_with(b"\n") {
            self.line_ends.push(self.block.len());
        }
        match parse(
            &self.block,
            &self.line_ends,
            start,
            self.format,
            self.structure,
        ) {
            Ok(mut sentence) if !sentence.token.is_empty() => {
                let earlier = self.new_document.take();
                sentence.new_document = sentence.new_document.or(earlier);
                Some(Ok(sentence))
            }
            Ok(sentence)
                if self.ended && (sentence.sent_id.is_some() || sentence.text.is_some()) =>
            {
                // Comments of a sentence that is not there: the file was cut off.
                Some(Err(Error::Sentence {
                    position: start,
                    fault: Fault::Syntax {
                        expected: "words behind the comments".into(),
                        found: "the end of the file".into(),
                    },
                }))
            }
            result => {
                self.keep_document();
                result.err().map(Err)
            }
        }
    }
}

impl<R: BufRead> Iterator for ConllReader<R> {
    type Item = Result<Sentence>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let sentence = match self.parse_buffered() {
                Ok(Some(sentence)) => Some(Ok(sentence)),
                Ok(None) => self.parse_lines(),
                Err(error) => Some(Err(error)),
            };
            if sentence.is_some() {
                self.position.record += u64::from(self.position.record > 0);
                return sentence;
            }
        }
        None
    }
}

/// The line that ends the sentence at the start of a buffer, if both lie in it whole.
fn find_boundary(buffer: &[u8], line_ends: &mut Vec<usize>) -> Option<Range<usize>> {
    line_ends.clear();
    let mut start = 0;
    for newline in memchr_iter(b'\n', buffer) {
        let end = newline + 1;
        if is_boundary(&buffer[start..end]) {
            return (1..MAX_SENTENCE).contains(&start).then_some(start..end);
        }
        line_ends.push(end);
        start = end;
    }
    None
}

/// Whether a line (or the end of the input, where it is empty) ends a sentence.
pub(crate) fn is_boundary(line: &[u8]) -> bool {
    line.first() == Some(&b'<') || line.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use kprep_schemas::{NO_HEAD, Words};

    use super::*;

    const GOOD: &str = "# sent_id = a\n1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n2\t!\t!\tPUNCT\t.\t_\t1\tpunct\t_\t_\n\n";
    const LAST: &str = "# sent_id = b\n1\tStop\tstop\tVERB\tVB\t_\t0\troot\t_\t_";

    fn read(text: &str, format: Format) -> Vec<Result<Sentence>> {
        ConllReader::new(text.as_bytes(), format).collect()
    }

    fn sentences(text: &str, format: Format) -> Vec<Sentence> {
        read(text, format).into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn comments_of_a_sentence_that_is_not_there_are_a_cut_file() {
        let last = |end: &str| {
            let read = read(&format!("{GOOD}{end}"), Format::ConllU);
            assert!(read[0].is_ok());
            read.last().unwrap().as_ref().err().map(ToString::to_string)
        };
        let cut = "expected words behind the comments, found the end of the file";
        for end in ["# sent_id = c\n# text = I hi", "# sent_id = c\n"] {
            assert!(last(end).is_some_and(|told| told.ends_with(cut)), "{end}");
        }
        assert_eq!(last("# generated by hand\n"), None);
    }

    /// The message about a bad sentence between two good ones, which are read.
    fn message(bad: &[u8]) -> String {
        let text = [GOOD.as_bytes(), bad, b"\n\n", LAST.as_bytes()].concat();
        let read: Vec<_> = ConllReader::new(text.as_slice(), Format::ConllU).collect();
        let [Ok(first), Err(error), Ok(last)] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(first.sent_id.as_deref(), Some("a"));
        assert_eq!(last.sent_id.as_deref(), Some("b"));
        assert_eq!(last.position.record, 3);
        assert!(matches!(error, Error::Sentence { .. }));
        error.to_string()
    }

    #[test]
    fn a_sentence_with_everything() {
        let text = "\
# newdoc id = doc
# newpar
# sent_id = s1
# text = Don't go .
1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_
1\tDo\tdo\tAUX\tVB\t_\t3\taux\t3:aux\t_
2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_
3\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t0:root\t_
4\t.\t.\tPUNCT\t.\t_\t_\t_\t_\t_
";
        let expected = Sentence {
            position: Position {
                byte: 0,
                line: 1,
                record: 1,
            },
            new_document: Some(NewDocument {
                id: Some("doc".into()),
            }),
            sent_id: Some("s1".into()),
            text: Some("Don't go .".into()),
            token: Words::from(["Do", "n't", "go", "."]),
            head: vec![3, 3, 0, NO_HEAD],
            deprel: Words::from(["aux", "advmod", "root", ""]),
            upos: Some(Words::from(["AUX", "PART", "VERB", "PUNCT"])),
            xpos: Some(Words::from(["VB", "RB", "VB", "."])),
            ..Sentence::default()
        };
        assert_eq!(sentences(text, Format::ConllU), [expected]);
    }

    #[test]
    fn line_ends_blank_lines_tags_and_byte_order_mark() {
        let words = |text: &str| -> Vec<_> {
            sentences(text, Format::ConllU)
                .into_iter()
                .map(|s| (s.position.line, s.sent_id, s.token, s.head))
                .collect()
        };
        let plain = format!("{GOOD}{LAST}");
        let expected = words(&plain);
        assert_eq!(expected.len(), 2);
        assert_eq!(words(&plain.replace('\n', "\r\n")), expected);
        assert_eq!(words(&format!("{plain}\n")), expected);
        assert_eq!(words(&format!("{plain}\n\n\n")), expected);
        assert_eq!(words(&format!("\u{feff}{plain}")), expected);
        let without_lines =
            |text: &str| -> Vec<_> { words(text).into_iter().map(|w| (w.1, w.2, w.3)).collect() };
        let expected = without_lines(&plain);
        let blank = plain.replace("\n\n", "\n\n \n\n\n");
        assert_eq!(without_lines(&format!("\n\n{blank}")), expected);
        let tags = plain.replace("\n\n", "\n</s>\n<s n=\"2\">\n");
        assert_eq!(without_lines(&format!("<s>\n{tags}\n</s>\n")), expected);
    }

    #[test]
    fn a_buffer_of_one_byte_gives_the_same_sentences() {
        let text = format!("\u{feff}{GOOD}1\tx\n\n{LAST}");
        let debug = |sentence| format!("{sentence:?}");
        let whole: Vec<_> = read(&text, Format::ConllU).into_iter().map(debug).collect();
        let input = std::io::BufReader::with_capacity(1, text.as_bytes());
        let bytes: Vec<_> = ConllReader::new(input, Format::ConllU).map(debug).collect();
        assert_eq!(whole.len(), 3);
        assert_eq!(bytes, whole);
    }

    #[test]
    fn bad_sentences_cost_themselves_and_say_where() {
        let row = |id, head| format!("{id}\tx\t_\t_\t_\t_\t{head}\tdep\t_\t_\n");
        assert_eq!(
            message(b"# text = x\n1\tx\t_"),
            "line 6, byte 83: expected 10 columns with tabs between them, found 3"
        );
        assert_eq!(
            message((row(1, "0") + &row(3, "1")).as_bytes()),
            "line 6, byte 94: expected word number 2, found \"3\""
        );
        assert_eq!(
            message(b"1\tx\xff\t_\t_\t_\t_\t0\troot\t_\t_"),
            "line 5, byte 75: expected UTF-8, found the byte 0xff"
        );
        assert_eq!(
            message((row(1, "_") + &row(2, "_")).as_bytes()),
            "line 5, byte 72: no word of the sentence has a head"
        );
        assert_eq!(
            message((row(1, "2") + &row(2, "1")).as_bytes()),
            "line 5, byte 72: no word has head 0: the tree has no root"
        );
        assert_eq!(
            message((row(1, "0") + "1.1\tx\t_\n" + &row(2, "9")).as_bytes()),
            "line 6, byte 94: expected 10 columns with tabs between them, found 3"
        );
        let empty_node = "1.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n";
        assert_eq!(
            message((row(1, "0") + empty_node + &row(2, "9")).as_bytes()),
            "line 7, byte 116: word 2 has head 9, outside the sentence's 0..=2"
        );
    }

    #[test]
    fn a_sentence_that_is_too_long_costs_itself() {
        let long = "x".repeat(MAX_SENTENCE);
        let expected =
            "line 5, byte 72: expected a blank line within 4 MiB, found a longer sentence";
        assert_eq!(message(long.as_bytes()), expected);
        assert_eq!(message(long.repeat(3).as_bytes()), expected);
        let lines = "1\tx\n".repeat(MAX_SENTENCE / 2);
        assert_eq!(message(lines.as_bytes()), expected);
    }

    #[test]
    fn a_document_that_starts_with_a_lost_sentence_starts_with_the_next() {
        for lost in [
            b"1\tx\n".to_vec(),
            b"1\t\xff\n".to_vec(),
            b"\n# newpar\n".to_vec(),
            vec![b'x'; MAX_SENTENCE + 1],
        ] {
            let newdoc = b"# newdoc id = d\n";
            let text = [GOOD.as_bytes(), newdoc, &lost, b"\n\n", GOOD.as_bytes()].concat();
            let mut reader = ConllReader::new(text.as_slice(), Format::ConllU);
            let documents: Vec<_> = reader
                .by_ref()
                .filter_map(Result::ok)
                .map(|s| s.new_document.and_then(|d| d.id))
                .collect();
            assert_eq!(documents, [None, Some("d".into())]);
            assert_eq!(reader.new_document(), None);

            let text = [newdoc.as_slice(), &lost].concat();
            let mut reader = ConllReader::new(text.as_slice(), Format::ConllU);
            assert_eq!(reader.by_ref().filter_map(Result::ok).count(), 0);
            let id = reader.new_document().and_then(|d| d.id.as_deref());
            assert_eq!(id, Some("d"));
        }
    }

    #[test]
    fn an_input_that_breaks_off_ends_with_its_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("damaged"))
            }
        }
        let input =
            std::io::BufReader::new(format!("{GOOD}{LAST}").into_bytes().leak().chain(Broken));
        let read: Vec<_> = ConllReader::new(input, Format::ConllU).collect();
        let [Ok(_), Err(error)] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(
            error.to_string(),
            "reading failed after line 6, byte 86: damaged"
        );
        assert!(matches!(error, Error::Input { .. }));
    }
}
