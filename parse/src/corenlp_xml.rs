//! The XML of `CoreNLP`.

use std::io::BufRead;
use std::mem;
use std::ops::ControlFlow;

use kprep_schemas::Position;
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::arcs::{Arc, Arcs};
use crate::placed::{Place, placed};
use crate::row::{number, quoted};
use crate::tree::{Documents, Emit, broken};
use crate::{Error, Fault, Result, Sentence, Structure};

pub(crate) fn read<R: BufRead>(input: R, structure: Structure, emit: Emit<'_>) -> ControlFlow<()> {
    let input = placed(input);
    let mut document = Document {
        place: input.place(),
        documents: Documents::default(),
        structure,
        in_sentences: false,
        had_sentences: false,
        sentence: None,
        list: List::Unwanted,
        text: String::new(),
    };
    document.place.limit();
    let mut xml = Reader::from_reader(input);
    let mut buffer = Vec::new();
    let mut depth = 0usize;
    loop {
        let start = document.place.get();
        buffer.clear();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return emit(Err(broken(document.place.get(), &error))),
        };
        match event {
            Event::Start(tag) => {
                depth += 1;
                document.start(&tag, start);
            }
            Event::Empty(tag) => {
                document.start(&tag, start);
                document.end(tag.name().0, emit)?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                document.end(tag.name().0, emit)?;
            }
            Event::Text(text) => document.text.push_str(&text.xml10_content()),
            Event::CData(text) => document.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => match resolve(&entity) {
                Ok(text) => document.text.push_str(&text),
                Err(why) => return emit(Err(broken(document.place.get(), &why))),
            },
            Event::Eof if depth > 0 => {
                let why = "the input ends within an element";
                return emit(Err(broken(document.place.get(), &why)));
            }
            Event::Eof if !document.had_sentences => {
                let why = "expected CoreNLP's XML, found no `sentences` element";
                return emit(Err(broken(document.place.get(), &why)));
            }
            Event::Eof => return ControlFlow::Continue(()),
            _ => {}
        }
    }
}

/// What an entity (`&amp;`, `&#39;`) stands for.
fn resolve(entity: &BytesRef<'_>) -> std::result::Result<String, String> {
    match entity.resolve_char_ref() {
        Ok(Some(char)) => Ok(char.into()),
        Ok(None) => resolve_xml_entity(entity)
            .map(str::to_owned)
            .ok_or_else(|| format!("expected an entity of XML, found &{};", &**entity)),
        Err(error) => Err(error.to_string()),
    }
}

/// Where the reader is in a document.
struct Document {
    place: Place,
    documents: Documents,
    structure: Structure,
    /// Whether elements called `sentence` are sentences: those of coreference are numbers.
    in_sentences: bool,
    /// Whether there was a list of sentences.
    had_sentences: bool,
    sentence: Option<Building>,
    /// What `dep` elements are.
    list: List,
    /// The text since the last tag.
    text: String,
}

/// A list of dependencies.
enum List {
    Basic,
    /// Collapsed or enhanced ones, so far.
    Others(Vec<Arc>),
    /// One of several lists of collapsed or enhanced ones, or none.
    Unwanted,
}

/// A sentence on the way.
struct Building {
    position: Position,
    parts: Arcs,
    fault: Option<Fault>,
    id: Option<usize>,
    form: String,
    tag: Option<String>,
    arc: Arc,
    /// An arc that collapsing added.
    extra: bool,
}

/// The value of an attribute, if it is there and well-formed.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    let value = unescape(&attribute.value).ok()?;
    Some(value.into_owned())
}

