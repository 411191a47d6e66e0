//! Pairs of phrases: what one is to the other (lexical knowledge of LIBERT, facts of BERT-MK).
//!
//! Shapes: b = pair, h = width of a feature, c = class, n = token of a phrase.

use kprep_schemas::PairExample;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, LengthLimit, SpanPooling, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow, int64, place};
use crate::data::questions::NumberedQuestion;
use crate::data::running_text as text;
use crate::data::store::Store;
use crate::data::tokenizer::Words;
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::{Names, Scorer, Scores, most_frequent, numbers};
use crate::model::dropout::DropoutRng;
use crate::model::pair::Pair as Layer;
use crate::model::params::{Params, Spec};
use crate::model::pooled::Pooled;
use crate::tasks::predictor::{AnyPredictor, Guess, Predictor, PredictsFrom, Said, said};
use crate::tasks::{TaskDefinition, Titles};

/// The tokens of two phrases, each by its first one and the one behind its last, and their class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairTarget {
    /// The first phrase.
    pub first: (u16, u16),
    /// The second one.
    pub second: (u16, u16),
    /// Index of the class.
    pub label: u16,
}

/// `<s> first </s></s> relation </s></s> second </s>`, without a relation where none is told.
impl TrainingRow for PairExample {
    type Target = PairTarget;
    type Targets = PairTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<PairTarget>> {
        counts.read += 1;
        let Ok(label) = u16::try_from(self.label) else {
            counts.no_target += 1;
            return Vec::new();
        };
        let (mut ids, mut spans) = (vec![words.vocabulary().start], Vec::new());
        for phrase in [&self.first, &self.relation, &self.second] {
            if phrase.is_empty() {
                continue;
            }
            if ids.len() > 1 {
                ids.extend_from_slice(&words.vocabulary().separator);
            }
            let from = ids.len();
            text::push(&mut ids, phrase, words);
            spans.push((place(from), place(ids.len())));
        }
        ids.push(words.vocabulary().end);
        let (Some(&first), Some(&second)) = (spans.first(), spans.last()) else {
            counts.no_target += 1;
            return Vec::new();
        };
        if ids.len() > max_length {
            counts.too_long += 1;
            return Vec::new();
        }
        counts.kept += 1;
        let target = PairTarget {
            first,
            second,
            label,
        };
        vec![Example { ids, target }]
    }

    fn collate(examples: &[(&PairTarget, usize)], config: &Config, width: usize) -> PairTargets {
        let examples = || examples.iter().enumerate();
        let slots = examples().flat_map(|(row, (target, _))| {
            [target.first, target.second].map(|(from, to)| match config.span_pooling {
                SpanPooling::Start => vec![row * width],
                _ => (from..to)
                    .map(|token| row * width + usize::from(token))
                    .collect(),
            })
        });
        PairTargets {
            phrases: Pooled::new(&slots.collect::<Vec<Vec<usize>>>()),
            label_b: int64(examples().map(|(_, (target, _))| target.label.into())),
        }
    }

    fn highest_class(target: &PairTarget) -> Option<u16> {
        Some(target.label)
    }
}

/// The class of each pair.
pub struct PairTargets {
    /// The first and second phrase of each pair.
    pub phrases: Pooled,
    /// The classes, int64.
    pub label_b: Tensor,
}

impl Targets for PairTargets {
    fn labels(&self) -> i64 {
        self.label_b.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            phrases: self.phrases.to_device(device),
            label_b: self.label_b.to_device(device),
        }
    }
}

/// The task.
pub struct Pair;

impl TaskDefinition for Pair {
    const TASK: Task = Task::Pair;
    const NAME: &'static str = "pair";
    const FIGURES: Names = Names {
        score: "accuracy",
        baseline: "majority",
    };
    const KNOWLEDGE: Option<Titles> = Some(Titles {
        adapter: "Pair knowledge adapter",
        backbone: "Pair head without an adapter",
        random: "Randomly initialised adapter, with a pair head,",
    });
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> =
        Some(|model| AnyPredictor::Pairs(Box::new(model)));
    type Row = PairExample;
    type Head = Layer;
    type Scorer = PairScorer;

    fn broken_rule(config: &Config) -> Option<&'static str> {
        let known = [SpanPooling::Mean, SpanPooling::Start].contains(&config.span_pooling);
        (!known).then_some("span_pooling must be mean or start for pairs")
    }

    fn specs(_: &Config, _: i64, features: i64, classes: i64) -> Vec<Spec> {
        Spec::linear("head", 2 * features, classes).to_vec()
    }

    fn head(_: &Config, params: &Params) -> Result<Layer> {
        Layer::new(params, "head")
    }

    fn reads<'a>(_: &Layer, targets: &'a PairTargets) -> Option<&'a Tensor> {
        Some(&targets.phrases.place_n)
    }

    /// b × c from the two phrases' pooled features side by side.
    fn logits(
        head: &Layer,
        features: &[Tensor],
        batch: &Batch<PairExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        let targets = &batch.targets;
        let phrases_sh = targets.phrases.mean(features);
        let both_bh = phrases_sh.view([targets.label_b.size()[0], 2 * phrases_sh.size()[1]]);
        head.linear(&both_bh, Kind::Float)
    }

    fn loss(_: &Layer, logits_bc: &Tensor, targets: &PairTargets) -> Tensor {
        logits_bc.cross_entropy_for_logits(&targets.label_b)
    }

    /// The class of each pair.
    fn predict(logits_bc: &Tensor, _: &PairTargets) -> Tensor {
        logits_bc.argmax(-1, false)
    }
}

