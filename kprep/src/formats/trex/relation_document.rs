//! Rows of a relation dataset put together to the document that they come from, in T-REx's JSON.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use kprep_schemas::{RelationExample, Unfit, Words};

use super::json::{Bytes, Document, Node, Triple, XML_SCHEMA, item_uri, property_uri};

/// A document of T-REx as far as its rows tell it.
///
/// Its text is the sentences that have rows, in the order in which they come, with a space between
/// them: what stood between and around them is lost, so that places in the document, and the ids of
/// rows that are made of them, are others than in the source. Everything else of a row comes back
/// when the document is aligned again. A fact that a sentence has already at the same place must
/// come from the same sentence elsewhere in the document: it gets a copy of the sentence.
///
/// Memory: the rows of one document.
#[derive(Debug)]
pub struct RelationDocument {
    id: String,
    title: String,
    text: String,
    /// Code points in `text`.
    points: i32,
    sentences: Vec<(i32, i32)>,
    words: Vec<(i32, i32)>,
    facts: Vec<Fact>,
    /// The copies of a sentence: where each starts, and the facts that it has.
    known: HashMap<(String, Words), Vec<Copy>>,
}

#[derive(Debug)]
struct Copy {
    number: usize,
    facts: BTreeSet<(Span, Span, String)>,
}

type Span = (i32, i32);

#[derive(Debug)]
struct Fact {
    sentence: usize,
    subject: Span,
    object: Span,
    subject_uri: String,
    relation: String,
    object_uri: String,
    aligners: Words,
}

