//! One sentence of `CoreNLP`'s XML.

use std::mem;
use std::str;

use kprep_schemas::Position;
use memchr::{memchr_iter, memmem};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::{ENDS_WITHIN, NAME, is_plain, resolve};
use crate::arcs::{Arc, Arcs};
use crate::read::broken;
use crate::row::{number, quoted};
use crate::{Error, Fault, Result, Sentence, Structure};

/// Parses an element `sentence`, which stands at `position`.
pub(crate) fn sentence(xml: &[u8], position: Position, structure: Structure) -> Result<Sentence> {
    let mut reader = Reader::from_reader(xml);
    let mut building = Building::default();
    loop {
        let read = building.step(&mut reader);
        match read {
            Ok(false) => {}
            Ok(true) => return building.finish(position, structure),
            Err(why) => {
                let read = &xml[..xml.len() - reader.get_ref().len()];
                let lines = memchr_iter(b'\n', read).count() as u64;
                let at = Position {
                    byte: position.byte + read.len() as u64,
                    line: position.line + lines,
                    ..position
                };
                return Err(broken(at, &why));
            }
        }
    }
}

/// A sentence on the way.
#[derive(Default)]
struct Building {
    parts: Arcs,
    /// The first thing that is wrong with it.
    fault: Option<Fault>,
    /// The word that is read: its number, its form and its tag.
    id: Option<usize>,
    form: String,
    tag: Option<String>,
    /// The dependency that is read.
    arc: Arc,
    /// It was added by collapsing.
    extra: bool,
    /// What `dep` elements are.
    list: List,
    /// The text since the last tag.
    text: String,
}

/// A list of dependencies.
#[derive(Default)]
enum List {
    Basic,
    /// Collapsed or enhanced ones, so far.
    Others(Vec<Arc>),
    /// One of several lists of collapsed or enhanced ones, or none.
    #[default]
    Unwanted,
}

impl Building {
    /// Reads up to the next tag or text. True at the sentence's end.
    fn step(&mut self, xml: &mut Reader<&[u8]>) -> std::result::Result<bool, String> {
        match xml.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                self.start(&tag);
                if tag.name().0.ends_with(LIST) && matches!(self.list, List::Unwanted) {
                    skip(xml, tag.name().0);
                }
            }
            Event::Empty(tag) => {
                self.start(&tag);
                return Ok(self.end(tag.name().0));
            }
            Event::End(tag) => return Ok(self.end(tag.name().0)),
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::CData(text) => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => self.text.push_str(&resolve(&entity)?),
            Event::Eof => return Err(ENDS_WITHIN.into()),
            _ => {}
        }
        Ok(false)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        self.text.clear();
        let name = tag.name().0;
        match name {
            "token" => {
                self.id = attribute(tag, "id").as_deref().and_then(number);
                self.form.clear();
                self.tag = None;
            }
            "dep" => {
                let label = attribute(tag, "type");
                if label.is_none() {
                    self.fail(Fault::Syntax {
                        expected: "a dep with a type".into(),
                        found: quoted(tag),
                    });
                }
                self.extra = attribute(tag, "extra").as_deref() == Some("true");
                self.arc = Arc {
                    label: label.unwrap_or_default(),
                    ..Arc::default()
                };
            }
            "governor" => self.arc.governor = index(tag),
            "dependent" => {
                self.arc.dependent = index(tag);
                self.arc.to_copy = attribute(tag, "copy").is_some();
            }
            _ if name.ends_with(LIST) => {
                let kind = attribute(tag, "type");
                self.list = match kind.as_deref().unwrap_or(name) {
                    "basic-dependencies" => List::Basic,
                    _ if self.parts.wants_others() => List::Others(Vec::new()),
                    _ => List::Unwanted,
                };
            }
            _ => {}
        }
    }

    /// True at the sentence's end.
    fn end(&mut self, name: &str) -> bool {
        let text = self.text.trim();
        match name {
            NAME => return true,
            "word" => self.form.push_str(text),
            "POS" => self.tag = Some(text.to_owned()),
            "token" => {
                let id = self.id.unwrap_or(0);
                let word = self.parts.word(id, &self.form, self.tag.as_deref());
                if let Err(fault) = word {
                    self.fail(fault);
                }
            }
            "dep" => {
                let arc = mem::take(&mut self.arc);
                match &mut self.list {
                    List::Basic if !self.extra => self.parts.arc(arc),
                    List::Others(arcs) => arcs.push(arc),
                    List::Basic | List::Unwanted => {}
                }
            }
            _ if name.ends_with(LIST) => {
                if let List::Others(arcs) = mem::take(&mut self.list) {
                    self.parts.others(arcs);
                }
            }
            _ => {}
        }
        self.text.clear();
        false
    }

    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    fn finish(self, position: Position, structure: Structure) -> Result<Sentence> {
        let sentence = match self.fault {
            Some(fault) => Err(fault),
            None => self.parts.sentence(position, structure),
        };
        sentence.map_err(|fault| Error::Sentence { position, fault })
    }
}

/// How the names of elements end that hold dependencies.
const LIST: &str = "dependencies";

/// Goes on at the end of an element that nobody wants, unless something in it hides where that is.
fn skip(xml: &mut Reader<&[u8]>, name: &str) {
    let rest = *xml.get_ref();
    let end = format!("</{name}");
    if let Some(length) = memmem::find(rest, end.as_bytes())
        && is_plain(&rest[..length])
    {
        *xml.get_mut() = &rest[length..];
    }
}

/// The value of an attribute, if it is there and well-formed.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    let value = unescape(&attribute.value).ok()?;
    Some(value.into_owned())
}

/// The number of a word; one that is missing or none is out of range.
fn index(tag: &BytesStart<'_>) -> usize {
    let index = attribute(tag, "idx").as_deref().and_then(number);
    index.unwrap_or(usize::MAX)
}
