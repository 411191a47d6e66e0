//! Where a triple's two mentions stand in its document.

use std::ops::Range;

use kprep_schemas::trex::{Document, Mention, Triple};

use super::{Fact, Place, Span};
use crate::boundaries::WordsAndSentences;
use crate::offsets::{Offsets, Unit};
use crate::{Loss, object, property, subject};

/// A document on the way to its rows.
pub struct AlignedDocument<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) offsets: Offsets<'a>,
    pub(super) bounds: WordsAndSentences,
}

impl<'a> AlignedDocument<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Self {
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

    /// The fact that a triple is, or why it is none.
    pub(super) fn fact(
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
        let text = span
            .and_then(|span| self.offsets.slice(&span))
            .ok_or_else(outside)?;
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
