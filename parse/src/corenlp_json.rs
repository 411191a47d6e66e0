//! The JSON of `CoreNLP`.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;
use std::ops::ControlFlow;

use kprep_schemas::Position;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::arcs::{Arc, Arcs};
use crate::placed::{Place, placed};
use crate::tree::{Documents, Emit, broken};
use crate::{Error, Fault, Sentence, Structure};

pub(crate) fn read<R: BufRead>(input: R, structure: Structure, emit: Emit<'_>) -> ControlFlow<()> {
    let input = placed(input);
    let mut state = State {
        place: input.place(),
        documents: Documents::default(),
        structure,
        emit,
        stopped: false,
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    loop {
        match json.end() {
            Ok(()) => return ControlFlow::Continue(()),
            // Another document, which the next step reads.
            Err(error) if error.is_syntax() => {}
            Err(error) => return state.fail(&error),
        }
        if let Err(error) = json.deserialize_map(DocumentVisitor(&mut state)) {
            return state.fail(&error);
        }
        if state.stopped {
            return ControlFlow::Break(());
        }
    }
}

struct State<'a> {
    place: Place,
    documents: Documents,
    structure: Structure,
    emit: Emit<'a>,
    /// Whether nobody listens any more.
    stopped: bool,
}

impl State<'_> {
    fn fail(&mut self, error: &serde_json::Error) -> ControlFlow<()> {
        if self.stopped {
            return ControlFlow::Break(());
        }
        // The error knows a line and a column, but not those of the file.
        let message = error.to_string();
        let why = message.split(" at line ").next().unwrap_or_default();
        (self.emit)(Err(broken(self.place.get(), &why)))
    }

    /// Takes a sentence. What is wrong within it costs no more than the sentence.
    fn sentence(&mut self, json: &RawValue, at: Position) {
        let parsed = serde_json::from_str::<JsonSentence<'_>>(json.get())
            .map_err(|error| malformed(&error))
            .and_then(JsonSentence::arcs)
            .and_then(|arcs| arcs.sentence(at, self.structure));
        let mut sentence: crate::Result<Sentence> = parsed.map_err(|fault| Error::Sentence {
            position: at,
            fault,
        });
        if let Ok(sentence) = &mut sentence {
            self.documents.mark(sentence);
        }
        self.stopped = (self.emit)(sentence).is_break();
    }
}

/// A sentence with its basic dependencies and others, under their newer and older names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSentence<'a> {
    #[serde(borrow)]
    tokens: Vec<JsonToken<'a>>,
    #[serde(alias = "basic-dependencies", default)]
    basic_dependencies: Vec<JsonArc<'a>>,
    #[serde(borrow, alias = "collapsed-dependencies")]
    enhanced_dependencies: Option<&'a RawValue>,
    #[serde(borrow, alias = "collapsed-ccprocessed-dependencies")]
    enhanced_plus_plus_dependencies: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct JsonToken<'a> {
    index: usize,
    #[serde(borrow)]
    word: Cow<'a, str>,
    #[serde(borrow, default)]
    pos: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct JsonArc<'a> {
    #[serde(borrow)]
    dep: Cow<'a, str>,
    governor: usize,
    dependent: usize,
}

impl JsonSentence<'_> {
    fn arcs(self) -> Result<Arcs, Fault> {
        let mut arcs = Arcs::default();
        let others = self
            .enhanced_dependencies
            .or(self.enhanced_plus_plus_dependencies);
        if let Some(others) = others {
            let others: Vec<JsonArc<'_>> =
                serde_json::from_str(others.get()).map_err(|error| malformed(&error))?;
            arcs.others(others.into_iter().map(Arc::from).collect());
        }
        for token in &self.tokens {
            arcs.word(token.index, &token.word, token.pos.as_deref())?;
        }
        for arc in self.basic_dependencies {
            arcs.arc(arc.into());
        }
        Ok(arcs)
    }
}

impl From<JsonArc<'_>> for Arc {
    fn from(arc: JsonArc<'_>) -> Self {
        Self {
            label: arc.dep.into_owned(),
            governor: arc.governor,
            dependent: arc.dependent,
            to_copy: false,
        }
    }
}

fn malformed(error: &serde_json::Error) -> Fault {
    Fault::Syntax {
        expected: "a sentence of CoreNLP".into(),
        found: error.to_string(),
    }
}

/// Reads a document and keeps nothing of it.
struct DocumentVisitor<'s, 'e>(&'s mut State<'e>);

impl<'de> Visitor<'de> for DocumentVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document of CoreNLP: an object with `sentences`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.documents.begin();
        let mut sentences = false;
        loop {
            self.0.place.limit();
            let Some(key) = map.next_key::<String>()? else {
                break;
            };
            match key.as_str() {
                "docId" => self.0.documents.name(map.next_value()?),
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
struct SentencesSeed<'s, 'e>(&'s mut State<'e>);

impl<'de> DeserializeSeed<'de> for SentencesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SentencesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of sentences")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            self.0.place.limit();
            let Some(json) = list.next_element::<Box<RawValue>>()? else {
                break;
            };
            let at = self.0.place.begin_sentence(self.0.place.before(json.get()));
            self.0.sentence(&json, at);
            if self.0.stopped {
                return Err(serde::de::Error::custom("nobody listens any more"));
            }
        }
        Ok(())
    }
}
