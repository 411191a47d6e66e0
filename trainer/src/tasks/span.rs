//! Answers in paragraphs: where the answer to a question starts and ends (SearchQA, Quasar-T).
//!
//! Shapes: b = paragraph, t = position; the last dimension of the logits is start and end.

use kprep_schemas::QuestionExample;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::LengthLimit;
use crate::config::{Benchmark, Config, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow, place};
use crate::data::paragraph::{Answer, Paragraph};
use crate::data::questions::NumberedQuestion;
use crate::data::running_text as text;
use crate::data::store::Store;
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::{Names, Scores};
use crate::evaluate::official_score::spans::Spans;
use crate::evaluate::scorer::Scorer;
use crate::model::dropout::DropoutRng;
use crate::model::heads::side_by_side;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::model::span;
use crate::tasks::TaskDefinition;
use crate::tasks::predictor::{AnyPredictor, Found, Predictor, PredictsFrom, Said, said};

/// The answer to a question in a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanTarget {
    /// Its tokens; `None` if it is not there.
    pub answer: Option<Answer>,
    /// The paragraph's first token.
    pub first: u16,
    /// What scores need of the text; `None` in the training split.
    pub paragraph: Option<Box<Paragraph>>,
}

/// `<s> question </s> paragraph </s>` for each paragraph. The target is the first place of an answer in it; where there
/// is none, or it was cut off with the paragraph's end, it is the first token. A question whose own words leave no room
/// is too long; rows are paragraphs.
impl TrainingRow for QuestionExample {
    type Target = SpanTarget;
    type Targets = SpanTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<SpanTarget>> {
        counts.read += self.paragraphs.len() as u64;
        let (start, end) = (words.vocabulary().start, words.vocabulary().end);
        let mut front = vec![start];
        text::push(&mut front, &self.question, words);
        front.push(end);
        if front.len() + 2 > max_length {
            counts.too_long += self.paragraphs.len() as u64;
            return Vec::new();
        }
        let paragraphs = (0..).zip(self.paragraphs.iter());
        let examples = paragraphs.map(|(number, paragraph)| {
            let mut ids = front.clone();
            let mut places = Vec::new();
            for (from, to) in text::spans(paragraph) {
                places.push(place(ids.len()));
                ids.extend_from_slice(words.tokens(&paragraph[from..to]));
            }
            places.push(place(ids.len())); // behind the last word
            if ids.len() >= max_length {
                counts.truncated += 1;
                ids.truncate(max_length - 1);
            }
            let last = ids.len();
            ids.push(end);
            counts.kept += 1;
            Example {
                target: SpanTarget {
                    answer: first_answer(self, number, paragraph, &places, last),
                    first: place(front.len()),
                    paragraph: Some(Box::new(Paragraph {
                        golds: (number == 0)
                            .then(|| self.answers.iter().map(str::to_owned).collect()),
                        text: paragraph.to_owned(),
                        places,
                    })),
                },
                ids,
            }
        });
        examples.collect()
    }

    fn forget_text(target: &mut SpanTarget) {
        target.paragraph = None;
    }

    fn collate(examples: &[(&SpanTarget, usize)], _: &Config, _: usize) -> SpanTargets {
        let token = |of: fn(Answer) -> u16| {
            let answers = examples.iter().map(|(target, _)| target.answer);
            int64(answers.map(|answer| usize::from(answer.map_or(0, of))))
        };
        SpanTargets {
            start_b: token(|answer| answer.start),
            end_b: token(|answer| answer.end),
            first_b: int64(examples.iter().map(|(target, _)| target.first.into())),
            length_b: int64(examples.iter().map(|&(_, length)| length)),
        }
    }
}

/// The tokens of the first answer in a paragraph, before token `last`. It begins and ends with whole words.
fn first_answer(
    row: &QuestionExample,
    number: i32,
    paragraph: &str,
    places: &[u16],
    last: usize,
) -> Option<Answer> {
    let i = row.answer_paragraph.iter().position(|&own| own == number)?;
    let (before, answer, _) = text::cut(paragraph, row.answer_start[i], row.answer_end[i]);
    let (from, to) = (before.len(), before.len() + answer.len());
    let words = (0..).zip(text::spans(paragraph));
    let mut words = words.filter(|&(_, (start, end))| start < to && end > from);
    let (first_word, _) = words.next()?;
    let last_word = words.last().map_or(first_word, |(word, _)| word);
    let (start, end) = (places[first_word], places[last_word + 1].checked_sub(1)?);
    (usize::from(end) < last).then_some(Answer { start, end })
}

