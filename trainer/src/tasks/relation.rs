//! Relations: which one holds between two marked entities of a sentence (factual knowledge; downstream
//! TACRED and `SemEval`).
//!
//! Shapes: b = sentence, h = width of a feature, r = relation, n = token of an entity, t = position.

use kprep_schemas::RelationExample;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::LengthLimit;
use crate::config::{Benchmark, Config, Entity, MarkersWithin, RelationHead, Task};
use crate::data::batch::Batch;
use crate::data::entity_markers::Marked;
use crate::data::entity_pair::{self, Mention};
use crate::data::examples::{Counts, Example, Targets, TrainingRow};
use crate::data::store::Store;
use crate::data::tensors::int64;
use crate::data::tokenizer::{MARKERS, Words};
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::{Names, Scores, most_frequent, numbers};
use crate::evaluate::official_score;
use crate::evaluate::scorer::Scorer;
use crate::evaluate::scoring::classes;
use crate::model::dropout::DropoutRng;
use crate::model::heads::side_by_side;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::model::stacked_head::{self, StackedHead};
use crate::tasks::predictor::{AnyPredictor, Guess, Predictor, PredictsFrom, Said, said};
use crate::tasks::{TaskDefinition, Titles};

/// The relation between two entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationTarget {
    /// The first entity.
    pub subject: Mention,
    /// The second one.
    pub object: Mention,
    /// Index of the relation.
    pub label: u16,
}

impl TrainingRow for RelationExample {
    type Target = RelationTarget;
    type Targets = RelationTargets;
    const MARKERS: &'static [&'static str] = &MARKERS;

    fn examples(
        &self,
        words: &mut Words,
        limit: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<RelationTarget>> {
        let Some(label) = self.label.and_then(|label| u16::try_from(label).ok()) else {
            counts.read += 1;
            counts.no_target += 1;
            return Vec::new();
        };
        let spans = [
            (self.subj_start, self.subj_end),
            (self.obj_start, self.obj_end),
        ];
        let tokens = entity_pair::tokens(self.token.iter(), spans, words, limit, counts);
        tokens
            .map(|tokens| example(tokens, label))
            .into_iter()
            .collect()
    }

    fn collate(
        examples: &[(&RelationTarget, usize)],
        config: &Config,
        width: usize,
    ) -> RelationTargets {
        let (mut places, mut entities, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (row, (target, _)) in examples.iter().enumerate() {
            let (subject, object) = (target.subject, target.object);
            for (e, mention, other) in [(0, subject, object), (1, object, subject)] {
                let tokens = mention.read(other, config.entity);
                entities.extend(tokens.iter().map(|_| 2 * row + e));
                weights.extend(tokens.iter().map(|_| 1.0 / tokens.len() as f32));
                places.extend(tokens.iter().map(|&i| row * width + usize::from(i)));
            }
        }
        RelationTargets {
            place_n: int64(places.into_iter()),
            entity_n: int64(entities.into_iter()),
            weight_n: Tensor::from_slice(&weights),
            label_b: int64(examples.iter().map(|(target, _)| target.label.into())),
        }
    }

    fn highest_class(target: &RelationTarget) -> Option<u16> {
        Some(target.label)
    }
}

/// The example of a sentence with these tokens and entities.
fn example(
    (ids, [subject, object]): (Vec<u32>, [Mention; 2]),
    label: u16,
) -> Example<RelationTarget> {
    let target = RelationTarget {
        subject,
        object,
        label,
    };
    Example { ids, target }
}

/// The relation of each sentence.
pub struct RelationTargets {
    /// The tokens of the entities, as indexes into the batch's positions one sentence after the
    /// other, int64.
    pub place_n: Tensor,
    /// The entity that each is a token of, int64: twice the sentence, and 1 more for an object.
    pub entity_n: Tensor,
    /// Its share of the entity, fp32.
    pub weight_n: Tensor,
    /// The labels, int64.
    pub label_b: Tensor,
}

impl RelationTargets {
    /// The features of subject and object, b × 2 × h, from those of their tokens, n × h.
    fn entities(&self, features_nh: &[Tensor]) -> Tensor {
        let all_nh = side_by_side(features_nh);
        let (b, h) = (self.label_b.size()[0], all_nh.size()[1]);
        let none = Tensor::zeros([2 * b, h], (Kind::Float, all_nh.device()));
        let weighted_nh = all_nh * self.weight_n.unsqueeze(1);
        none.index_add(0, &self.entity_n, &weighted_nh)
            .view([b, 2, h])
    }
}

impl Targets for RelationTargets {
    fn labels(&self) -> i64 {
        self.label_b.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            place_n: self.place_n.to_device(device),
            entity_n: self.entity_n.to_device(device),
            weight_n: self.weight_n.to_device(device),
            label_b: self.label_b.to_device(device),
        }
    }
}

/// Predicts the relation from the two entities.
pub enum RelationLayers {
    /// One linear layer (K-Adapter, section 3.2).
    Linear(Pair),
    /// The released code's.
    Stacked(StackedHead),
}

/// The task.
pub struct Relation;

impl TaskDefinition for Relation {
    const TASK: Task = Task::Relation;
    const NAME: &'static str = "relation";
    const FIGURES: Names = Names {
        score: "accuracy",
        baseline: "majority",
    };
    const KNOWLEDGE: Option<Titles> = Some(Titles {
        adapter: "Factual knowledge adapter",
        backbone: "Relation head without an adapter",
        random: "Randomly initialised adapter, with a relation head,",
    });
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> =
        Some(|model| AnyPredictor::Sentences(2, Box::new(model)));
    type Row = RelationExample;
    type Head = RelationLayers;
    type Scorer = RelationScorer;

