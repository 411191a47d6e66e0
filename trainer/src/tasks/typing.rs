//! Entity typing: all types of a marked entity (OpenEntity, FIGER).
//!
//! Shapes: b = entity, c = type, n = pair of an entity and a type.

use kprep_schemas::{TypingExample, Words as Texts};
use tch::{Device, Kind, Reduction, Tensor};

use crate::Result;
use crate::config::LengthLimit;
use crate::config::{Benchmark, Config, Task};
use crate::data::batch::Batch;
use crate::data::entity_markers::Marked;
use crate::data::examples::{Counts, Example, Targets, TrainingRow, place};
use crate::data::running_text as text;
use crate::data::store::Store;
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::{Names, Scores, most_frequent, numbers};
use crate::evaluate::official_score;
use crate::evaluate::scorer::Scorer;
use crate::evaluate::scoring::labels::Typed;
use crate::model::dropout::DropoutRng;
use crate::model::heads::side_by_side;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::tasks::TaskDefinition;
use crate::tasks::predictor::{AnyPredictor, Guess, Predictor, PredictsFrom, Said, said};

/// The types of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypingTarget {
    /// The marker before it.
    pub open: u16,
    /// Indexes of the types, ascending.
    pub labels: Box<[u16]>,
}

/// `<s> w @ entity @ w </s>`: the markers are words, with a space before them.
impl TrainingRow for TypingExample {
    type Target = TypingTarget;
    type Targets = TypingTargets;
    const MARKERS: &'static [&'static str] = &["@"];

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<TypingTarget>> {
        counts.read += 1;
        let labels = self.labels.iter().map(|&label| u16::try_from(label));
        let Ok(labels) = labels.collect::<std::result::Result<Box<[u16]>, _>>() else {
            counts.no_target += 1;
            return Vec::new();
        };
        let (before, mention, after) = text::cut(&self.text, self.mention_start, self.mention_end);
        let mut ids = vec![words.vocabulary().start];
        text::push(&mut ids, before, words);
        let open = place(ids.len());
        text::push(&mut ids, "@", words);
        text::push(&mut ids, mention, words);
        text::push(&mut ids, "@", words);
        if ids.len() >= max_length {
            counts.too_long += 1;
            return Vec::new();
        }
        text::push(&mut ids, after, words);
        if ids.len() >= max_length {
            counts.truncated += 1;
            ids.truncate(max_length - 1);
        }
        ids.push(words.vocabulary().end);
        counts.kept += 1;
        let target = TypingTarget { open, labels };
        vec![Example { ids, target }]
    }

    fn collate(examples: &[(&TypingTarget, usize)], _: &Config, width: usize) -> TypingTargets {
        let all = || (0..).zip(examples.iter().map(|(target, _)| target));
        let pairs =
            || all().flat_map(|(row, target)| target.labels.iter().map(move |&class| (row, class)));
        TypingTargets {
            place_b: int64(all().map(|(row, target)| row * width + usize::from(target.open))),
            entity_n: int64(pairs().map(|(row, _)| row)),
            class_n: int64(pairs().map(|(_, class)| class.into())),
        }
    }

    fn highest_class(target: &TypingTarget) -> Option<u16> {
        target.labels.iter().copied().max()
    }
}

/// The types of each entity. All int64.
pub struct TypingTargets {
    /// The marker before it, as an index into the batch's positions one sentence after the other.
    pub place_b: Tensor,
    /// The entity that has a type, for each pair of the two.
    pub entity_n: Tensor,
    /// The type.
    pub class_n: Tensor,
}

impl Targets for TypingTargets {
    fn labels(&self) -> i64 {
        self.place_b.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            place_b: self.place_b.to_device(device),
            entity_n: self.entity_n.to_device(device),
            class_n: self.class_n.to_device(device),
        }
    }
}

/// The task.
pub struct Typing;

impl TaskDefinition for Typing {
    const TASK: Task = Task::Typing;
    const NAME: &'static str = "typing";
    const FIGURES: Names = Names {
        score: "strict accuracy",
        baseline: "most frequent types",
    };
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> =
        Some(|model| AnyPredictor::Sentences(1, Box::new(model)));
    type Row = TypingExample;
    type Head = Pair;
    type Scorer = TypingScorer;

