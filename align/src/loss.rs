//! Why a triple gives no row of its own.

use serde::{Deserialize, Serialize};

/// Each way to lose a triple, in the order of the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Loss {
    /// The subject is not mentioned (most `NoSubject` triples).
    SubjectWithoutSpan,
    /// The object is not mentioned.
    ObjectWithoutSpan,
    /// A span is empty or leaves the text.
    SpanOutsideText,
    /// The text at the span is not the surface form, neither in code points nor in UTF-16 units.
    SurfaceFormDiffers,
    /// The predicate is not a Wikidata property.
    NotAProperty,
    /// The document gives no sentence or word boundaries.
    NoBoundaries,
    /// Boundaries of a sentence do not fit the text where the spans are.
    SentenceBoundaries,
    /// No sentence holds both spans.
    DifferentSentences,
    /// Boundaries of a word do not fit the text in the sentence, or the sentence cuts a word.
    WordBoundaries,
    /// The subject does not begin and end with a word.
    SubjectOffWords,
    /// The object does not begin and end with a word.
    ObjectOffWords,
    /// The same fact at the same spans, found by another aligner or twice.
    Duplicate,
    /// The same row came from a document read before.
    RepeatedDocument,
    /// Another relation of the same spans was preferred (`--multi-label`).
    OtherRelation,
    /// A test set has the pair (`--exclude`).
    TestPair,
    /// A test set has the sentence, and not the pair.
    TestSentence,
    /// The relation was excluded (`--drop`).
    RelationExcluded,
    /// The relation has too few pairs or rows.
    BelowThreshold,
    /// The relation has enough, and is not among the labels (`--labels`).
    NotAmongLabels,
}

impl Loss {
    /// All losses in order.
    pub const ALL: [Self; 19] = [
        Self::SubjectWithoutSpan,
        Self::ObjectWithoutSpan,
        Self::SpanOutsideText,
        Self::SurfaceFormDiffers,
        Self::NotAProperty,
        Self::NoBoundaries,
        Self::SentenceBoundaries,
        Self::DifferentSentences,
        Self::WordBoundaries,
        Self::SubjectOffWords,
        Self::ObjectOffWords,
        Self::Duplicate,
        Self::RepeatedDocument,
        Self::OtherRelation,
        Self::TestPair,
        Self::TestSentence,
        Self::RelationExcluded,
        Self::BelowThreshold,
        Self::NotAmongLabels,
    ];

    /// The stage of what test sets have. It is there only where rows were lost in it.
    pub(crate) const NOT_TESTED: &'static str = "in no test set";

    /// The reason in words, for the funnel and the rejects.
    pub fn reason(self) -> &'static str {
        match self {
            Self::SubjectWithoutSpan => "subject not mentioned",
            Self::ObjectWithoutSpan => "object not mentioned",
            Self::SpanOutsideText => "span outside the text",
            Self::SurfaceFormDiffers => "text at the span is not the surface form",
            Self::NotAProperty => "predicate is not a property",
            Self::NoBoundaries => "document without sentence or word boundaries",
            Self::SentenceBoundaries => "sentence boundaries that do not fit the text",
            Self::DifferentSentences => "subject and object not in one sentence",
            Self::WordBoundaries => "word boundaries that do not fit the text",
            Self::SubjectOffWords => "subject off word boundaries",
            Self::ObjectOffWords => "object off word boundaries",
            Self::Duplicate => "same fact at the same spans",
            Self::RepeatedDocument => "row of a document read before",
            Self::OtherRelation => "another relation at the same spans",
            Self::TestPair => "pair of a test set",
            Self::TestSentence => "sentence of a test set",
            Self::RelationExcluded => "relation excluded",
            Self::BelowThreshold => "relation below the threshold",
            Self::NotAmongLabels => "relation not among the labels",
        }
    }

    /// The funnel's stage that this loss belongs to.
    pub fn stage(self) -> &'static str {
        match self {
            Self::SubjectWithoutSpan
            | Self::ObjectWithoutSpan
            | Self::SpanOutsideText
            | Self::SurfaceFormDiffers
            | Self::NotAProperty => "both spans",
            Self::NoBoundaries | Self::SentenceBoundaries | Self::DifferentSentences => {
                "same sentence"
            }
            Self::WordBoundaries | Self::SubjectOffWords | Self::ObjectOffWords => {
                "on word boundaries"
            }
            Self::Duplicate | Self::RepeatedDocument | Self::OtherRelation => "distinct",
            Self::TestPair | Self::TestSentence => Self::NOT_TESTED,
            Self::RelationExcluded | Self::BelowThreshold | Self::NotAmongLabels => "relation kept",
        }
    }
}

/// One lost triple.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Its number in the document, from 0.
    pub triple: usize,
    /// Why.
    pub loss: Loss,
    /// What was found, where the reason alone does not say it.
    pub detail: String,
}

/// Triples by the way they were lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LossCounts([u64; Loss::ALL.len()]);

impl LossCounts {
    /// Counts one more.
    pub fn add(&mut self, loss: Loss) {
        self.0[loss as usize] += 1;
    }

    /// The most frequent loss with its count, if there is any. Repetitions do not count: what
    /// became of the first one is what matters.
    pub fn largest(&self) -> Option<(Loss, u64)> {
        let losses = Loss::ALL
            .into_iter()
            .filter(|loss| !matches!(loss, Loss::Duplicate | Loss::RepeatedDocument));
        losses
            .map(|loss| (loss, self.get(loss)))
            .max_by_key(|&(_, count)| count)
            .filter(|&(_, count)| count > 0)
    }

    /// How many were lost so.
    pub fn get(&self, loss: Loss) -> u64 {
        self.0[loss as usize]
    }
}

impl Extend<Loss> for LossCounts {
    fn extend<T: IntoIterator<Item = Loss>>(&mut self, losses: T) {
        for loss in losses {
            self.add(loss);
        }
    }
}
