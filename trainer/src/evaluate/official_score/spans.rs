//! Answers out of several paragraphs: the best span of a question over all of its paragraphs.

use tch::Tensor;

use super::Official;
use crate::Result;
use crate::data::paragraph::{Answer, Paragraph};
use crate::evaluate::scoring::{answers, mean};

/// The best span of each paragraph that was scored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spans(Vec<(usize, Answer, f64)>);

/// The best span of a paragraph.
pub(crate) struct Span<'a> {
    paragraph: &'a Paragraph,
    /// Which of the question's paragraphs it is, from 0.
    pub(crate) number: usize,
    answer: Answer,
    /// How much the span is above the score of no answer in the paragraph.
    pub(crate) above: f64,
}

impl<'a> Span<'a> {
    /// Its words.
    pub(crate) fn text(&self) -> &'a str {
        self.paragraph.cut(self.answer)
    }
}

impl Spans {
    /// Adds the best spans of some examples, b × 3: first and last token, and how much each is above no answer.
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

    /// How many spans there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The spans of each question, the best first, and the right answers. The best is the one, of all paragraphs', that
    /// is most above its paragraph's score of no answer; of equals, that of the first paragraph. A paragraph without a
    /// word has none.
    /// `paragraph` is that of an example.
    pub(crate) fn ranked<'a>(
        &self,
        paragraph: impl Fn(usize) -> Option<&'a Paragraph>,
    ) -> Vec<(Vec<Span<'a>>, &'a [String])> {
        let mut all = self.0.clone();
        all.sort_by_key(|&(i, _, _)| i);
        let mut questions: Vec<(Vec<Span>, &[String])> = Vec::new();
        let mut first = 0;
        for (i, answer, above) in all {
            let Some(paragraph) = paragraph(i) else {
                continue;
            };
            if let Some(golds) = &paragraph.golds {
                questions.push((Vec::new(), golds));
                first = i;
            }
            if let Some((spans, _)) = questions.last_mut()
                && above > f64::NEG_INFINITY
            {
                spans.push(Span {
                    paragraph,
                    number: i - first,
                    answer,
                    above,
                });
            }
        }
        for (spans, _) in &mut questions {
            spans.sort_by(|a, b| b.above.total_cmp(&a.above)); // stable
        }
        questions
    }

    /// The answer to each question and the right ones.
    fn answered<'a>(
        &self,
        paragraph: impl Fn(usize) -> Option<&'a Paragraph>,
    ) -> Vec<(&'a str, &'a [String])> {
        let questions = self.ranked(paragraph).into_iter();
        let best = |spans: &[Span<'a>]| spans.first().map_or("", Span::text);
        questions
            .map(|(spans, golds)| (best(&spans), golds))
            .collect()
    }

    /// Questions, and how many of them are answered exactly.
    pub(crate) fn exact<'a>(
        &self,
        paragraph: impl Fn(usize) -> Option<&'a Paragraph>,
    ) -> (u64, u64) {
        let all = self.answered(paragraph);
        let exact = all
            .iter()
            .filter(|(text, golds)| answers::exact_match(text, golds));
        (all.len() as u64, exact.count() as u64)
    }

    /// F1, by which the benchmarks are ranked, and exact match.
    pub(crate) fn official<'a>(
        &self,
        paragraph: impl Fn(usize) -> Option<&'a Paragraph>,
    ) -> Official {
        let all = self.answered(paragraph);
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

#[cfg(test)]
mod tests {
    use super::*;
    /// A paragraph of three words, each a token, behind two tokens of the question.
    fn example(text: &str, golds: Option<&str>) -> Paragraph {
        Paragraph {
            golds: golds.map(|gold| vec![gold.to_owned()]),
            text: text.to_owned(),
            places: vec![2, 3, 4, 5],
        }
    }

    #[test]
    fn a_question_s_spans_are_ranked_over_its_paragraphs_and_the_first_of_equals_wins() {
        let examples = [
            example("a b c", Some("b")),
            example("d e f", None),
            example("g h i", None),
            example("k l m", Some("k")),
        ];
        let paragraph = |i: usize| Some(&examples[i]);
        let mut spans = Spans::default();
        let none = f64::NEG_INFINITY;
        let add = |spans: &mut Spans, examples: &[usize], rows: &[f64]| {
            spans.add(examples, &Tensor::from_slice(rows)).unwrap();
        };
        // In any order, as batches of similar lengths are.
        add(&mut spans, &[3, 2], &[2.0, 2.0, none, 4.0, 4.0, -1.0]);
        add(&mut spans, &[1, 0], &[2.0, 3.0, 0.5, 3.0, 3.0, 0.5]);
        let ranked = spans.ranked(paragraph);
        let found: Vec<_> = ranked[0]
            .0
            .iter()
            .map(|span| (span.text(), span.number, span.above))
            .collect();
        assert_eq!(found, [("b", 0, 0.5), ("d e", 1, 0.5), ("i", 2, -1.0)]);
        assert!(ranked.len() == 2 && ranked[1].0.is_empty());
        assert_eq!(spans.exact(paragraph), (2, 1));
    }
}