impl Document {
    fn start(&mut self, tag: &BytesStart<'_>, at: Position) {
        self.text.clear();
        let name = tag.name().0;
        match (name, &mut self.sentence) {
            ("document", None) => self.documents.begin(),
            ("sentences", None) => {
                self.in_sentences = true;
                self.had_sentences = true;
            }
            ("sentence", None) if self.in_sentences => {
                self.sentence = Some(Building::new(self.place.begin_sentence(at)));
            }
            ("token", Some(sentence)) => {
                sentence.id = attribute(tag, "id").as_deref().and_then(number);
                sentence.form.clear();
                sentence.tag = None;
            }
            ("dep", Some(sentence)) => {
                let label = attribute(tag, "type");
                if label.is_none() {
                    sentence.fail(Fault::Syntax {
                        expected: "a dep with a type".into(),
                        found: quoted(tag),
                    });
                }
                sentence.extra = attribute(tag, "extra").as_deref() == Some("true");
                sentence.arc = Arc {
                    label: label.unwrap_or_default(),
                    ..Arc::default()
                };
            }
            ("governor", Some(sentence)) => sentence.arc.governor = index(tag),
            ("dependent", Some(sentence)) => {
                sentence.arc.dependent = index(tag);
                sentence.arc.to_copy = attribute(tag, "copy").is_some();
            }
            (_, Some(sentence)) if name.ends_with("dependencies") => {
                let kind = attribute(tag, "type");
                self.list = match kind.as_deref().unwrap_or(name) {
                    "basic-dependencies" => List::Basic,
                    _ if sentence.parts.wants_others() => List::Others(Vec::new()),
                    _ => List::Unwanted,
                };
            }
            _ => {}
        }
        self.limit();
    }

    /// Begins to count anew what is kept, but for a sentence, which is kept whole.
    fn limit(&self) {
        if self.sentence.is_none() {
            self.place.limit();
        }
    }

    fn end(&mut self, name: &str, emit: Emit<'_>) -> ControlFlow<()> {
        let text = self.text.trim();
        match (name, &mut self.sentence) {
            ("docId", None) => self.documents.name(text.to_owned()),
            ("sentences", None) => self.in_sentences = false,
            ("word", Some(sentence)) => sentence.form.push_str(text),
            ("POS", Some(sentence)) => sentence.tag = Some(text.to_owned()),
            ("token", Some(sentence)) => sentence.end_word(),
            ("dep", Some(sentence)) => sentence.end_arc(&mut self.list),
            ("sentence", Some(_)) => {
                if let Some(sentence) = self.sentence.take() {
                    let mut sentence = sentence.finish(self.structure);
                    if let Ok(sentence) = &mut sentence {
                        self.documents.mark(sentence);
                    }
                    emit(sentence)?;
                }
            }
            (_, Some(sentence)) if name.ends_with("dependencies") => {
                if let List::Others(arcs) = mem::replace(&mut self.list, List::Unwanted) {
                    sentence.parts.others(arcs);
                }
            }
            _ => {}
        }
        self.text.clear();
        self.limit();
        ControlFlow::Continue(())
    }
}

/// The number of a word; one that is missing or none is out of range.
fn index(tag: &BytesStart<'_>) -> usize {
    let index = attribute(tag, "idx").as_deref().and_then(number);
    index.unwrap_or(usize::MAX)
}

impl Building {
    fn new(position: Position) -> Self {
        Self {
            position,
            parts: Arcs::default(),
            fault: None,
            id: None,
            form: String::new(),
            tag: None,
            arc: Arc::default(),
            extra: false,
        }
    }

    fn end_word(&mut self) {
        let id = self.id.unwrap_or(0);
        let word = self.parts.word(id, &self.form, self.tag.as_deref());
        if let Err(fault) = word {
            self.fail(fault);
        }
    }

    /// The first fault is the one that is told.
    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    fn end_arc(&mut self, list: &mut List) {
        let arc = mem::take(&mut self.arc);
        match list {
            List::Basic if !self.extra => self.parts.arc(arc),
            List::Others(arcs) => arcs.push(arc),
            List::Basic | List::Unwanted => {}
        }
    }

    fn finish(self, structure: Structure) -> Result<Sentence> {
        let position = self.position;
        let sentence = match self.fault {
            Some(fault) => Err(fault),
            None => self.parts.sentence(position, structure),
        };
        sentence.map_err(|fault| Error::Sentence { position, fault })
    }
}