/// The answer of each paragraph. All int64.
pub struct SpanTargets {
    /// Its first token; the paragraph's input starts with 0 where there is none.
    pub start_b: Tensor,
    /// Its last token.
    pub end_b: Tensor,
    /// The first token of the paragraph.
    pub first_b: Tensor,
    /// Tokens of the input.
    pub length_b: Tensor,
}

impl Targets for SpanTargets {
    fn labels(&self) -> i64 {
        self.start_b.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            start_b: self.start_b.to_device(device),
            end_b: self.end_b.to_device(device),
            first_b: self.first_b.to_device(device),
            length_b: self.length_b.to_device(device),
        }
    }
}

/// The task.
pub struct Span;

impl TaskDefinition for Span {
    const TASK: Task = Task::Span;
    const NAME: &'static str = "span";
    const FIGURES: Names = Names {
        score: "exact match",
        baseline: "no answer",
    };
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> =
        Some(|model| AnyPredictor::Paragraphs(Box::new(model)));
    /// The paragraphs of a question are scored together or not at all.
    const IS_SCORED_WHOLE: bool = true;
    type Row = QuestionExample;
    type Head = Pair;
    type Scorer = SpanScorer;

    fn benchmark(dataset: &str, _: &[String]) -> std::result::Result<Benchmark, &'static str> {
        let name = dataset.to_lowercase();
        let mut told = [Benchmark::Searchqa, Benchmark::QuasarT].into_iter();
        told.find(|one| {
            let plain = one.name().split('-').next().unwrap_or_default();
            name.contains(plain)
        })
        .ok_or("name the benchmark, searchqa or quasar-t, before the flags")
    }

    fn specs(_: &Config, _: i64, features: i64, _: i64) -> Vec<Spec> {
        Spec::linear("head", features, 2).to_vec()
    }

    fn head(_: &Config, params: &Params) -> Result<Pair> {
        Pair::new(params, "head")
    }

    fn reads<'a>(_: &Pair, _: &'a SpanTargets) -> Option<&'a Tensor> {
        None
    }

    /// b × t × 2.
    fn logits(
        head: &Pair,
        features: &[Tensor],
        _: &Batch<QuestionExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        head.linear(&side_by_side(features), Kind::Float)
    }

    fn loss(_: &Pair, logits_bt2: &Tensor, targets: &SpanTargets) -> Tensor {
        let ends = [&targets.start_b, &targets.end_b];
        span::loss(logits_bt2, ends, &targets.length_b)
    }

    /// b × 3: first and last token, and by how much the span is above no answer.
    fn predict(logits_bt2: &Tensor, targets: &SpanTargets) -> Tensor {
        span::best(logits_bt2, &targets.first_b, &targets.length_b)
    }
}

/// Exact match and F1 over words, of the best span of all of a question's paragraphs. The baseline answers nothing.
#[derive(Clone, Default)]
pub struct SpanScorer(Spans);

/// The paragraph of an example, in a split that is scored.
fn paragraph<'a>(store: &'a Store<QuestionExample>) -> impl Fn(usize) -> Option<&'a Paragraph> {
    move |i| store.targets()[i].paragraph.as_deref()
}

impl Scorer<QuestionExample> for SpanScorer {
    fn new(_: &Store<QuestionExample>, _: &Config) -> Self {
        Self::default()
    }

    fn add(
        &mut self,
        _: &Store<QuestionExample>,
        examples: &[usize],
        _: &SpanTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.0.add(examples, predicted)
    }

    fn scores(&self, store: &Store<QuestionExample>, _: &[String]) -> Scores {
        let (questions, exact) = self.0.exact(paragraph(store));
        Scores {
            official: Some(self.0.official(paragraph(store))),
            ..Scores::of_counts(self.0.len() as u64, [questions, exact, 0])
        }
    }
}

impl PredictsFrom<NumberedQuestion<QuestionExample>, Found> for Span {
    fn predict(
        model: &Predictor<Self>,
        questions: &[NumberedQuestion<QuestionExample>],
        top: usize,
    ) -> Result<Vec<Said<Found>>> {
        let (store, counts) = model.read(questions, |one, words, limit, counts| {
            one.question.examples(words, limit, counts)
        });
        let mut spans = Spans::default();
        model.each_batch(&store, |examples, batch, logits| {
            spans.add(
                examples,
                &<Self as TaskDefinition>::predict(logits, &batch.targets),
            )
        })?;
        let found = spans
            .ranked(paragraph(&store))
            .into_iter()
            .map(|(spans, _)| {
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
