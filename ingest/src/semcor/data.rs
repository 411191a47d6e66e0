//! The text: `corpus/text/sentence/(wf|instance)`.

use std::io::BufRead;

use kprep_schemas::{Position, Words};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error as XmlError, Reader};

use crate::wordnet::lmf_xml::{Element, resolve};
use crate::wordnet::placed::{Place, Placed};
use crate::wordnet::{WordNetError, WordNetResult};

/// A longer sentence is refused.
pub const MAX_SENTENCE_BYTES: u64 = 4 << 20;

/// A sentence with its tagged words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SemcorSentence {
    /// The id of its text.
    pub text_id: String,
    /// Its id.
    pub id: String,
    /// The words: a form with blanks is several words.
    pub token: Words,
    /// The part of speech of each word, as the file has it (`NOUN`, `VERB`, …).
    pub upos: Words,
    /// Words and expressions that have a sense.
    pub tagged: Vec<TaggedWord>,
}

/// A word or an expression that has a sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedWord {
    /// Its id in the file of keys.
    pub id: String,
    /// First word, from 0.
    pub start: usize,
    /// Last word, inclusive.
    pub end: usize,
    /// Its lemma.
    pub lemma: String,
}

/// An outcome: a sentence, or what is wrong with it.
type Outcome = WordNetResult<(Position, SemcorSentence)>;

/// A `wf` or an `instance` that is open.
struct OpenWord {
    id: Option<String>,
    lemma: String,
    pos: String,
}

/// Streams the sentences of a file. Memory: one of them, of at most [`MAX_SENTENCE_BYTES`].
///
/// A sentence that lacks what the format requires is one error; the stream goes on after it. XML
/// that is not well-formed, and another root than `corpus`, end it.
pub struct SemcorReader<R> {
    xml: Reader<Placed<R>>,
    place: Place,
    buffer: Vec<u8>,
    depth: usize,
    text_id: String,
    sentence: Option<(Position, SemcorSentence)>,
    word: Option<OpenWord>,
    /// What the open word has.
    form: String,
    fault: Option<WordNetError>,
    records: u64,
    done: bool,
}

impl<R: BufRead> SemcorReader<R> {
    /// Reads from the start of a file.
    pub fn new(input: R) -> Self {
        let input = Placed::new(input, MAX_SENTENCE_BYTES);
        let place = input.place();
        Self {
            xml: Reader::from_reader(input),
            place,
            buffer: Vec::new(),
            depth: 0,
            text_id: String::new(),
            sentence: None,
            word: None,
            form: String::new(),
            fault: None,
            records: 0,
            done: false,
        }
    }

    /// How far the file was read.
    pub fn position(&self) -> Position {
        self.place.get()
    }

    fn read(&mut self) -> Option<Outcome> {
        loop {
            let at = self.place.get();
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let ended = match self.xml.read_event_into(&mut buffer) {
                Ok(Event::Eof) => return self.end_of_file(at),
                Ok(event) => self.event(&event, at),
                Err(XmlError::Io(source)) => {
                    let source = std::io::Error::new(source.kind(), source.to_string());
                    let position = self.place.get();
                    Some(self.fatal(WordNetError::Read { position, source }))
                }
                Err(error) => {
                    let found = error.to_string();
                    Some(self.fatal(WordNetError::syntax(at, "well-formed XML", found)))
                }
            };
            self.buffer = buffer;
            if ended.is_some() {
                return ended;
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, at: Position) -> Option<Outcome> {
        match event {
            Event::Start(tag) => {
                let refused = self.start(tag, at);
                self.depth += 1;
                refused
            }
            Event::Empty(tag) => self.start(tag, at).or_else(|| self.end(tag.name().0, at)),
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag.name().0, at)
            }
            Event::Text(text) => {
                self.form.push_str(&text.xml10_content());
                None
            }
            Event::CData(text) => {
                self.form.push_str(&text.xml10_content());
                None
            }
            Event::GeneralRef(entity) => {
                if let Some(text) = resolve(entity) {
                    self.form.push_str(&text);
                    return None;
                }
                let found = format!("&{};", &**entity);
                Some(self.fatal(WordNetError::syntax(at, "an entity of XML", found)))
            }
            _ => None,
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: Position) -> Option<Outcome> {
        self.form.clear();
        let name = tag.name().0;
        if self.depth == 0 && name != "corpus" {
            let expected = "<corpus> of Raganato's format";
            let found = format!("<{name}>");
            return Some(self.fatal(WordNetError::syntax(at, expected, found)));
        }
        let mut element = Element {
            tag,
            at,
            fault: &mut self.fault,
        };
        match name {
            "text" => self.text_id = element.required("id"),
            "sentence" => {
                let sentence = SemcorSentence {
                    text_id: self.text_id.clone(),
                    id: element.required("id"),
                    ..SemcorSentence::default()
                };
                if self.sentence.replace((at, sentence)).is_some() {
                    let expected = "the end of a sentence";
                    self.fail(at, expected, "the start of another".into());
                }
            }
            "wf" | "instance" => {
                let id = (name == "instance").then(|| element.required("id"));
                self.word = Some(OpenWord {
                    id,
                    lemma: element.required("lemma"),
                    pos: element.required("pos"),
                });
            }
            _ => {}
        }
        None
    }

    fn end(&mut self, name: &str, at: Position) -> Option<Outcome> {
        match name {
            "wf" | "instance" => self.end_word(at),
            "sentence" => return self.end_sentence(),
            _ => {}
        }
        self.form.clear();
        None
    }

    fn end_word(&mut self, at: Position) {
        let (Some(word), Some((_, sentence))) = (self.word.take(), &mut self.sentence) else {
            return;
        };
        let start = sentence.token.len();
        for form in self.form.split_whitespace() {
            sentence.token.push(form);
            sentence.upos.push(&word.pos);
        }
        if sentence.token.len() == start {
            let found = format!("a word without letters ({})", word.lemma);
            self.fail(at, "the form of a word", found);
            return;
        }
        if let Some(id) = word.id {
            sentence.tagged.push(TaggedWord {
                id,
                start,
                end: sentence.token.len() - 1,
                lemma: word.lemma.replace('_', " "),
            });
        }
    }

    fn end_sentence(&mut self) -> Option<Outcome> {
        self.place.limit(MAX_SENTENCE_BYTES);
        let (at, sentence) = self.sentence.take()?;
        self.word = None;
        if let Some(fault) = self.fault.take() {
            return Some(Err(fault));
        }
        self.records += 1;
        let record = self.records;
        Some(Ok((Position { record, ..at }, sentence)))
    }

    fn fatal(&mut self, error: WordNetError) -> Outcome {
        self.done = true;
        Err(error)
    }

    /// The first fault of a sentence is the one that is reported.
    fn fail(&mut self, at: Position, expected: &str, found: String) {
        let fault = WordNetError::syntax(at, expected, found);
        self.fault.get_or_insert(fault);
    }

    fn end_of_file(&mut self, at: Position) -> Option<Outcome> {
        self.done = true;
        let expected = if self.depth > 0 {
            "the end of <corpus>"
        } else if self.records == 0 {
            "<corpus> with a sentence"
        } else {
            return None;
        };
        let found = "the end of the file";
        Some(Err(WordNetError::syntax(at, expected, found)))
    }
}

impl<R: BufRead> Iterator for SemcorReader<R> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        self.read()
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<corpus lang=\"en\" source=\"semcor\">\n<text id=\"d0\">\n";
    const SENTENCE: &str = "<sentence id=\"d0.s0\">
<wf lemma=\"the\" pos=\"DET\">The</wf>
<instance id=\"d0.s0.t0\" lemma=\"grand_jury\" pos=\"NOUN\">grand jury</instance>
<instance id=\"d0.s0.t1\" lemma=\"say\" pos=\"VERB\">said</instance>
<wf lemma=\"&quot;\" pos=\".\">&quot;</wf>
</sentence>
";
    const END: &str = "</text>\n</corpus>\n";

