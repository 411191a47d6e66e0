//! Answers out of several paragraphs: the best span of a question over all of its paragraphs.

use tch::Tensor;

use super::Official;
use crate::Result;
use crate::examples::Answer;
use crate::scoring::{answers, mean};
use crate::store::Store;

/// The best span of each paragraph that was scored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spans(Vec<(usize, Answer, f64)>);

impl Spans {
    /// Adds what [`crate::heads::predictions`] says of some examples.
    pub(crate) fn add(&mut self, examples: &[usize], predicted_b3: &Tensor) -> Result<()> {
        let numbers = Vec::<f64>::try_from(predicted_b3.flatten(0, -1))?;
        for (&i, row) in examples.iter().zip(numbers.chunks(3)) {
            let &[start, end, above] = row else { continue };
            let answer = Answer {
                start: start as u16,
                end: end as u16,
            };
            self.0.push((i, answer, above));
        }
        Ok(())
    }

    /// The answer to each question and the right ones. An answer is the span, of all paragraphs', that is most above its
    /// paragraph's score of no answer.
    fn answered<'a>(&self, store: &'a Store) -> Vec<(&'a str, &'a [String])> {
        let mut all = self.0.clone();
        all.sort_by_key(|&(i, _, _)| i);
        let mut questions: Vec<(&str, &[String], f64)> = Vec::new();
        for (i, answer, above) in all {
            let Some(paragraph) = store.targets().paragraph(i) else {
                continue;
            };
            if let Some(golds) = &paragraph.golds {
                questions.push(("", golds, f64::NEG_INFINITY));
            }
            if let Some((text, _, best)) = questions.last_mut()
                && above > *best
            {
                (*text, *best) = (paragraph.cut(answer), above);
            }
        }
        let questions = questions.into_iter();
        questions.map(|(text, golds, _)| (text, golds)).collect()
    }

    /// Questions, and how many of them are answered exactly.
    pub(crate) fn exact(&self, store: &Store) -> (u64, u64) {
        let all = self.answered(store);
        let exact = all
            .iter()
            .filter(|(text, golds)| answers::exact_match(text, golds));
        (all.len() as u64, exact.count() as u64)
    }

    /// F1, by which the benchmarks are ranked, and exact match.
    pub(crate) fn official(&self, store: &Store) -> Official {
        let all = self.answered(store);
        let of = |score: fn(&str, &[String]) -> f64| {
            mean(
                &all.iter()
                    .map(|(text, golds)| score(text, golds))
                    .collect::<Vec<_>>(),
            )
        };
        let exact = of(|text, golds| f64::from(u8::from(answers::exact_match(text, golds))));
        Official::new("F1", of(answers::f1), &[("exact_match", exact)])
    }
}
