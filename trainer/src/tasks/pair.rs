//! Pairs of phrases: what one is to the other (lexical knowledge of LIBERT, facts of BERT-MK).
//!
//! Shapes: b = pair, h = width of a feature, c = class, n = token of a phrase.

use std::collections::{HashMap, HashSet};

use kprep_schemas::{PairExample, stable_hash};
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, LengthLimit, PairLoss, SpanPooling, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow, place};
use crate::data::questions::NumberedQuestion;
use crate::data::running_text as text;
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::Names;
use crate::model::dropout::DropoutRng;
use crate::model::pair::Pair as Layer;
use crate::model::params::{Params, Spec};
use crate::model::pooled::Pooled;
use crate::tasks::predictor::{AnyPredictor, Guess, Predictor, PredictsFrom, Said, said};
use crate::tasks::{TaskDefinition, Titles, class_and_score};

pub use self::scorer::PairScorer;

mod scorer;

/// How much more a positive is to score than each of its negatives (BERT-MK).
const MARGIN: f64 = 1.0;

/// The tokens of two phrases, each by its first one and the one behind its last, and their class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairTarget {
    /// The first phrase.
    pub first: (u16, u16),
    /// The second one.
    pub second: (u16, u16),
    /// Index of the class.
    pub label: u16,
    /// Whether it was made from no other pair.
    pub is_positive: bool,
    /// The positive that it is or was made from, as a hash of its id.
    pub positive: u64,
    /// Hashes of both phrases.
    pub phrases: [u64; 2],
    /// What scores alone need.
    pub origin: Option<Box<Origin>>,
}

/// Where a pair comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The relation by the source's name; empty where there is none.
    pub relation: String,
    /// How a negative was drawn; empty for positives.
    pub negative: String,
}

impl PairTarget {
    /// Whether it is a positive, which may have negatives, of the second of two classes.
    fn leads(&self) -> bool {
        self.is_positive && self.label == 1
    }

    /// Whether it is a negative, which may have a positive, of the first of two classes.
    fn follows(&self) -> bool {
        !self.is_positive && self.label == 0
    }
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
        let is_blank = |phrase: &str| phrase.trim().is_empty();
        if is_blank(&self.first) || is_blank(&self.second) {
            counts.no_target += 1;
            return Vec::new();
        }
        let mut ids = vec![words.vocabulary().start];
        let mut push = |phrase: &str| {
            if ids.len() > 1 {
                ids.extend_from_slice(&words.vocabulary().separator);
            }
            let from = ids.len();
            text::push(&mut ids, phrase, words);
            (place(from), place(ids.len()))
        };
        let first = push(&self.first);
        if !is_blank(&self.relation) {
            push(&self.relation);
        }
        let second = push(&self.second);
        ids.push(words.vocabulary().end);
        if ids.len() > max_length {
            counts.too_long += 1;
            return Vec::new();
        }
        counts.kept += 1;
        let is_positive = self.positive.is_empty();
        let positive = if is_positive {
            &self.id
        } else {
            &self.positive
        };
        let target = PairTarget {
            first,
            second,
            label,
            is_positive,
            positive: stable_hash([positive.as_bytes()]),
            phrases: [&self.first, &self.second].map(|one| stable_hash([one.as_bytes()])),
            origin: Some(Box::new(Origin {
                relation: self.relation_id.clone(),
                negative: self.negative.clone(),
            })),
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
        let compared = match config.pair_loss {
            PairLoss::Ce => None,
            PairLoss::Margin => Some(Compared::new(examples().map(|(_, (target, _))| *target))),
        };
        PairTargets {
            phrases: Pooled::new(&slots.collect::<Vec<Vec<usize>>>()),
            label_b: int64(examples().map(|(_, (target, _))| target.label.into())),
            compared,
        }
    }

    fn company(target: &PairTarget, config: &Config) -> Option<u64> {
        (config.pair_loss == PairLoss::Margin).then_some(target.positive)
    }

    fn unfit(targets: &[PairTarget], config: &Config, classes: usize) -> Option<&'static str> {
        if config.pair_loss == PairLoss::Ce {
            return None;
        }
        if classes != 2 {
            return Some("pair_loss=margin needs two classes: negatives, then positives");
        }
        let leading = targets.iter().filter(|target| target.leads());
        let leading: HashSet<u64> = leading.map(|target| target.positive).collect();
        let mut following = targets.iter().filter(|target| target.follows());
        (!following.any(|target| leading.contains(&target.positive)))
            .then_some("pair_loss=margin needs a positive with a negative in the training split")
    }

    fn forget_text(target: &mut PairTarget) {
        target.origin = None;
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
    /// What the margin is between; `None` where it is not learnt.
    pub compared: Option<Compared>,
}