    fn read(text: &str, buffer: usize) -> Vec<Result<SemcorSentence, String>> {
        let sentences = SemcorReader::new(BufReader::with_capacity(buffer, text.as_bytes()));
        let sentences = sentences.map(|s| s.map(|(_, s)| s).map_err(|e| e.to_string()));
        sentences.collect()
    }

    #[test]
    fn a_bad_sentence_between_two_good_ones_costs_itself() {
        let word = |id: &str, start, end, lemma: &str| TaggedWord {
            id: id.into(),
            start,
            end,
            lemma: lemma.into(),
        };
        let good = SemcorSentence {
            text_id: "d0".into(),
            id: "d0.s0".into(),
            token: ["The", "grand", "jury", "said", "\""].into(),
            upos: ["DET", "NOUN", "NOUN", "VERB", "."].into(),
            tagged: vec![
                word("d0.s0.t0", 1, 2, "grand jury"),
                word("d0.s0.t1", 3, 3, "say"),
            ],
        };
        let bad = SENTENCE.replace(" pos=\"VERB\"", "");
        let text = format!("{START}{SENTENCE}{bad}{SENTENCE}{END}");
        let found = read(&text, 4096);
        assert_eq!(found, read(&text, 1));
        let message = found[1].clone().unwrap_err();
        assert!(message.starts_with("line 13, byte "), "{message}");
        let expected = ": expected instance with the attribute pos, \
                        found <instance id=\"d0.s0.t1\" lemma=\"say\">";
        assert!(message.ends_with(expected), "{message}");
        assert_eq!(
            [&found[0], &found[2]],
            [&Ok(good.clone()), &Ok(good.clone())]
        );
        assert_eq!(found.len(), 3);
        assert_eq!(read(&text.replace('\n', "\r\n"), 7)[2], Ok(good));
        let empty = SENTENCE.replace(">said<", "> <");
        let found = read(&format!("{START}{empty}{END}"), 64);
        let message = found[0].clone().unwrap_err();
        assert!(
            message.ends_with("found a word without letters (say)"),
            "{message}"
        );
    }

    #[test]
    fn other_files_are_refused_and_a_file_may_be_cut_anywhere() {
        let message = |text: &str| read(text, 5).pop().unwrap().unwrap_err();
        let refused = message("<LexicalResource/>");
        let expected = "expected <corpus> of Raganato's format, found <LexicalResource>";
        assert!(refused.ends_with(expected), "{refused}");
        assert!(
            message("").ends_with("expected <corpus> with a sentence, found the end of the file")
        );
        let text = format!("{START}{SENTENCE}{END}");
        for end in 0..text.len() - "</corpus>\n".len() {
            assert!(
                read(&text[..end], 4096)
                    .pop()
                    .is_some_and(|last| last.is_err()),
                "{end}"
            );
        }
    }
}
