//! The JSON of `CoreNLP`.

mod sentence;

use std::cell::RefCell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use kprep_schemas::Position;
use memchr::{memchr2, memchr3};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use self::sentence::sentence;
use crate::pieces::{Emit, Gathering};
use crate::placed::{Place, Placed, placed};
use crate::read::broken;

/// Cuts out the elements of `sentences` of each document. The end of each is found by its braces
/// and quotes; what is in them is not looked at.
pub(crate) fn cut<R: BufRead>(input: R, emit: Emit<'_>) -> ControlFlow<()> {
    let input = placed(input);
    let place = input.place();
    let input = Shared::new(input);
    let mut state = State {
        input: input.clone(),
        place,
        gathering: Gathering::new(emit),
        stopped: false,
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    let fault = loop {
        match json.end() {
            Ok(()) => break None,
            // Another document, which the next step reads.
            Err(error) if error.is_syntax() => {}
            Err(error) => break Some(error),
        }
        if let Err(error) = json.deserialize_map(DocumentVisitor(&mut state)) {
            break Some(error);
        }
    };
    if state.stopped {
        return ControlFlow::Break(());
    }
    let fault = fault.map(|error| broken(state.place.get(), &reason(&error)));
    state.gathering.end(fault)
}

/// What is wrong, without the line and the column: they are not those of the file.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let why = message.split(" at line ").next().unwrap_or_default();
    why.to_owned()
}

struct State<'e, R> {
    /// What the deserializer reads.
    input: Shared<R>,
    place: Place,
    gathering: Gathering<'e>,
    /// Whether nobody listens any more.
    stopped: bool,
}

/// An input that is read in two ways by turns: by the deserializer, and past it.
struct Shared<R> {
    input: Rc<RefCell<Placed<R>>>,
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        let input = Rc::clone(&self.input);
        Self { input }
    }
}

impl<R> Shared<R> {
    fn new(input: Placed<R>) -> Self {
        let input = Rc::new(RefCell::new(input));
        Self { input }
    }
}

impl<R: BufRead> Read for Shared<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.input.borrow_mut().read(into)
    }
}

/// Finds the brace that closes an object of which the first one was read.
struct Braces {
    depth: u32,
    in_string: bool,
    /// How far it has come.
    at: usize,
}

impl Braces {
    fn close(&mut self, following: &[u8]) -> Option<usize> {
        while let Some(rest) = following.get(self.at..) {
            let hit = if self.in_string {
                memchr2(b'"', b'\\', rest)
            } else {
                memchr3(b'"', b'{', b'}', rest)
            };
            let Some(hit) = hit else {
                self.at = following.len();
                break;
            };
            self.at += hit + 1;
            match rest[hit] {
                b'"' => self.in_string = !self.in_string,
                b'\\' => self.at += 1,
                b'{' => self.depth += 1,
                _ if self.depth == 1 => return Some(self.at - 1),
                _ => self.depth -= 1,
            }
        }
        None
    }
}

impl<R: BufRead> State<'_, R> {
    /// Takes the rest of an object of which the deserializer has looked at the first brace, and
    /// leaves the last one to it. False, and nothing is taken, if that brace is not found.
    fn take_object(&mut self) -> bool {
        let mut input = self.input.input.borrow_mut();
        let mut braces = Braces {
            depth: 1,
            in_string: false,
            at: 0,
        };
        let Some(length) = input.find(|following, _| braces.close(following)) else {
            return false;
        };
        let bytes = self.gathering.bytes();
        bytes.push(b'{');
        input.take_found(length, bytes);
        bytes.push(b'}');
        true
    }

    fn add(&mut self, at: Position) {
        let at = self.place.begin_sentence(at);
        self.stopped = self.gathering.add(at).is_break();
    }
}

/// Reads a document and keeps nothing of it.
struct DocumentVisitor<'s, 'e, R>(&'s mut State<'e, R>);

impl<'de, R: BufRead> Visitor<'de> for DocumentVisitor<'_, '_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document of CoreNLP: an object with `sentences`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.gathering.begin_document();
        let mut sentences = false;
        loop {
            self.0.place.limit();
            let Some(key) = map.next_key::<String>()? else {
                break;
            };
            match key.as_str() {
                "docId" => self.0.gathering.name_document(map.next_value()?),
                "sentences" => {
                    sentences = true;
                    map.next_value_seed(SentencesSeed(self.0))?;
                }
                _ => {
                    self.0.place.unlimit();
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        self.0.place.unlimit();
        if sentences {
            Ok(())
        } else {
            Err(serde::de::Error::missing_field("sentences"))
        }
    }
}

/// Reads the sentences of a document one by one.
struct SentencesSeed<'s, 'e, R>(&'s mut State<'e, R>);

impl<'de, R: BufRead> DeserializeSeed<'de> for SentencesSeed<'_, '_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, R: BufRead> Visitor<'de> for SentencesSeed<'_, '_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of sentences")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            self.0.place.limit();
            if list.next_element_seed(SentenceSeed(self.0))?.is_none() {
                return Ok(());
            }
            if self.0.stopped {
                return Err(serde::de::Error::custom("nobody listens any more"));
            }
        }
    }
}

/// Cuts out a sentence.
struct SentenceSeed<'s, 'e, R>(&'s mut State<'e, R>);

impl<'de, R: BufRead> DeserializeSeed<'de> for SentenceSeed<'_, '_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let state = self.0;
        // The deserializer has looked at the first byte that is not blank, and no further.
        let begun = state.place.get();
        if state.place.last() == b'{' && state.take_object() {
            IgnoredAny::deserialize(json)?;
            state.add(Position {
                byte: begun.byte - 1,
                ..begun
            });
        } else {
            let json = Box::<RawValue>::deserialize(json)?;
            state
                .gathering
                .bytes()
                .extend_from_slice(json.get().as_bytes());
            state.add(state.place.before(json.get()));
        }
        Ok(())
    }
}