/// Each negative of a batch whose positive is there, too. Tensors are int64.
pub struct Compared {
    /// The rows of the positives.
    pub positive_m: Tensor,
    /// The rows of their negatives.
    pub negative_m: Tensor,
}

impl Compared {
    fn new<'a>(targets: impl Iterator<Item = &'a PairTarget> + Clone) -> Self {
        let rows = targets.enumerate();
        let leading = rows.clone().filter(|(_, target)| target.leads());
        let leading: HashMap<u64, usize> = leading
            .map(|(row, target)| (target.positive, row))
            .collect();
        let following = rows.filter(|(_, target)| target.follows());
        let (positives, negatives): (Vec<usize>, Vec<usize>) = following
            .filter_map(|(row, target)| Some((*leading.get(&target.positive)?, row)))
            .unzip();
        Self {
            positive_m: int64(positives.into_iter()),
            negative_m: int64(negatives.into_iter()),
        }
    }
}

impl Targets for PairTargets {
    fn labels(&self) -> i64 {
        match &self.compared {
            None => self.label_b.size()[0],
            Some(compared) => compared.negative_m.size()[0],
        }
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            phrases: self.phrases.to_device(device),
            label_b: self.label_b.to_device(device),
            compared: self.compared.as_ref().map(|compared| Compared {
                positive_m: compared.positive_m.to_device(device),
                negative_m: compared.negative_m.to_device(device),
            }),
        }
    }
}

/// The mean over the compared of what a positive's score lacks to be [`MARGIN`] above its negative's; 0 of none.
fn margin(logits_b2: &Tensor, compared: &Compared) -> Tensor {
    let score_b = logits_b2.select(1, 1) - logits_b2.select(1, 0);
    let score_of = |rows: &Tensor| score_b.index_select(0, rows);
    let above_m = score_of(&compared.positive_m) - score_of(&compared.negative_m);
    let lack_m: Tensor = (MARGIN - above_m).relu();
    lack_m.sum(Kind::Float) / compared.negative_m.size()[0].max(1) as f64
}

/// One linear layer on both phrases, and its loss.
pub struct PairHead {
    layer: Layer,
    loss: PairLoss,
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
    type Head = PairHead;
    type Scorer = PairScorer;