    fn broken_rule(config: &Config) -> Option<&'static str> {
        let is_mean = config.entity == Entity::Mean;
        (is_mean && config.markers_within_max_length == MarkersWithin::Opening).then_some(
            "markers_within_max_length=opening needs entity=marker: a mean needs all of an entity's tokens",
        )
    }

    fn benchmark(_: &str, names: &[String]) -> std::result::Result<Benchmark, &'static str> {
        Ok(if classes::are_directed(names.iter().map(String::as_str)) {
            Benchmark::Semeval
        } else if names.iter().any(|name| name == classes::NO_RELATION) {
            Benchmark::Tacred
        } else {
            Benchmark::Relation
        })
    }

    fn specs(config: &Config, hidden: i64, features: i64, classes: i64) -> Vec<Spec> {
        match config.relation_head {
            RelationHead::Linear => Spec::linear("head", 2 * features, classes).to_vec(),
            RelationHead::Stacked => stacked_head::specs(hidden, features, classes),
        }
    }

    fn head(config: &Config, params: &Params) -> Result<RelationLayers> {
        Ok(match config.relation_head {
            RelationHead::Linear => RelationLayers::Linear(Pair::new(params, "head")?),
            RelationHead::Stacked => {
                RelationLayers::Stacked(StackedHead::new(params, config.adapter_dropout)?)
            }
        })
    }

    fn reads<'a>(_: &RelationLayers, targets: &'a RelationTargets) -> Option<&'a Tensor> {
        Some(&targets.place_n)
    }

    /// b × r from the two entities' pooled features side by side.
    fn logits(
        head: &RelationLayers,
        features: &[Tensor],
        batch: &Batch<RelationExample>,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let entities_b2h = batch.targets.entities(features);
        match head {
            RelationLayers::Linear(pair) => pair.linear(&entities_b2h.flatten(1, 2), Kind::Float),
            RelationLayers::Stacked(stacked) => stacked.logits(&entities_b2h, rng),
        }
    }

    fn loss(_: &RelationLayers, logits_br: &Tensor, targets: &RelationTargets) -> Tensor {
        logits_br.cross_entropy_for_logits(&targets.label_b)
    }

    /// The relation of each sentence.
    fn predict(logits_br: &Tensor, _: &RelationTargets) -> Tensor {
        logits_br.argmax(-1, false)
    }

    /// The labels, and what gives subject (row 0) and object (row 1) of each sentence when it is multiplied with
    /// the features of all positions: b × 2 × t in fp32.
    fn export(targets: &RelationTargets, t: i64) -> Option<Vec<(&'static str, Tensor)>> {
        let b = targets.label_b.size()[0];
        let at_n = &targets.entity_n * t + targets.place_n.remainder(t);
        let none = Tensor::zeros([b * 2 * t], (Kind::Float, targets.label_b.device()));
        let pool_b2t = none.index_add(0, &at_n, &targets.weight_n).view([b, 2, t]);
        let label_b = targets.label_b.shallow_clone();
        Some(vec![("pool", pool_b2t), ("label", label_b)])
    }
}

/// Accuracy against the training split's most frequent relation, macro-F1, and the benchmark's score.
#[derive(Clone)]
pub struct RelationScorer {
    counts: ClassCounts,
    benchmark: Option<Benchmark>,
    /// Labels and predictions, for the benchmark's score.
    pairs: Vec<(i64, i64)>,
}

impl Scorer<RelationExample> for RelationScorer {
    fn new(train: &Store<RelationExample>, config: &Config) -> Self {
        let labels = train.targets().iter().map(|target| target.label);
        Self {
            counts: ClassCounts::new(most_frequent(labels)),
            benchmark: config.benchmark,
            pairs: Vec::new(),
        }
    }

    fn add(
        &mut self,
        _: &Store<RelationExample>,
        _: &[usize],
        targets: &RelationTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        let (labels, predicted) = (numbers(&targets.label_b)?, numbers(predicted)?);
        self.counts.add(&labels, &predicted);
        if self.benchmark.is_some() {
            self.pairs.extend(labels.into_iter().zip(predicted));
        }
        Ok(())
    }

    fn scores(&self, _: &Store<RelationExample>, names: &[String]) -> Scores {
        Scores {
            macro_f1: Some(self.counts.macro_f1()),
            official: official_score::relation(self.benchmark, names, &self.pairs),
            ..self.counts.scores()
        }
    }
}

impl PredictsFrom<Marked, Guess> for Relation {
    fn predict(
        model: &Predictor<Self>,
        sentences: &[Marked],
        top: usize,
    ) -> Result<Vec<Said<Guess>>> {
        let (store, counts) = model.read(sentences, |sentence, words, limit, counts| {
            let token = sentence.words.iter().map(String::as_str);
            let spans = sentence.object.map(|object| [sentence.subject, object]);
            let tokens =
                spans.and_then(|spans| entity_pair::tokens(token, spans, words, limit, counts));
            tokens
                .map(|tokens| example(tokens, 0))
                .into_iter()
                .collect()
        });
        let softmax = |logits: &Tensor| logits.softmax(-1, Kind::Double);
        Ok(said(&counts, model.guesses(&store, top, softmax)?))
    }
}
