//! Cutting an input into blocks of whole sentences, for several threads.

use std::io::{self, BufRead, Cursor, ErrorKind, Read};
use std::mem;

use kprep_schemas::Position;
use memchr::{memchr_iter, memrchr, memrchr_iter};

use crate::conll::{MAX_SENTENCE, is_boundary};
use crate::{Error, Format, Result};

/// Size of a block in bytes, but for one sentence more or less.
const BLOCK: usize = 256 << 10;

/// How much of an input tells its format.
const SAMPLE: usize = 64 << 10;

/// A part of an input that holds whole sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it starts. Its sentences are not numbered: `record` is 0.
    pub position: Position,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Cuts one input in a column format into [`Block`]s, at blank lines or before lines that start
/// with `<`. A [`ConllReader`](crate::ConllReader) on each block's bytes,
/// [`starting_at`](crate::ConllReader::starting_at) its position, gives the sentences and errors
/// that one reader on the whole input gives.
///
/// What a `# newdoc` line starts may go on in later blocks: whoever takes the blocks' sentences in
/// order keeps the document, and asks each block's reader for a
/// [`new_document`](crate::ConllReader::new_document) left at its end.
///
/// Memory: one block, which is larger than 256 KiB only if a sentence is, and at most that much
/// larger than [`MAX_SENTENCE`]: of a sentence that is too long only the beginning is given out.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    /// Where `rest` starts.
    position: Position,
    /// Read, but not given out.
    rest: Vec<u8>,
    ended: bool,
    /// Why the input ended early.
    fault: Option<io::Error>,
}

impl<R: BufRead> Chunks<R> {
    /// Cuts an input from its start.
    pub fn new(input: R) -> Self {
        Self {
            input,
            position: Position {
                byte: 0,
                line: 1,
                record: 0,
            },
            rest: Vec::new(),
            ended: false,
            fault: None,
        }
    }

    /// Tells the format. To be called before the first block is taken.
    ///
    /// # Errors
    /// [`Error::Format`], or [`Error::Input`] if the input breaks off before it can be told.
    pub fn sniff(&mut self) -> Result<Format> {
        while self.rest.len() < BLOCK && !self.ended {
            self.fill();
        }
        let sample = self.rest.len().min(SAMPLE);
        Format::sniff(&self.rest[..sample]).map_err(|unknown| match self.fault.take() {
            Some(reason) => Error::Input {
                position: self.position,
                reason,
            },
            None => unknown,
        })
    }

    /// The whole input, for the formats that are not read in blocks. To be called before the first
    /// block is taken.
    pub fn into_input(self) -> impl BufRead {
        let read = Cursor::new(self.rest);
        read.chain(Failed(self.fault)).chain(self.input)
    }

    /// Reads up to a block more into `rest`.
    fn fill(&mut self) {
        match self.input.fill_buf() {
            Ok(buffer) => {
                let used = buffer.len().min(BLOCK);
                self.rest.extend_from_slice(&buffer[..used]);
                self.input.consume(used);
                self.ended = used == 0;
            }
            Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
            Err(fault) => self.end(fault),
        }
    }

    fn end(&mut self, fault: io::Error) {
        self.ended = true;
        self.fault = Some(fault);
    }

    /// Gives out the first `length` bytes of `rest`.
    fn cut(&mut self, length: usize) -> Block {
        // With room for what is read next: a growing piece of memory is copied again and again.
        let mut tail = Vec::with_capacity(self.rest.len() - length + BLOCK + BLOCK / 4);
        tail.extend_from_slice(&self.rest[length..]);
        self.rest.truncate(length);
        let block = Block {
            position: self.position,
            bytes: mem::replace(&mut self.rest, tail),
        };
        self.pass(&block.bytes);
        block
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.position.byte += bytes.len() as u64;
        self.position.line += memchr_iter(b'\n', bytes).count() as u64;
    }

    /// Gives out the beginning of a sentence that is too long, for the reader to report, and
    /// passes over what is left of it.
    fn cut_sentence(&mut self) -> Block {
        let block = self.cut(self.rest.len());
        let mut line_starts = block.bytes.ends_with(b"\n");
        let mut line = Vec::new();
        while !self.ended {
            line.clear();
            let limited = &mut (&mut self.input).take(BLOCK as u64);
            match limited.read_until(b'\n', &mut line) {
                Ok(read) => self.ended = read == 0,
                Err(fault) => self.end(fault),
            }
            self.pass(&line);
            if line_starts && is_boundary(&line) {
                break;
            }
            line_starts = line.ends_with(b"\n");
        }
        block
    }

    /// What is left when the input has ended, then why it ended if it should not have.
    fn last(&mut self) -> Option<Result<Block>> {
        let Some(reason) = self.fault.take() else {
            let left = self.rest.len();
            return (left > 0).then(|| Ok(self.cut(left)));
        };
        if let Some(length) = whole_sentences(&self.rest) {
            self.fault = Some(reason);
            return Some(Ok(self.cut(length)));
        }
        let whole_lines = memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
        self.cut(whole_lines);
        self.rest.clear();
        let position = self.position;
        Some(Err(Error::Input { position, reason }))
    }
}

