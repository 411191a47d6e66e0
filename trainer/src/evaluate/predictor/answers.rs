//! Answers out of the paragraphs of a question.

use kprep_schemas::QuestionExample;

use super::{Predictor, Said, said};
use crate::Result;
use crate::data::examples::Source;
use crate::evaluate::official_score::spans::Spans;
use crate::model::heads;

/// The best span of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its words.
    pub text: String,
    /// Which of the question's paragraphs it stands in, from 0.
    pub paragraph: usize,
    /// How much its logits are above those of no answer in the paragraph.
    pub score: f64,
}

impl Predictor {
    /// The best spans of all paragraphs of some questions, at most `top`; the first is the answer as the scores of
    /// fine-tuning count it. A question that fills the longest input is too long; of a paragraph the end is cut.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn answers(&self, questions: &[&QuestionExample], top: usize) -> Result<Vec<Said<Found>>> {
        let limit = self.config.length_limit();
        let (store, counts) = self.read(questions, |question, words, counts| {
            question.examples(words, limit, counts)
        });
        let mut spans = Spans::default();
        for (examples, batch, logits) in self.logits(&store) {
            spans.add(&examples, &heads::predictions(&logits, &batch))?;
        }
        let ranked = spans.ranked(&store).into_iter();
        let found = ranked.map(|(spans, _)| {
            let best = spans.iter().take(top).map(|span| Found {
                text: span.text().to_owned(),
                paragraph: span.number,
                score: span.above,
            });
            best.collect()
        });
        Ok(said(&counts, found.collect()))
    }
}
