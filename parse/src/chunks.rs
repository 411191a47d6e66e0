//! Cutting an input into blocks of whole sentences, for several threads.

use std::io::{self, BufRead, Cursor, ErrorKind, Read};
use std::mem;
use std::ops::ControlFlow;

use kprep_schemas::Position;
use memchr::{memchr_iter, memrchr_iter};

use crate::block::{Block, Content};
use crate::conll::{MAX_SENTENCE, is_boundary};
use crate::lexparser::Kinds;
use crate::parsed::Parsed;
use crate::part::{BLOCK, Failed, Part};
use crate::placed::Placed;
use crate::placed_lines::PlacedLines;
use crate::read::Emit as SentenceEmit;
use crate::{Error, Format, Result, Structure, corenlp_json, corenlp_text, corenlp_xml, lexparser};

/// How much of an input tells its format.
const SAMPLE: usize = 64 << 10;

/// Sentences that are handed over at a time where they cannot be cut out.
const SENTENCES: usize = 256;

/// Cuts one input into [`Block`]s of whole sentences. All of them, [read](Block::read) and taken in
/// order, give the sentences and errors of [`read_sentences`](crate::read_sentences). What is around
/// the sentences of XML and JSON is parsed on the way; rows and lines are cut where a sentence
/// surely starts.
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
    /// How long a block is.
    block: usize,
}

/// What comes next of an input that is cut at lines.
enum Next {
    Part(Part),
    /// No sentence surely starts for longer than one may be.
    TooLong,
    Last(Part),
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
            block: BLOCK,
        }
    }

    /// Tells the format. To be called before [`blocks`](Self::blocks).
    ///
    /// # Errors
    /// [`Error::Format`], or [`Error::Input`] if the input breaks off before it can be told.
    pub fn sniff(&mut self) -> Result<Format> {
        let sample = self.beginning().len().min(SAMPLE);
        Format::sniff(&self.rest[..sample]).map_err(|unknown| match self.fault.take() {
            Some(reason) => Error::Input {
                position: self.position,
                reason,
            },
            None => unknown,
        })
    }

    /// Reads a block ahead.
    fn beginning(&mut self) -> &[u8] {
        while self.rest.len() < BLOCK && !self.ended {
            self.fill();
        }
        &self.rest
    }

    /// The whole input, of which the beginning was looked at.
    pub fn into_input(self) -> impl BufRead {
        let read = Cursor::new(self.rest);
        read.chain(Failed(self.fault)).chain(self.input)
    }

    /// Gives the blocks to `emit`, in order, until that breaks. `structure` is what they will be read
    /// with.
    pub fn blocks(
        mut self,
        format: Format,
        structure: Structure,
        emit: &mut dyn FnMut(Block) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match format {
            Format::CoreNlpXml => {
                corenlp_xml::cut(self.into_input(), &mut |xml| emit(Content::Xml(xml).into()))
            }
            Format::CoreNlpJson => corenlp_json::cut(self.into_input(), &mut |json| {
                emit(Content::Json(json).into())
            }),
            Format::CoreNlpText => {
                let mut text = |part| emit(Content::Text(part).into());
                if self.cut_lines(corenlp_text::last_start, &mut text)? {
                    return ControlFlow::Continue(());
                }
                let mut new_document = None;
                let read = |sentences: SentenceEmit<'_>| {
                    let lines = self.into_lines();
                    corenlp_text::read(lines, structure, &mut new_document, sentences)
                };
                parsed(read, emit)
            }
            Format::Typed => {
                let kinds = Kinds::of(self.beginning());
                let mut typed = |part| emit(Content::Typed(kinds, part).into());
                if self.cut_lines(lexparser::last_start, &mut typed)? {
                    return ControlFlow::Continue(());
                }
                let read = |sentences: SentenceEmit<'_>| {
                    lexparser::read(self.into_lines(), structure, kinds, sentences)
                };
                parsed(read, emit)
            }
            _ => self.cut_rows(&mut |part| emit(Content::Rows(format, part).into())),
        }
    }

    /// Cuts an input of rows.
    fn cut_rows(mut self, emit: &mut dyn FnMut(Part) -> ControlFlow<()>) -> ControlFlow<()> {
        loop {
            match self.next(whole_sentences) {
                Next::Part(part) => emit(part)?,
                Next::TooLong => emit(self.cut_sentence())?,
                Next::Last(part) => return emit(part),
            }
        }
    }

    /// Cuts an input of lines where `last_start` finds that a sentence starts. False if there is no
    /// such place for longer than a sentence may be: the rest is left.
    fn cut_lines(
        &mut self,
        last_start: fn(&[u8]) -> Option<usize>,
        emit: &mut dyn FnMut(Part) -> ControlFlow<()>,
    ) -> ControlFlow<(), bool> {
        loop {
            match self.next(last_start) {
                Next::Part(part) => emit(part)?,
                Next::TooLong => return ControlFlow::Continue(false),
                Next::Last(part) => {
                    emit(part)?;
                    return ControlFlow::Continue(true);
                }
            }
        }
    }

    fn into_lines(self) -> PlacedLines<impl BufRead> {
        let position = self.position;
        Placed::starting_at(self.into_input(), position).into()
    }

    fn next(&mut self, last_start: fn(&[u8]) -> Option<usize>) -> Next {
        let mut enough = self.block;
        loop {
            if self.ended {
                let part = self.cut(self.rest.len());
                let fault = self.fault.take();
                return Next::Last(Part { fault, ..part });
            }
            if self.rest.len() >= enough {
                if let Some(length) = last_start(&self.rest) {
                    return Next::Part(self.cut(length));
                }
                enough = self.rest.len() + self.block;
                if self.rest.len() >= MAX_SENTENCE + BLOCK {
                    return Next::TooLong;
                }
            }
            self.fill();
        }
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
    fn cut(&mut self, length: usize) -> Part {
        // With room for what is read next: a growing piece of memory is copied again and again.
        let mut tail = Vec::with_capacity(self.rest.len() - length + BLOCK + BLOCK / 4);
        tail.extend_from_slice(&self.rest[length..]);
        self.rest.truncate(length);
        let part = Part {
            position: self.position,
            bytes: mem::replace(&mut self.rest, tail),
            fault: None,
        };
        self.pass(&part.bytes);
        part
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.position.byte += bytes.len() as u64;
        self.position.line += memchr_iter(b'\n', bytes).count() as u64;
    }

    /// Gives out the beginning of a sentence that is too long, for the reader to report, and
    /// passes over what is left of it.
    fn cut_sentence(&mut self) -> Part {
        let part = self.cut(self.rest.len());
        let mut line_starts = part.bytes.ends_with(b"\n");
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
        part
    }
}