    fn broken_rule(config: &Config) -> Option<&'static str> {
        let known = [SpanPooling::Mean, SpanPooling::Start].contains(&config.span_pooling);
        if !known {
            return Some("span_pooling must be mean or start for pairs");
        }
        let is_cut = config.pair_loss == PairLoss::Margin && config.gradient_accumulation_steps > 1;
        is_cut.then_some(
            "pair_loss=margin needs gradient_accumulation_steps=1: it compares a positive with its negatives in a batch",
        )
    }

    fn specs(_: &Config, _: i64, features: i64, classes: i64) -> Vec<Spec> {
        Spec::linear("head", 2 * features, classes).to_vec()
    }

    fn head(config: &Config, params: &Params) -> Result<PairHead> {
        Ok(PairHead {
            layer: Layer::new(params, "head")?,
            loss: config.pair_loss,
        })
    }

    fn reads<'a>(_: &PairHead, targets: &'a PairTargets) -> Option<&'a Tensor> {
        Some(&targets.phrases.place_n)
    }

    /// b × c from the two phrases' pooled features side by side.
    fn logits(
        head: &PairHead,
        features: &[Tensor],
        batch: &Batch<PairExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        let targets = &batch.targets;
        let phrases_sh = targets.phrases.mean(features);
        let both_bh = phrases_sh.view([targets.label_b.size()[0], 2 * phrases_sh.size()[1]]);
        head.layer.linear(&both_bh, Kind::Float)
    }

    fn loss(head: &PairHead, logits_bc: &Tensor, targets: &PairTargets) -> Tensor {
        match (head.loss, &targets.compared) {
            (PairLoss::Margin, Some(compared)) => margin(logits_bc, compared),
            _ => logits_bc.cross_entropy_for_logits(&targets.label_b),
        }
    }

    /// b × 2 in fp64: the class of each pair, and by how much the second class is above the first.
    fn predict(logits_bc: &Tensor, _: &PairTargets) -> Tensor {
        class_and_score(logits_bc)
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
    use crate::data::sampler;
    use crate::data::store::Store;
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
    fn a_pair_without_a_phrase_is_left_out_and_counted() {
        let vocabulary = vocabulary("bert-tiny");
        let mut words = vocabulary.words();
        for (first, second) in [("", "river"), ("gold", " \u{a0}")] {
            let row = PairExample {
                first: first.into(),
                second: second.into(),
                ..pair("part of")
            };
            let mut counts = Counts::default();
            assert!(row.examples(&mut words, 40.into(), &mut counts).is_empty());
            assert_eq!((counts.read, counts.kept, counts.no_target), (1, 0, 1));
        }
        let mut counts = Counts::default();
        let all = pair("part of").examples(&mut words, 5.into(), &mut counts);
        assert!(all.is_empty());
        assert_eq!((counts.kept, counts.too_long), (0, 1));
    }

    #[test]
    fn phrases_are_pooled_by_mean_or_read_at_the_start() {
        let target = PairTarget {
            first: (1, 3),
            second: (4, 5),
            ..PairTarget::default()
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

    /// A pair that is or was made from this positive.
    fn of(positive: u64, is_positive: bool) -> PairTarget {
        PairTarget {
            label: is_positive.into(),
            is_positive,
            positive,
            ..PairTarget::default()
        }
    }

    #[test]
    fn the_margin_is_between_each_positive_and_its_own_negatives() {
        // The negative of 9 has no positive here, and the positive 8 no negative.
        let targets = [
            (7, false),
            (3, true),
            (7, true),
            (9, false),
            (7, false),
            (8, true),
        ];
        let mut targets = targets
            .map(|(positive, is_positive)| of(positive, is_positive))
            .to_vec();
        targets.push(of(3, false));
        let compared = Compared::new(targets.iter());
        // Scores: 0.25, 2, 1, 9, -0.5, -7, 1.5.
        let logits = [
            0.0f32, 0.25, 1.0, 3.0, -1.0, 0.0, 0.0, 9.0, 0.5, 0.0, 7.0, 0.0, -1.5, 0.0,
        ];
        let logits = Tensor::from_slice(&logits)
            .view([7, 2])
            .set_requires_grad(true);
        let loss = margin(&logits, &compared);
        // max(0, 1 - 1 + 0.25), max(0, 1 - 1 - 0.5), max(0, 1 - 2 + 1.5)
        let expected = (0.25 + 0.0 + 0.5) / 3.0;
        assert!((loss.double_value(&[]) - expected).abs() < 1e-6, "{loss:?}");

        let none = Compared::new([of(3, false), of(7, true)].iter());
        let loss = margin(&logits, &none);
        assert_eq!(loss.double_value(&[]), 0.0);
        let grads = Tensor::run_backward(&[loss], &[&logits], false, false);
        assert_eq!(grads[0], Tensor::zeros([7, 2], (Kind::Float, Device::Cpu)));
    }

    #[test]
    fn a_margin_needs_two_classes_and_a_positive_with_a_negative() {
        let config = Config::preset(Preset::Paper, Task::Pair);
        let margin = config.with("pair_loss=margin").unwrap();
        margin.check().unwrap();
        let parts = margin.with("gradient_accumulation_steps=2").unwrap();
        let message = parts.check().unwrap_err().to_string();
        assert!(message.starts_with("pair_loss=margin needs gradient_accumulation_steps=1"));
        let both = [of(1, true), of(1, false)];
        let unfit = |config, targets: &[PairTarget], classes| {
            PairExample::unfit(targets, config, classes).unwrap_or("")
        };
        assert_eq!(unfit(&margin, &both, 2), "");
        assert!(unfit(&margin, &both, 3).contains("two classes"));
        let apart = [of(1, true), of(2, false)];
        assert!(unfit(&margin, &apart, 2).contains("a positive with a negative"));
        assert_eq!(unfit(&config, &apart, 3), "");
    }

    #[test]
    fn batches_of_the_margin_hold_positives_with_their_negatives() {
        let one = |i: u64| Example {
            ids: vec![5; 4 + (i as usize * 7) % 5],
            target: of(i % 20, i < 20),
        };
        let store: Store<PairExample> = Store::of((0..60).map(one)); // three of each
        let batches = |sets: &[&str], epoch| {
            let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
            let config = Config::preset(Preset::Paper, Task::Pair);
            let config = config.with("pair_loss=margin").unwrap();
            let config = config.with_all(&sets).unwrap();
            let batches = sampler::epoch(&store, &config, epoch);
            let count = sampler::batches_per_epoch(&store, &config);
            assert_eq!(count, batches.len() as u64);
            let mut all = batches.concat();
            all.sort_unstable();
            assert_eq!(all, (0..60).collect::<Vec<_>>());
            for batch in &batches {
                let own = batch.iter().map(|&i| &store.targets()[i]);
                assert_eq!(
                    Compared::new(own).negative_m.size()[0] * 3,
                    batch.len() as i64 * 2
                );
            }
            batches
        };
        // 8 / 3 positives a batch; a batch of 2 is too small for one.
        assert_eq!(batches(&["batch_size=8"], 0).len(), 10);
        assert_eq!(batches(&["batch_size=2"], 0).len(), 20);
        let tokens = ["batch_tokens=60"];
        let found: Vec<_> = (0..4).map(|epoch| batches(&tokens, epoch)).collect();
        assert_ne!(found[0], found[1]);
        let again = batches(&tokens, 0);
        assert_eq!(found[0], again);
    }
}
