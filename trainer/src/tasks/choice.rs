//! Multiple choice: the right one of several answers to a question on a text (CosmosQA).
//!
//! Shapes: b = question, n = answer of a question, an input each.

use std::ops::Range;

use kprep_schemas::ChoiceExample;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::LengthLimit;
use crate::config::{Benchmark, Config, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow};
use crate::data::questions::NumberedQuestion;
use crate::data::running_text as text;
use crate::data::store::Store;
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::{Names, Scores, most_frequent, numbers};
use crate::evaluate::scorer::Scorer;
use crate::model::dropout::DropoutRng;
use crate::model::heads::side_by_side;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::tasks::TaskDefinition;
use crate::tasks::predictor::{AnyPredictor, Guess, Predictor, PredictsFrom, Said, said};

/// The right answer. The example is an input for each answer, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceTarget {
    /// Tokens of each input.
    pub lengths: Box<[u16]>,
    /// Index of the right answer.
    pub label: u16,
}

/// For each answer `<s> context </s> question </s> answer </s>`, one behind the other. Of a longer input the context's
/// end is cut off.
impl TrainingRow for ChoiceExample {
    type Target = ChoiceTarget;
    type Targets = ChoiceTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<ChoiceTarget>> {
        counts.read += 1;
        let label = self.label.and_then(|label| u16::try_from(label).ok());
        let label = label.filter(|&label| usize::from(label) < self.answers.len());
        let Some(label) = label else {
            counts.no_target += 1;
            return Vec::new();
        };
        let (start, end) = (words.vocabulary().start, words.vocabulary().end);
        let context = text::tokens(&self.context, words);
        let question = text::tokens(&self.question, words);
        let (mut ids, mut lengths) = (Vec::new(), Vec::new());
        let mut is_cut = false;
        for answer in self.answers.iter() {
            let answer = text::tokens(answer, words);
            let others = 4 + question.len() + answer.len();
            if others > max_length {
                counts.too_long += 1;
                return Vec::new();
            }
            let kept = context.len().min(max_length - others);
            is_cut |= kept < context.len();
            let before = ids.len();
            ids.push(start);
            for part in [&context[..kept], &question, &answer] {
                ids.extend_from_slice(part);
                ids.push(end);
            }
            lengths.push((ids.len() - before) as u16);
        }
        counts.truncated += u64::from(is_cut);
        counts.kept += 1;
        let lengths = lengths.into();
        let target = ChoiceTarget { lengths, label };
        vec![Example { ids, target }]
    }

    fn inputs(target: &ChoiceTarget, _: usize) -> Vec<Range<usize>> {
        let mut from = 0;
        let inputs = target.lengths.iter().map(|&length| {
            let input = from..from + usize::from(length);
            from = input.end;
            input
        });
        inputs.collect()
    }

    fn collate(examples: &[(&ChoiceTarget, usize)], _: &Config, width: usize) -> ChoiceTargets {
        let answers = || examples.iter().map(|(target, _)| target.lengths.len());
        let most = answers().max().unwrap_or(0);
        let at = (0..)
            .zip(answers())
            .flat_map(|(row, n)| (0..n).map(move |answer| row * most + answer));
        ChoiceTargets {
            place_n: int64((0..answers().sum()).map(|row| row * width)),
            at_n: int64(at),
            label_b: int64(examples.iter().map(|(target, _)| target.label.into())),
            most: most as i64,
        }
    }
}

/// The right answer of each question. All int64.
pub struct ChoiceTargets {
    /// The first token of each input, as an index into the batch's positions one input after the other.
    pub place_n: Tensor,
    /// The answer that an input is for, as an index into answers × questions, `most` for each question.
    pub at_n: Tensor,
    /// The right ones.
    pub label_b: Tensor,
    /// Most answers of a question.
    pub most: i64,
}

impl Targets for ChoiceTargets {
    fn labels(&self) -> i64 {
        self.label_b.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            place_n: self.place_n.to_device(device),
            at_n: self.at_n.to_device(device),
            label_b: self.label_b.to_device(device),
            most: self.most,
        }
    }
}

/// The task.
pub struct Choice;