    fn benchmark(_: &str, names: &[String]) -> std::result::Result<Benchmark, &'static str> {
        Ok(if names.iter().any(|name| name.starts_with('/')) {
            Benchmark::Figer
        } else {
            Benchmark::Openentity
        })
    }

    fn specs(_: &Config, _: i64, features: i64, classes: i64) -> Vec<Spec> {
        Spec::linear("head", features, classes).to_vec()
    }

    fn head(_: &Config, params: &Params) -> Result<Pair> {
        Pair::new(params, "head")
    }

    fn reads<'a>(_: &Pair, targets: &'a TypingTargets) -> Option<&'a Tensor> {
        Some(&targets.place_b)
    }

    /// b × c, from the features at the marker before each entity.
    fn logits(
        head: &Pair,
        features: &[Tensor],
        _: &Batch<TypingExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        head.linear(&side_by_side(features), Kind::Float)
    }

    /// Each type is a yes-or-no question of its own.
    fn loss(_: &Pair, logits_bc: &Tensor, targets: &TypingTargets) -> Tensor {
        let is_typed = logits_bc.zeros_like().index_put(
            &[Some(&targets.entity_n), Some(&targets.class_n)],
            &Tensor::from(1.0f32).to_device(logits_bc.device()),
            false,
        );
        let none: Option<&Tensor> = None;
        logits_bc.binary_cross_entropy_with_logits(&is_typed, none, none, Reduction::Mean)
    }

    /// b × c: 1 where a type is more probable than not, and 2 more for the most probable one.
    fn predict(logits_bc: &Tensor, _: &TypingTargets) -> Tensor {
        let best_b1 = logits_bc.argmax(-1, true);
        let is_typed = logits_bc.gt(0.0).to_kind(Kind::Int64);
        let best = is_typed.zeros_like().scatter_value(1, &best_b1, 2);
        is_typed + best
    }
}

/// The share of entities with exactly the right types, against that of the training split's most frequent types, and
/// the benchmark's score.
#[derive(Clone)]
pub struct TypingScorer {
    usual: Box<[u16]>,
    benchmark: Option<Benchmark>,
    right: u64,
    right_by_baseline: u64,
    /// Types of entities, as the benchmark reads the predictions.
    typed: Vec<Typed>,
}

impl Scorer<TypingExample> for TypingScorer {
    fn new(train: &Store<TypingExample>, config: &Config) -> Self {
        let labels = train.targets().iter().map(|target| &target.labels);
        Self {
            usual: most_frequent(labels).cloned().unwrap_or_default(),
            benchmark: config.benchmark,
            right: 0,
            right_by_baseline: 0,
            typed: Vec::new(),
        }
    }

    fn add(
        &mut self,
        store: &Store<TypingExample>,
        examples: &[usize],
        _: &TypingTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        // FIGER's entities have a type, so the most probable one counts in any case.
        let takes_best = self.benchmark == Some(Benchmark::Figer);
        let predicted = numbers(predicted)?;
        let classes = predicted.len() / examples.len().max(1);
        for (&i, predicted) in examples.iter().zip(predicted.chunks(classes.max(1))) {
            let labels = &store.targets()[i].labels;
            let gold: Vec<u32> = labels.iter().map(|&label| label.into()).collect();
            let predicted: Vec<u32> = (0..)
                .zip(predicted)
                .filter(|&(_, &how)| how & 1 == 1 || (takes_best && how > 1))
                .map(|(class, _)| class)
                .collect();
            self.right += u64::from(gold == predicted);
            self.right_by_baseline += u64::from(*labels == self.usual);
            self.typed.push(Typed { gold, predicted });
        }
        Ok(())
    }

    fn scores(&self, _: &Store<TypingExample>, _: &[String]) -> Scores {
        let entities = self.typed.len() as u64;
        let counts = [entities, self.right, self.right_by_baseline];
        Scores {
            official: official_score::typing(self.benchmark, &self.typed),
            ..Scores::of_counts(entities, counts)
        }
    }
}

impl PredictsFrom<Marked, Guess> for Typing {
    fn predict(
        model: &Predictor<Self>,
        sentences: &[Marked],
        top: usize,
    ) -> Result<Vec<Said<Guess>>> {
        let (store, counts) = model.read(sentences, |sentence, words, limit, counts| {
            let row = TypingExample {
                id: String::new(),
                doc_id: String::new(),
                text: sentence.text.clone(),
                mention_start: sentence.subject_chars.0,
                mention_end: sentence.subject_chars.1,
                labels: Vec::new(),
                types: Texts::default(),
            };
            row.examples(words, limit, counts)
        });
        Ok(said(&counts, model.guesses(&store, top, Tensor::sigmoid)?))
    }
}
