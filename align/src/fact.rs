//! Triples of a document to facts at a place in a sentence.

use std::ops::Range;

use kprep_schemas::trex::{Boundaries, Document, Mention, Triple};
use kprep_schemas::{RelationExample, Words, stable_id};
use rustc_hash::{FxHashMap, FxHashSet};

use self::choose::{choose_labels, leave_tests_out};
use crate::offsets::Offsets;
use crate::{FactKey, Loss, Lost, Object, TestSets, object, property, subject};

mod choose;

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

/// A document on the way to its rows.
pub struct AlignedDocument<'a> {
    id: &'a str,
    title: &'a str,
    offsets: Offsets<'a>,
    sentences: Vec<Range<usize>>,
    words: Vec<Range<usize>>,
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
            lost.push(losing((Loss::Duplicate, String::new())));
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

impl<'a> AlignedDocument<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        // Boundaries that are no range cannot hold anything; leaving them out loses what they
        // would have held, which is counted there.
        let ranges = |boundaries: &[Boundaries]| {
            let mut ranges: Vec<_> = boundaries.iter().filter_map(|&b| range(b)).collect();
            // Nearly always so, and sorting takes memory even then.
            if !ranges.is_sorted_by_key(|range| range.start) {
                ranges.sort_by_key(|range| range.start);
            }
            ranges
        };
        Self {
            id: &document.docid,
            title: &document.title,
            offsets: Offsets::new(&document.text),
            sentences: ranges(&document.sentences_boundaries),
            words: ranges(&document.words_boundaries),
        }
    }

    /// The document's id.
    pub fn id(&self) -> &'a str {
        self.id
    }

    fn fact(
        &self,
        number: usize,
        triple: &'a Triple<'a>,
        snap: bool,
    ) -> Result<Fact<'a>, (Loss, String)> {
        let uri = &triple.predicate.uri;
        let relation = property(uri).ok_or_else(|| (Loss::NotAProperty, uri.to_string()))?;
        let subject_points = self.points(&triple.subject, Loss::SubjectWithoutSpan)?;
        let object_points = self.points(&triple.object, Loss::ObjectWithoutSpan)?;
        if self.sentences.is_empty() || self.words.is_empty() {
            return Err((Loss::NoBoundaries, String::new()));
        }
        let sentence = self
            .sentence(&subject_points, &object_points)
            .ok_or((Loss::DifferentSentences, String::new()))?;
        let place = Place {
            subject: self.span(&subject_points, &sentence, snap, Loss::SubjectOffWords)?,
            object: self.span(&object_points, &sentence, snap, Loss::ObjectOffWords)?,
            sentence,
        };
        Ok(Fact {
            triple: number,
            relation,
            subject: subject(&triple.subject.uri),
            object: object(&triple.object.uri),
            aligners: triple.annotator.as_deref().into_iter().collect(),
            place,
        })
    }

    /// The mention's code points. Offsets that came from Java count UTF-16 units in documents
    /// with characters outside the basic plane; the surface form tells which they are.
    fn points(&self, mention: &Mention<'_>, missing: Loss) -> Result<Range<usize>, (Loss, String)> {
        let boundaries = mention.boundaries.ok_or((missing, String::new()))?;
        let outside = || (Loss::SpanOutsideText, format!("{boundaries:?}"));
        let span = range(boundaries).ok_or_else(outside)?;
        let text = self.offsets.slice(&span);
        let Some(surface) = mention.surfaceform.as_deref() else {
            return text.map(|_| span).ok_or_else(outside);
        };
        if text == Some(surface) {
            return Ok(span);
        }
        if let Some(span) = self.offsets.utf16_to_points(&span)
            && self.offsets.slice(&span) == Some(surface)
        {
            return Ok(span);
        }
        let text = text.ok_or_else(outside)?;
        Err((
            Loss::SurfaceFormDiffers,
            format!("{text:?} is not {surface:?}"),
        ))
    }

    /// The sentence that holds both spans. Sentences are looked up by place and not by
    /// `sentence_id`, which may be null.
    fn sentence(&self, subject: &Range<usize>, object: &Range<usize>) -> Option<Range<usize>> {
        let (start, end) = (subject.start.min(object.start), subject.end.max(object.end));
        let candidates = &self.sentences[..self.sentences.partition_point(|s| s.start <= start)];
        candidates
            .last()
            .filter(|sentence| end <= sentence.end)
            .cloned()
    }

    /// The words of a mention, or with `snap` all words that it touches.
    fn span(
        &self,
        points: &Range<usize>,
        sentence: &Range<usize>,
        snap: bool,
        loss: Loss,
    ) -> Result<Span, (Loss, String)> {
        let first = self.words.partition_point(|word| word.end <= points.start);
        let end = self.words.partition_point(|word| word.start < points.end);
        let off = || {
            (
                loss,
                self.offsets.slice(points).unwrap_or_default().to_owned(),
            )
        };
        let words = self
            .words
            .get(first..end)
            .filter(|words| !words.is_empty())
            .ok_or_else(off)?;
        let whole = words[0].start..words[words.len() - 1].end;
        let inside = sentence.start <= whole.start && whole.end <= sentence.end;
        if inside && (snap || whole == *points) {
            Ok(Span {
                points: whole,
                words: first..end,
            })
        } else {
            Err(off())
        }
    }
}

fn range((start, end): Boundaries) -> Option<Range<usize>> {
    let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
    (!range.is_empty()).then_some(range)
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
    pub fn id(&self, doc: &AlignedDocument<'_>) -> String {
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

    /// What counting needs of the fact.
    pub fn key(&self, doc: &AlignedDocument<'_>) -> FactKey {
        FactKey::new(&self.id(doc), self.relation, self.subject, self.object.id)
    }

    /// The fact as a row of a relation set.
    pub fn to_row(&self, doc: &AlignedDocument<'_>, label: Option<i64>) -> RelationExample {
        let Place {
            sentence,
            subject,
            object,
        } = &self.place;
        let first_word = doc
            .words
            .partition_point(|word| word.start < sentence.start);
        let text = doc.offsets.slice(sentence).unwrap_or_default();
        let words = doc.words[first_word..]
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