impl<R: BufRead> Iterator for Chunks<R> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if self.rest.len() >= BLOCK {
                if let Some(length) = whole_sentences(&self.rest) {
                    return Some(Ok(self.cut(length)));
                }
                if self.rest.len() >= MAX_SENTENCE + BLOCK {
                    return Some(Ok(self.cut_sentence()));
                }
            }
            self.fill();
        }
        self.last()
    }
}

/// Fails once with what an input failed with.
pub(crate) struct Failed(pub(crate) Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl BufRead for Failed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.take().map_or(Ok(&[]), Err)
    }

    fn consume(&mut self, _used: usize) {}
}

/// Length of the part that ends with the last line between sentences, if there is one.
fn whole_sentences(bytes: &[u8]) -> Option<usize> {
    let mut ends = memrchr_iter(b'\n', bytes).map(|at| at + 1);
    let mut end = ends.next()?;
    loop {
        let start = ends.next().unwrap_or(0);
        if is_boundary(&bytes[start..end]) {
            return Some(end);
        }
        if start == 0 {
            return None;
        }
        end = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConllReader, Format, Sentence};

    /// Sentences and errors as text, with the place of each, and the document of each sentence.
    fn collect(blocks: Vec<Result<Block>>) -> Vec<String> {
        let (mut document, mut out) = (None, Vec::new());
        for block in blocks {
            let block = match block {
                Ok(block) => block,
                Err(error) => {
                    out.push(error.to_string());
                    continue;
                }
            };
            let mut reader = ConllReader::new(block.bytes.as_slice(), Format::ConllU)
                .starting_at(block.position);
            for sentence in reader.by_ref() {
                out.push(match sentence {
                    Ok(sentence) => {
                        let new = sentence.new_document.clone();
                        document = new.or(document);
                        let sentence = Sentence {
                            new_document: document.clone(),
                            ..sentence
                        };
                        format!("{sentence:?}")
                    }
                    Err(error) => error.to_string(),
                });
            }
            document = reader.new_document().cloned().or(document);
        }
        out
    }

    fn whole(text: &[u8]) -> Vec<String> {
        let position = Chunks::new(text).position;
        let bytes = text.to_vec();
        collect(vec![Ok(Block { position, bytes })])
    }

    fn blocks(text: &[u8]) -> Vec<Result<Block>> {
        let blocks: Vec<_> = Chunks::new(text).collect();
        for block in blocks.iter().flatten() {
            assert!(block.bytes.len() <= MAX_SENTENCE + 2 * BLOCK);
        }
        blocks
    }

    /// About 600 KB in which every seventh sentence is bad and every tenth starts a document.
    fn file(line_end: &str, between: &str) -> Vec<u8> {
        let row = "\tw\t_\tX\t_\t_\t0\troot\t_\t_\n";
        let sentence = |i: usize| {
            let newdoc = if i.is_multiple_of(10) {
                format!("# newdoc id = {i}\n")
            } else {
                String::new()
            };
            let word = if i.is_multiple_of(7) { 2 } else { 1 };
            format!("{newdoc}# sent_id = {i}\n{word}{row}{between}\n")
        };
        let text: String = (0..12_000).map(sentence).collect();
        text.replace('\n', line_end).into_bytes()
    }

    #[test]
    fn blocks_give_what_the_whole_input_gives() {
        for text in [
            file("\n", ""),
            file("\r\n", ""),
            file("\n", " \n\n"),
            file("\n", "</s>\n<s>")
                .iter()
                .copied()
                .skip_while(|b| *b == b'\n')
                .collect(),
        ] {
            let blocks = blocks(&text);
            assert!(blocks.len() > 1);
            let whole = whole(&text);
            assert_eq!(whole.len(), 12_000);
            assert_eq!(collect(blocks), whole);
        }
    }

    #[test]
    fn a_sentence_that_is_too_long_does_not_fill_the_memory() {
        let good = b"# newdoc id = d\n1\tw\t_\t_\t_\t_\t0\troot\t_\t_\n\n".as_slice();
        let long_line = vec![b'x'; 3 * MAX_SENTENCE];
        let long_lines = b"1\tx\n".repeat(MAX_SENTENCE / 2);
        for long in [long_line, long_lines] {
            let text = [good, &long, b"\n\n", good].concat();
            let whole = whole(&text);
            assert_eq!(whole.len(), 3);
            assert_eq!(collect(blocks(&text)), whole);
            let text = [good, &long].concat();
            assert_eq!(collect(blocks(&text)), whole[..2]);
        }
    }

    #[test]
    fn an_input_that_breaks_off_gives_its_whole_sentences_and_the_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("damaged"))
            }
        }
        let text = file("\n", "");
        let broken = || io::BufReader::new(text[..text.len() - 20].chain(Broken));
        let read: Vec<_> = ConllReader::new(broken(), Format::ConllU).collect();
        let whole = read.last().unwrap().as_ref().unwrap_err().to_string();
        let blocks = collect(Chunks::new(broken()).collect());
        assert_eq!(blocks.len(), 12_000);
        assert_eq!(blocks.last(), Some(&whole));
        assert_eq!(Chunks::new(broken()).filter(Result::is_err).count(), 1);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(Chunks::new(b"".as_slice()).count(), 0);
    }
}