impl TaskDefinition for Choice {
    const TASK: Task = Task::Choice;
    const NAME: &'static str = "choice";
    const FIGURES: Names = Names {
        score: "accuracy",
        baseline: "majority",
    };
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> =
        Some(|model| AnyPredictor::Choices(Box::new(model)));
    type Row = ChoiceExample;
    type Head = Pair;
    type Scorer = ChoiceScorer;

    fn benchmark(_: &str, _: &[String]) -> std::result::Result<Benchmark, &'static str> {
        Ok(Benchmark::Cosmosqa)
    }

    fn specs(_: &Config, _: i64, features: i64, _: i64) -> Vec<Spec> {
        Spec::linear("head", features, 1).to_vec()
    }

    fn head(_: &Config, params: &Params) -> Result<Pair> {
        Pair::new(params, "head")
    }

    fn reads<'a>(_: &Pair, targets: &'a ChoiceTargets) -> Option<&'a Tensor> {
        Some(&targets.place_n)
    }

    /// b × most answers, from the feature at the first token of each input.
    fn logits(
        head: &Pair,
        features: &[Tensor],
        batch: &Batch<ChoiceExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        let targets = &batch.targets;
        let scores_n = head
            .linear(&side_by_side(features), Kind::Float)
            .squeeze_dim(-1);
        let (b, most) = (targets.label_b.size()[0], targets.most);
        // A place without an answer is never chosen.
        let none = (Kind::Float, scores_n.device());
        let none = Tensor::full([b * most], f64::NEG_INFINITY, none);
        none.scatter(0, &targets.at_n, &scores_n).view([b, most])
    }

    fn loss(_: &Pair, logits: &Tensor, targets: &ChoiceTargets) -> Tensor {
        logits.cross_entropy_for_logits(&targets.label_b)
    }

    /// The answer to each question.
    fn predict(logits: &Tensor, _: &ChoiceTargets) -> Tensor {
        logits.argmax(-1, false)
    }
}

/// Accuracy, against that of the place of the training split's most frequent right answer.
#[derive(Clone)]
pub struct ChoiceScorer(ClassCounts);

impl Scorer<ChoiceExample> for ChoiceScorer {
    fn new(train: &Store<ChoiceExample>, _: &Config) -> Self {
        let labels = train.targets().iter().map(|target| target.label);
        Self(ClassCounts::new(most_frequent(labels)))
    }

    fn add(
        &mut self,
        _: &Store<ChoiceExample>,
        _: &[usize],
        targets: &ChoiceTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.0
            .add(&numbers(&targets.label_b)?, &numbers(predicted)?);
        Ok(())
    }

    fn scores(&self, _: &Store<ChoiceExample>, _: &[String]) -> Scores {
        self.0.scores()
    }
}

impl PredictsFrom<NumberedQuestion<ChoiceExample>, Guess> for Choice {
    fn predict(
        model: &Predictor<Self>,
        questions: &[NumberedQuestion<ChoiceExample>],
        top: usize,
    ) -> Result<Vec<Said<Guess>>> {
        let (store, counts) = model.read(questions, |one, words, limit, counts| {
            one.question.examples(words, limit, counts)
        });
        let softmax = |logits: &Tensor| logits.softmax(-1, Kind::Double);
        let mut guesses = model.guesses(&store, top, softmax)?;
        guesses.iter_mut().for_each(drop_missing);
        Ok(said(&counts, guesses))
    }
}

/// Drops the places of a question's missing answers, where another has more.
fn drop_missing(guesses: &mut Vec<Guess>) {
    guesses.retain(|guess| guess.logit != f64::NEG_INFINITY);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::predictor::best;

    #[test]
    fn answers_that_a_question_lacks_are_not_guessed() {
        let logits = Tensor::from_slice(&[1.0f64, 3.0, f64::NEG_INFINITY, f64::NEG_INFINITY]);
        let shares = logits.softmax(-1, Kind::Double);
        let mut guesses = best(&logits, &shares, 3).unwrap();
        drop_missing(&mut guesses);
        let classes: Vec<usize> = guesses.iter().map(|guess| guess.class).collect();
        assert_eq!(classes, [1, 0]);
        assert!((guesses[1].probability - 1.0 / (1.0 + 2f64.exp())).abs() < 1e-12);
    }
}