/// Hands over the sentences that `read` emits, some at a time.
fn parsed(
    read: impl FnOnce(SentenceEmit<'_>) -> ControlFlow<()>,
    emit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut batch = Parsed::default();
    read(&mut |sentence| {
        batch.sentences.push(sentence);
        if batch.sentences.len() < SENTENCES {
            return ControlFlow::Continue(());
        }
        emit(Content::Parsed(mem::take(&mut batch)).into())
    })?;
    emit(Content::Parsed(batch).into())
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
    use proptest::prelude::*;

    use super::*;
    use crate::{Sentence, read_sentences};

    /// Sentences and errors as text, with the place of each, and the document of each sentence.
    fn describe(read: impl IntoIterator<Item = Result<Sentence>>) -> Vec<String> {
        let mut document = None;
        let describe = |sentence: Result<Sentence>| match sentence {
            Ok(mut sentence) => {
                // Unnamed ones count, too.
                let new = sentence.new_document.take();
                document = new.clone().or(document.take());
                sentence.position.record = 0;
                format!("{new:?} {document:?} {sentence:?}")
            }
            Err(error) => error.to_string(),
        };
        read.into_iter().map(describe).collect()
    }

    fn whole(input: impl BufRead, format: Format) -> Vec<String> {
        let mut read = Vec::new();
        let _ = read_sentences(input, format, Structure::Tree, &mut |sentence| {
            read.push(sentence);
            ControlFlow::Continue(())
        });
        describe(read)
    }

    /// What the blocks give, and how many there are.
    fn cut(input: impl BufRead, format: Format, block: usize) -> (Vec<String>, usize) {
        let chunks = Chunks {
            block,
            ..Chunks::new(input)
        };
        let (mut read, mut blocks, mut document) = (Vec::new(), 0, None);
        let _ = chunks.blocks(format, Structure::Tree, &mut |block| {
            blocks += 1;
            let parsed = block.read(Structure::Tree);
            let mut broken = false;
            for mut sentence in parsed.sentences {
                assert!(!broken, "sentences behind the end of what can be read");
                if let Ok(sentence) = &mut sentence {
                    let earlier = document.take();
                    sentence.new_document = sentence.new_document.take().or(earlier);
                }
                broken = matches!(sentence, Err(Error::Input { .. }));
                read.push(sentence);
            }
            if broken {
                return ControlFlow::Break(());
            }
            document = parsed.new_document.or(document.take());
            ControlFlow::Continue(())
        });
        (describe(read), blocks)
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
            let whole = whole(text.as_slice(), Format::ConllU);
            assert_eq!(whole.len(), 12_000);
            let (read, blocks) = cut(text.as_slice(), Format::ConllU, BLOCK);
            assert!(blocks > 1);
            assert_eq!(read, whole);
        }
    }

    #[test]
    fn a_sentence_that_is_too_long_does_not_fill_the_memory() {
        let good = b"# newdoc id = d\n1\tw\t_\t_\t_\t_\t0\troot\t_\t_\n\n".as_slice();
        let long_line = vec![b'x'; 3 * MAX_SENTENCE];
        let long_lines = b"1\tx\n".repeat(MAX_SENTENCE / 2);
        for long in [long_line, long_lines] {
            let text = [good, &long, b"\n\n", good].concat();
            let whole = whole(text.as_slice(), Format::ConllU);
            assert_eq!(whole.len(), 3);
            let cut = |text: &[u8]| cut(text, Format::ConllU, BLOCK).0;
            assert_eq!(cut(&text), whole);
            assert_eq!(cut(&[good, &long].concat()), whole[..2]);
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
        let (read, _) = cut(broken(), Format::ConllU, BLOCK);
        assert_eq!(read.len(), 12_000);
        assert_eq!(read, whole(broken(), Format::ConllU));
        assert!(read.last().is_some_and(|last| last.ends_with("damaged")));
        let (read, _) = cut(io::BufReader::new(Broken), Format::Typed, BLOCK);
        assert_eq!(read, ["reading failed after line 1, byte 0: damaged"]);
    }

    #[test]
    fn nothing_gives_nothing() {
        for format in [Format::ConllU, Format::Typed, Format::CoreNlpText] {
            assert_eq!(cut(b"".as_slice(), format, BLOCK).0, [""; 0]);
        }
    }

    /// Lines among which no sentence surely starts, for longer than a sentence may be.
    #[test]
    fn long_stretches_between_sentences_lose_none() {
        let text = include_str!("../../tests/data/deps/sentence.out");
        let chain = "Coreference set:\n\t(1,1,[1,2]) -> (2,2,[2,3]), that is: a -> b\n";
        let text = format!("{text}{}{text}", chain.repeat(MAX_SENTENCE / 32));
        let typed = include_str!("../../tests/data/deps/sentence.stp");
        let typed = format!("{typed}{}{typed}", "\n".repeat(MAX_SENTENCE + 2 * BLOCK));
        for (text, format) in [(text, Format::CoreNlpText), (typed, Format::Typed)] {
            let (read, _) = cut(text.as_bytes(), format, BLOCK);
            assert_eq!(read.len(), 2);
            assert!(read.iter().all(|read| read.contains("Aare")), "{read:?}");
        }
    }

    /// Sentences of every format that is not rows, several of them in a row.
    fn text() -> impl Strategy<Value = (Format, String)> {
        const XML: &str = include_str!("../../tests/data/deps/sentence.xml");
        const JSON: &str = include_str!("../../tests/data/deps/sentence.json");
        const TEXT: &str = include_str!("../../tests/data/deps/sentence.out");
        let lines = |parts: &'static [&'static str]| {
            let parts = prop::sample::select(parts);
            prop::collection::vec(parts, 0..24).prop_map(|parts| parts.concat())
        };
        let typed = lines(&[
            "The/DT dog/NN barks/VBZ\n\n",
            "The dog barks\n\n",
            "(ROOT\n  (S (NP (DT The) (NN dog)) (VP (VBZ barks))))\n\n",
            "det(dog-2, The-1)\nnsubj(barks-3, dog-2)\nroot(ROOT-0, barks-3)\n\n",
            "det(dog-2, The-1)\nnsubj(barks-3, dog-2)\n\n",
            "root(ROOT-0, Go-1)\n\n",
            "root(ROOT-0, Go-1)\npunct(Go-1, !-2)\n\n",
            "prep_of(a-1, b-3)\nroot(ROOT-0, a-1)\n\n",
            "prep(a-1, of-2)\npobj(of-2, b-3)\nroot(ROOT-0, a-1)\n\n",
            "det(dog-2, The-1)\troot(ROOT-0, dog-2)\t\n",
            "root(ROOT-0, Stop-1)\t\n",
            "root(ROOT-0, Stop-1)\n",
            "======\n",
            "SENTENCE_SKIPPED_OR_UNPARSABLE\n",
            "Parsing file: x\n",
            "det(dog-, The-1)\n",
            "(NP (DT a)\n",
            "\n",
        ]);
        let text = lines(&[
            TEXT,
            "Sentence #2 (2 tokens):\nGo!\n\nTokens:\n",
            "[Text=Go PartOfSpeech=VB]\n[Text=! PartOfSpeech=.]\n\n",
            "Dependency Parse (basic dependencies):\nroot(ROOT-0, Go-1)\npunct(Go-1, !-2)\n\n",
            "Sentence #3 (0 tokens)\n",
            "Document: ID=a (2 sentences, 3 tokens)\n",
            "Coreference set:\n\t(1,1,[1,2])\n",
            "\n",
        ]);
        prop_oneof![
            3 => typed.prop_map(|text| (Format::Typed, text)),
            2 => text.prop_map(|text| (Format::CoreNlpText, text)),
            1 => (1..4usize).prop_map(|n| (Format::CoreNlpXml, XML.repeat(n))),
            1 => (1..4usize).prop_map(|n| (Format::CoreNlpJson, JSON.repeat(n))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn wherever_it_is_cut_the_sentences_are_the_same(
            (format, text) in text(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
            block in 1..600usize,
        ) {
            let mut bytes = text.into_bytes();
            for (at, byte) in damage {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            let read = cut(io::BufReader::with_capacity(block, bytes.as_slice()), format, block).0;
            prop_assert_eq!(read, whole(bytes.as_slice(), format));
        }
    }
}
