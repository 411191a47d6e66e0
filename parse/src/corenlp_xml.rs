//! The XML of `CoreNLP`.

mod sentence;

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use kprep_schemas::Position;
use memchr::memmem::Finder;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

pub(crate) use self::sentence::sentence;
use crate::pieces::{Emit, Gathering};
use crate::placed::{Place, Placed, placed};
use crate::read::broken;

/// Cuts out the elements called `sentence` of each `sentences`: those of coreference are numbers.
/// What is in them is not looked at, as long as it has neither comments nor the like.
pub(crate) fn cut<R: BufRead>(input: R, emit: Emit<'_>) -> ControlFlow<()> {
    let input = placed(input);
    let mut document = Document {
        place: input.place(),
        xml: Reader::from_reader(input),
        depth: 0,
        in_sentences: false,
        had_sentences: false,
        text: String::new(),
        gathering: Gathering::new(emit),
    };
    let mut buffer = Vec::new();
    loop {
        match document.step(&mut buffer) {
            Ok(Step::Next) => {}
            Ok(Step::Unheard) => return ControlFlow::Break(()),
            Ok(Step::End) => return document.gathering.end(None),
            Err(why) => {
                let error = broken(document.place.get(), &why);
                return document.gathering.end(Some(error));
            }
        }
    }
}

/// What an entity (`&amp;`, `&#39;`) stands for.
fn resolve(entity: &BytesRef<'_>) -> Result<String, String> {
    match entity.resolve_char_ref() {
        Ok(Some(char)) => Ok(char.into()),
        Ok(None) => resolve_xml_entity(entity)
            .map(str::to_owned)
            .ok_or_else(|| format!("expected an entity of XML, found &{};", &**entity)),
        Err(error) => Err(error.to_string()),
    }
}

/// What comes after a step.
enum Step {
    Next,
    /// The document has ended.
    End,
    /// Nobody listens any more.
    Unheard,
}

/// Where the reader is in an input.
struct Document<'e, R> {
    place: Place,
    xml: Reader<Placed<R>>,
    depth: usize,
    in_sentences: bool,
    /// Whether there was a list of sentences.
    had_sentences: bool,
    /// The text since the last tag.
    text: String,
    gathering: Gathering<'e>,
}

impl<R: BufRead> Document<'_, R> {
    fn step(&mut self, buffer: &mut Vec<u8>) -> Result<Step, String> {
        if self.text.is_empty() {
            // What is kept between two tags is text.
            self.place.limit();
        }
        let start = self.place.get();
        buffer.clear();
        match self
            .xml
            .read_event_into(buffer)
            .map_err(|e| e.to_string())?
        {
            Event::Start(tag) => {
                self.depth += 1;
                self.text.clear();
                match tag.name().0 {
                    "document" => self.gathering.begin_document(),
                    "sentences" => {
                        self.in_sentences = true;
                        self.had_sentences = true;
                    }
                    NAME if self.in_sentences => return self.sentence(&tag, start),
                    _ => {}
                }
            }
            Event::Empty(tag) => match tag.name().0 {
                "document" => self.gathering.begin_document(),
                "sentences" => self.had_sentences = true,
                NAME if self.in_sentences => {
                    self.begin(&tag);
                    self.gathering.bytes().extend_from_slice(END);
                    return Ok(self.add(start));
                }
                _ => {}
            },
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                match tag.name().0 {
                    "docId" => self.gathering.name_document(self.text.trim().to_owned()),
                    "sentences" => self.in_sentences = false,
                    _ => {}
                }
                self.text.clear();
            }
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::CData(text) => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => self.text.push_str(&resolve(&entity)?),
            Event::Eof if self.depth > 0 => return Err(ENDS_WITHIN.into()),
            Event::Eof if !self.had_sentences => {
                return Err("expected CoreNLP's XML, found no `sentences` element".into());
            }
            Event::Eof => return Ok(Step::End),
            _ => {}
        }
        Ok(Step::Next)
    }

    /// Cuts out the sentence of which the first tag was read, up to its last one.
    fn sentence(&mut self, tag: &BytesStart<'_>, start: Position) -> Result<Step, String> {
        self.begin(tag);
        match self.xml.get_mut().find(end_of_content) {
            Some(length) if is_plain(&self.xml.get_mut().following()[..length]) => {
                self.xml
                    .get_mut()
                    .take_found(length, self.gathering.bytes());
                self.gathering.bytes().extend_from_slice(END);
            }
            _ => self.read_content()?,
        }
        Ok(self.add(start))
    }

    fn begin(&mut self, tag: &BytesStart<'_>) {
        let bytes = self.gathering.bytes();
        bytes.push(b'<');
        bytes.extend_from_slice(tag.as_bytes());
        bytes.push(b'>');
    }

    fn add(&mut self, start: Position) -> Step {
        let position = self.place.begin_sentence(start);
        match self.gathering.add(position) {
            ControlFlow::Continue(()) => Step::Next,
            ControlFlow::Break(()) => Step::Unheard,
        }
    }

    /// Reads on to the sentence's end, tag by tag: a comment may hold what looks like it.
    fn read_content(&mut self) -> Result<(), String> {
        self.xml.get_mut().record();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self.xml.read_event_into(&mut buffer);
            match event.map_err(|error| error.to_string())? {
                Event::Start(_) => self.depth += 1,
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    if tag.name().0 == NAME {
                        break;
                    }
                }
                Event::Eof => return Err(ENDS_WITHIN.into()),
                _ => {}
            }
        }
        let read = self.xml.get_mut().recorded();
        self.gathering.bytes().extend_from_slice(&read);
        Ok(())
    }
}

const NAME: &str = "sentence";
const END: &[u8] = b"</sentence>";

/// What is wrong with a document that is cut off.
const ENDS_WITHIN: &str = "the input ends within an element";

/// Where a sentence's content ends, if it [is plain](is_plain).
fn end_of_content(following: &[u8], seen: usize) -> Option<usize> {
    static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(END));
    let from = seen.saturating_sub(END.len());
    FINDER.find(&following[from..]).map(|at| from + at)
}

/// Whether what looks like a tag in it is one: no comment, no CDATA, no other sentence.
fn is_plain(content: &[u8]) -> bool {
    static HIDES: LazyLock<[Finder<'_>; 3]> =
        LazyLock::new(|| ["<!", "<?", "<sentence"].map(Finder::new));
    HIDES.iter().all(|hides| hides.find(content).is_none())
}
