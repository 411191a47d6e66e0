//! Triples of a document to facts at a place in a sentence.

use std::ops::Range;

use kprep_schemas::trex::Document;
use kprep_schemas::{RelationExample, Words, stable_id};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use self::choose::{choose_labels, leave_tests_out};
pub use self::document::AlignedDocument;
use crate::{FactKey, Loss, Lost, Object, TestSets};

mod choose;
mod document;

/// What may be chosen about the way from triples to facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Widen mentions to whole words instead of losing them.
    pub snap: bool,
    /// Relations to leave out.
    pub drop: FxHashSet<String>,
    /// What to do where a pair of spans has several relations.
    pub multi_label: MultiLabel,
    /// What no row may have.
    pub exclude: TestSets,
}

/// What to do where a pair of spans has several relations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MultiLabel {
    /// Keep a row for each.
    #[default]
    All,
    /// Keep the one that the document names first.
    First,
    /// Keep none.
    Drop,
}

/// What a document gave.
pub struct Aligned<'a> {
    /// The document, from which facts become rows.
    pub doc: AlignedDocument<'a>,
    /// The facts, in the order in which their triples stand.
    pub facts: Vec<Fact<'a>>,
    /// The triples that gave none, in their order.
    pub lost: Vec<Lost>,
}

/// What a document gives, whichever relations are kept in the end: the work of a first pass, which
/// a second one need not do again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRows {
    pub(crate) doc_id: String,
    /// Its triples.
    pub(crate) triples: u64,
    /// The facts as rows without a label, each with the number of its first triple.
    pub(crate) rows: Vec<(usize, RelationExample)>,
    pub(crate) lost: Vec<Lost>,
}

/// A fact found in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<'a> {
    /// Number of its first triple in the document.
    pub triple: usize,
    /// Wikidata property.
    pub relation: &'a str,
    /// Wikidata id of the subject.
    pub subject: &'a str,
    /// The object.
    pub object: Object<'a>,
    /// Who found it: sorted, distinct.
    pub aligners: Vec<&'a str>,
    place: Place,
}

/// Where a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    /// The sentence's code points.
    sentence: Range<usize>,
    subject: Span,
    object: Span,
}

/// A mention that consists of whole words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Span {
    points: Range<usize>,
    /// Numbers of the words in the document.
    words: Range<usize>,
}

/// Finds the facts of a document: triples whose two mentions stand in one sentence on word
/// boundaries, each fact at each place once.
pub fn align<'a>(document: &'a Document<'a>, options: &Options) -> Aligned<'a> {
    let doc = AlignedDocument::new(document);
    let mut facts: Vec<Fact<'a>> = Vec::new();
    let mut lost = Vec::new();
    let mut seen: FxHashMap<(Place, &str), usize> = FxHashMap::default();
    for (number, triple) in document.triples.iter().enumerate() {
        let losing = |(loss, detail)| Lost {
            triple: number,
            loss,
            detail,
        };
        let fact = match doc.fact(number, triple, options.snap) {
            Ok(fact) => fact,
            Err(reason) => {
                lost.push(losing(reason));
                continue;
            }
        };
        let first = *seen
            .entry((fact.place.clone(), fact.relation))
            .or_insert(facts.len());
        if first < facts.len() {
            facts[first].add_aligners(&fact.aligners);
            lost.push(losing((Loss::Duplicate, fact.relation.to_owned())));
        } else {
            facts.push(fact);
        }
    }
    facts.retain(|fact| {
        let excluded = options.drop.contains(fact.relation);
        if excluded {
            lost.push(fact.lost(Loss::RelationExcluded));
        }
        !excluded
    });
    leave_tests_out(&doc, &mut facts, &mut lost, &options.exclude);
    choose_labels(&mut facts, &mut lost, options.multi_label);
    lost.sort_by_key(|lost| lost.triple);
    Aligned { doc, facts, lost }
}

impl Aligned<'_> {
    /// The facts as rows, of a document with so many triples.
    pub fn into_rows(self, triples: usize) -> DocumentRows {
        let Self { doc, facts, lost } = self;
        let rows = facts
            .iter()
            .map(|fact| (fact.triple, fact.to_row(&doc, None)));
        DocumentRows {
            doc_id: doc.id().to_owned(),
            triples: triples as u64,
            rows: rows.collect(),
            lost,
        }
    }
}

impl DocumentRows {
    /// What counting needs of the rows.
    pub fn keys(&self) -> impl Iterator<Item = FactKey> {
        let rows = self.rows.iter();
        rows.map(|(_, row)| FactKey::new(&row.id, &row.relation, &row.subj_id, &row.obj_id))
    }

    /// Why triples gave no row.
    pub fn losses(&self) -> impl Iterator<Item = Loss> {
        self.lost.iter().map(|lost| lost.loss)
    }
}

impl<'a> Fact<'a> {
    fn add_aligners(&mut self, aligners: &[&'a str]) {
        self.aligners.extend(aligners);
        self.aligners.sort_unstable();
        self.aligners.dedup();
    }

    /// The loss of this fact.
    pub fn lost(&self, loss: Loss) -> Lost {
        Lost {
            triple: self.triple,
            loss,
            detail: self.relation.to_owned(),
        }
    }

    /// A stable id of the fact at its place. Two documents with one `docid` and the same sentence
    /// at the same place give the same id.
    fn id(&self, doc: &AlignedDocument<'_>) -> String {
        let Place {
            sentence,
            subject,
            object,
        } = &self.place;
        let numbers = [&subject.points, &object.points]
            .map(|points| [points.start.to_le_bytes(), points.end.to_le_bytes()].concat());
        let text = doc.offsets.slice(sentence).unwrap_or_default();
        stable_id([
            doc.id.as_bytes(),
            text.as_bytes(),
            &numbers[0],
            &numbers[1],
            self.subject.as_bytes(),
            self.relation.as_bytes(),
            self.object.id.as_bytes(),
        ])
    }

    /// The fact as a row of a relation dataset.
    pub fn to_row(&self, doc: &AlignedDocument<'_>, label: Option<i64>) -> RelationExample {
        let Place {
            sentence,
            subject,
            object,
        } = &self.place;
        let words = doc.bounds.words.as_slice();
        let first_word = words.partition_point(|word| word.start < sentence.start);
        let text = doc.offsets.slice(sentence).unwrap_or_default();
        let words = words[first_word..]
            .iter()
            .take_while(|word| word.end <= sentence.end);
        let mut token = Words::with_capacity(words.clone().count(), text.len());
        token.extend(words.map(|word| doc.offsets.slice(word).unwrap_or_default()));
        let point = |point: usize| (point - sentence.start) as i32;
        let word = |word: usize| (word - first_word) as i32;
        RelationExample {
            id: self.id(doc),
            doc_id: doc.id.to_owned(),
            title: doc.title.to_owned(),
            text: text.to_owned(),
            token,
            subj_start: word(subject.words.start),
            subj_end: word(subject.words.end - 1),
            obj_start: word(object.words.start),
            obj_end: word(object.words.end - 1),
            subj_char_start: point(subject.points.start),
            subj_char_end: point(subject.points.end),
            obj_char_start: point(object.points.start),
            obj_char_end: point(object.points.end),
            subj_id: self.subject.to_owned(),
            obj_id: self.object.id.to_owned(),
            obj_type: self.object.kind.to_owned(),
            relation: self.relation.to_owned(),
            label,
            aligners: self.aligners.iter().collect(),
        }
    }
}