/// Accuracy against the training split's most frequent class, macro-F1 and, of two classes, the F1 of the second.
#[derive(Clone)]
pub struct PairScorer(ClassCounts);

impl Scorer<PairExample> for PairScorer {
    fn new(train: &Store<PairExample>, _: &Config) -> Self {
        let labels = train.targets().iter().map(|target| target.label);
        Self(ClassCounts::new(most_frequent(labels)))
    }

    fn add(
        &mut self,
        _: &Store<PairExample>,
        _: &[usize],
        targets: &PairTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.0
            .add(&numbers(&targets.label_b)?, &numbers(predicted)?);
        Ok(())
    }

    fn scores(&self, _: &Store<PairExample>, names: &[String]) -> Scores {
        Scores {
            macro_f1: Some(self.0.macro_f1()),
            more: self.0.positive_f1(names).into_iter().collect(),
            ..self.0.scores()
        }
    }
}

impl PredictsFrom<NumberedQuestion<PairExample>, Guess> for Pair {
    fn predict(
        model: &Predictor<Self>,
        pairs: &[NumberedQuestion<PairExample>],
        top: usize,
    ) -> Result<Vec<Said<Guess>>> {
        let (store, counts) = model.read(pairs, |one, words, limit, counts| {
            one.question.examples(words, limit, counts)
        });
        let softmax = |logits: &Tensor| logits.softmax(-1, Kind::Double);
        Ok(said(&counts, model.guesses(&store, top, softmax)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

    fn pair(relation: &str) -> PairExample {
        PairExample {
            first: "gold".into(),
            second: "the river".into(),
            relation: relation.into(),
            label: 1,
            ..PairExample::default()
        }
    }

    fn vocabulary(name: &str) -> Vocabulary {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone");
        Vocabulary::load(&dir.join(name)).unwrap()
    }

    fn example(name: &str, relation: &str) -> (Vec<u32>, PairTarget) {
        let vocabulary = vocabulary(name);
        let mut words = vocabulary.words();
        let mut counts = Counts::default();
        let mut all = pair(relation).examples(&mut words, 40.into(), &mut counts);
        assert_eq!(counts.kept, 1);
        let one = all.remove(0);
        (one.ids, one.target)
    }

    #[test]
    fn phrases_stand_between_the_separators_of_the_backbone() {
        let (ids, target) = example("bert-tiny", "");
        let v = vocabulary("bert-tiny");
        let mut words = v.words();
        let first = words.tokens("gold").to_vec();
        let second = text::tokens("the river", &mut words);
        let expected = [vec![v.start], first, vec![v.end], second, vec![v.end]].concat();
        assert_eq!(ids, expected);
        let (from, to) = target.second;
        assert_eq!((target.first.0, usize::from(to)), (1, ids.len() - 1));
        assert_eq!(from, target.first.1 + 1);
        let (with_relation, target) = example("bert-tiny", "part of");
        let relation = text::tokens("part of", &mut words).len();
        assert_eq!(with_relation.len(), ids.len() + relation + 1);
        assert_eq!(usize::from(target.second.0 - from), relation + 1);
        let (ids, target) = example("roberta-tiny", "");
        let end = vocabulary("roberta-tiny").end;
        let between = usize::from(target.first.1)..usize::from(target.second.0);
        assert_eq!(ids[between], [end, end]);
    }

    #[test]
    fn phrases_are_pooled_by_mean_or_read_at_the_start() {
        let target = PairTarget {
            first: (1, 3),
            second: (4, 5),
            label: 0,
        };
        let config = Config::preset(Preset::Paper, Task::Pair);
        let places = |config: &Config| {
            let targets = PairExample::collate(&[(&target, 6), (&target, 6)], config, 10);
            let phrases = targets.phrases;
            let list = |x: &Tensor| Vec::<i64>::try_from(x).unwrap();
            (list(&phrases.place_n), list(&phrases.slot_n))
        };
        let mean = (vec![1, 2, 4, 11, 12, 14], vec![0, 0, 1, 2, 2, 3]);
        assert_eq!(places(&config), mean);
        let start = config.with("span_pooling=start").unwrap();
        assert_eq!(places(&start), (vec![0, 0, 10, 10], vec![0, 1, 2, 3]));
        let wrong = config.with("span_pooling=around").unwrap().check();
        let message = "span_pooling must be mean or start for pairs";
        assert_eq!(wrong.unwrap_err().to_string(), message);
    }
}
