//! Triples of a document to facts at a place in a sentence.

use std::ops::Range;

use kprep_schemas::trex::{Document, Mention, Triple};
use kprep_schemas::{RelationExample, Words, stable_id};
use rustc_hash::{FxHashMap, FxHashSet};

use self::choose::{choose_labels, leave_tests_out};
use crate::boundaries::WordsAndSentences;
use crate::offsets::{Offsets, Unit};
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
    bounds: WordsAndSentences,
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
        let offsets = Offsets::new(&document.text);
        let told = &offsets;
        let mentions = || {
            let triples = document.triples.iter();
            let nodes = triples.flat_map(|triple| [&triple.subject, &triple.object]);
            nodes.filter_map(move |node| told_by_surface(node, told))
        };
        let words = document.words_boundaries.as_slice();
        let sentences = document.sentences_boundaries.as_slice();
        Self {
            id: &document.docid,
            title: &document.title,
            bounds: WordsAndSentences::new(words, sentences, told, mentions),
            offsets,
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
        let (words, sentences) = (&self.bounds.words, &self.bounds.sentences);
        if sentences.is_empty() || words.is_empty() {
            return Err((Loss::NoBoundaries, String::new()));
        }
        let sentence = self.sentence(&subject_points, &object_points)?;
        self.check_words(&sentence)?;
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
        let Some(surface) = mention.surfaceform.as_deref() else {
            let span = self.offsets.span(boundaries, self.bounds.unit);
            return span.ok_or_else(outside);
        };
        if let Some(span) = told_by_surface(mention, &self.offsets) {
            return Ok(span);
        }
        let span = self.offsets.span(boundaries, Unit::CodePoint);
        let text = span.and_then(|span| self.offsets.slice(&span));
        let text = text.ok_or_else(outside)?;
        Err((
            Loss::SurfaceFormDiffers,
            format!("{text:?} is not {surface:?}"),
        ))
    }

    /// The sentence that holds both spans. Sentences are looked up by place and not by
    /// `sentence_id`, which may be null.
    fn sentence(
        &self,
        subject: &Range<usize>,
        object: &Range<usize>,
    ) -> Result<Range<usize>, (Loss, String)> {
        let (start, end) = (subject.start.min(object.start), subject.end.max(object.end));
        let sentences = self.bounds.sentences.as_slice();
        let candidates = &sentences[..sentences.partition_point(|s| s.start <= start)];
        let sentence = candidates.last().filter(|sentence| end <= sentence.end);
        let within = sentence.cloned().unwrap_or(start..end);
        if let Some(misfit) = self.bounds.sentences.misfit_in(&within) {
            return Err((Loss::SentenceBoundaries, format!("{misfit:?}")));
        }
        let different = || (Loss::DifferentSentences, String::new());
        sentence.cloned().ok_or_else(different)
    }

    /// Refuses a sentence of which not all words are known.
    fn check_words(&self, sentence: &Range<usize>) -> Result<(), (Loss, String)> {
        let words = &self.bounds.words;
        if let Some(misfit) = words.misfit_in(sentence) {
            return Err((Loss::WordBoundaries, format!("{misfit:?}")));
        }
        if let Some(word) = words.cut_by(sentence) {
            let word = self.offsets.slice(word).unwrap_or_default();
            let detail = format!("the word {word:?} is not wholly in its sentence");
            return Err((Loss::WordBoundaries, detail));
        }
        Ok(())
    }

    /// The words of a mention, or with `snap` all words that it touches.
    fn span(
        &self,
        points: &Range<usize>,
        sentence: &Range<usize>,
        snap: bool,
        loss: Loss,
    ) -> Result<Span, (Loss, String)> {
        let words = self.bounds.words.as_slice();
        let first = words.partition_point(|word| word.end <= points.start);
        let end = words.partition_point(|word| word.start < points.end);
        let off = || {
            (
                loss,
                self.offsets.slice(points).unwrap_or_default().to_owned(),
            )
        };
        let words = words
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

/// Where the text is a mention's surface form, which tells what its boundaries count: code points,
/// else UTF-16 units.
fn told_by_surface(mention: &Mention<'_>, offsets: &Offsets<'_>) -> Option<Range<usize>> {
    let (boundaries, surface) = mention.boundaries.zip(mention.surfaceform.as_deref())?;
    [Unit::CodePoint, Unit::Utf16].into_iter().find_map(|unit| {
        let span = offsets.span(boundaries, unit)?;
        (offsets.slice(&span) == Some(surface)).then_some(span)
    })
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