impl RelationDocument {
    /// The document that `row` comes from, without any row yet.
    pub fn of(row: &RelationExample) -> Self {
        Self {
            id: row.doc_id.clone(),
            title: row.title.clone(),
            text: String::new(),
            points: 0,
            sentences: Vec::new(),
            words: Vec::new(),
            facts: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Whether `row` comes from this document.
    pub fn has(&self, row: &RelationExample) -> bool {
        self.id == row.doc_id && self.title == row.title
    }

    /// Adds a row of the document.
    ///
    /// # Errors
    /// [`Unfit::WordsNotInText`] and [`Unfit::MentionOffWords`]; the document is as it was then.
    pub fn add(&mut self, row: &RelationExample) -> Result<(), Unfit> {
        let words = words(row).ok_or(Unfit::WordsNotInText)?;
        let subject = (row.subj_char_start, row.subj_char_end);
        let object = (row.obj_char_start, row.obj_char_end);
        let mentions = [
            (row.subj_start, row.subj_end, subject),
            (row.obj_start, row.obj_end, object),
        ];
        for (first, last, span) in mentions {
            let place = words
                .get(first as usize)
                .zip(words.get(last as usize))
                .map(|(first, last)| (first.0, last.1));
            if place != Some(span) {
                return Err(Unfit::MentionOffWords);
            }
        }
        let fact = (subject, object, row.relation.clone());
        let key = (row.text.clone(), row.token.clone());
        let copies = self.known.entry(key).or_default();
        let free = copies.iter_mut().find(|copy| !copy.facts.contains(&fact));
        let sentence = if let Some(copy) = free {
            copy.facts.insert(fact);
            copy.number
        } else {
            let number = self.sentences.len();
            copies.push(Copy {
                number,
                facts: BTreeSet::from([fact]),
            });
            self.start_sentence(&row.text, &words);
            number
        };
        let start = self.sentences[sentence].0;
        let moved = |(from, to): Span| (start + from, start + to);
        self.facts.push(Fact {
            sentence,
            subject: moved(subject),
            object: moved(object),
            subject_uri: entity_uri(&row.subj_id),
            relation: property_uri(&row.relation),
            object_uri: object_uri(row),
            aligners: row.aligners.clone(),
        });
        Ok(())
    }

    fn start_sentence(&mut self, text: &str, words: &[Span]) {
        if !self.text.is_empty() {
            self.text.push(' ');
            self.points += 1;
        }
        let start = self.points;
        self.text.push_str(text);
        self.points += text.chars().count() as i32;
        self.sentences.push((start, self.points));
        let moved = words.iter().map(|&(from, to)| (start + from, start + to));
        self.words.extend(moved);
    }

    /// Whether no row was added.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Writes the document, with nothing around it: a triple for each row and aligner.
    ///
    /// # Errors
    /// Whatever writing fails with.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let bytes = Bytes::of(&self.text);
        let mut triples = Vec::new();
        let mut entities = Vec::new();
        for fact in &self.facts {
            // A row without an aligner is a triple without one.
            let nobody = fact.aligners.is_empty().then_some("");
            for annotator in fact.aligners.iter().chain(nobody) {
                let node = |(start, end): Span, uri| Node {
                    boundaries: Some((start, end)),
                    surfaceform: bytes.slice(start, end),
                    uri: Cow::Borrowed(uri),
                    annotator,
                };
                let subject = node(fact.subject, fact.subject_uri.as_str());
                let object = node(fact.object, fact.object_uri.as_str());
                entities.extend([subject.clone(), object.clone()]);
                triples.push(Triple {
                    sentence_id: fact.sentence as i32,
                    predicate: Node {
                        boundaries: None,
                        surfaceform: None,
                        uri: Cow::Borrowed(&fact.relation),
                        annotator,
                    },
                    object,
                    dependency_path: None,
                    confidence: None,
                    subject,
                    annotator: (!annotator.is_empty()).then_some(annotator),
                });
            }
        }
        let place = |node: &Node<'_>| (node.boundaries, node.uri.to_string());
        entities.sort_by_cached_key(place);
        entities.dedup_by(|a, b| a.boundaries == b.boundaries && a.uri == b.uri);
        let document = Document {
            docid: &self.id,
            title: &self.title,
            text: &self.text,
            uri: &self.id,
            entities,
            words_boundaries: self.words.clone(),
            triples,
            sentences_boundaries: self.sentences.clone(),
        };
        document.write(out)
    }
}

/// Where the words stand in the text, in code points: each the first time after the one before it.
fn words(row: &RelationExample) -> Option<Vec<Span>> {
    let (mut byte, mut point) = (0, 0);
    let mut spans = Vec::with_capacity(row.token.len());
    for token in row.token.iter() {
        let at = row.text[byte..].find(token)?;
        let start = point + row.text[byte..byte + at].chars().count() as i32;
        point = start + token.chars().count() as i32;
        byte += at + token.len();
        spans.push((start, point));
    }
    Some(spans)
}

/// A subject that is no item of Wikidata stands for itself.
fn entity_uri(id: &str) -> String {
    let number = id.strip_prefix('Q').unwrap_or_default();
    let is_item = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_item { item_uri(id) } else { id.to_owned() }
}

fn object_uri(row: &RelationExample) -> String {
    let datatype = match row.obj_type.as_str() {
        "item" => return entity_uri(&row.obj_id),
        "time" => "dateTime",
        "quantity" => "decimal",
        _ => "string",
    };
    format!("{}^^{XML_SCHEMA}{datatype}", row.obj_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::example;

    #[test]
    fn a_fact_twice_is_a_sentence_twice() {
        let mut row = example();
        let mut document = RelationDocument::of(&row);
        assert!(document.has(&row) && document.is_empty());
        assert_eq!(document.add(&row), Ok(()));
        row.relation = "P2".into();
        assert_eq!(document.add(&row), Ok(()));
        assert_eq!(document.text, row.text);
        assert_eq!(document.add(&row), Ok(()));
        assert_eq!(document.text, format!("{0} {0}", row.text));
        assert_eq!(document.facts.len(), 3);
        let mut written = Vec::new();
        document.write(&mut written).unwrap();
        let read: kprep_schemas::trex::Document<'_> = serde_json::from_slice(&written).unwrap();
        assert_eq!(
            (&*read.text, read.triples.len() >= 3),
            (&*document.text, true)
        );
    }

    #[test]
    fn what_does_not_fit_says_so() {
        let mut row = example();
        let mut document = RelationDocument::of(&row);
        row.subj_char_end += 1;
        assert_eq!(document.add(&row), Err(Unfit::MentionOffWords));
        row.token = ["nobody"].into();
        assert_eq!(document.add(&row), Err(Unfit::WordsNotInText));
        assert!(document.is_empty());
    }
}
