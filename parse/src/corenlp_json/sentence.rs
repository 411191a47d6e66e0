//! One sentence of `CoreNLP`'s JSON.

use std::borrow::Cow;
use std::str;

use kprep_schemas::Position;
use memchr::memchr_iter;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reason;
use crate::arcs::{Arc, Arcs};
use crate::read::broken;
use crate::{Error, Fault, Result, Sentence, Structure};

/// Parses an element of `sentences`, which stands at `position`. What is wrong in it costs no more
/// than the sentence, unless it is no JSON.
pub(crate) fn sentence(json: &[u8], position: Position, structure: Structure) -> Result<Sentence> {
    let parsed = match serde_json::from_slice::<JsonSentence<'_>>(json) {
        Ok(sentence) => sentence.arcs(),
        Err(error) => match serde_json::from_slice::<&RawValue>(json) {
            Ok(_) => Err(malformed(&error)),
            Err(error) => {
                let at = place(json, &error, position);
                return Err(broken(at, &reason(&error)));
            }
        },
    };
    let sentence = parsed.and_then(|arcs| arcs.sentence(position, structure));
    sentence.map_err(|fault| Error::Sentence { position, fault })
}

/// How far into the file an element was read that stands at `position`.
fn place(json: &[u8], error: &serde_json::Error, position: Position) -> Position {
    let line_starts = memchr_iter(b'\n', json).map(|at| at + 1);
    let line_start = match error.line() {
        0 | 1 => 0,
        line => line_starts.clone().nth(line - 2).unwrap_or(json.len()),
    };
    let read = json.len().min(line_start + error.column());
    let lines = line_starts.take_while(|&start| start <= read).count() as u64;
    Position {
        byte: position.byte + read as u64,
        line: position.line + lines,
        ..position
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
    fn arcs(self) -> std::result::Result<Arcs, Fault> {
        let mut arcs = Arcs::default();
        let others = self
            .enhanced_dependencies
            .or(self.enhanced_plus_plus_dependencies);
        if let Some(others) = others.filter(|_| self.basic_dependencies.is_empty()) {
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
