//! Labels of spans: which classes are right for it (supersenses of `SenseBERT`, replaced entities of WKLM, or any
//! other classes of words).
//!
//! Shapes: s = span, h = width of a feature, c = class, n = token that a span reads, m = allowed class of a span.

use kprep_schemas::{LabelExample, stable_hash};
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, LabelLoss, LengthLimit, SpanPooling, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow};
use crate::data::masks::WordMasks;
use crate::data::span_words::{SpanWords, WordSpan};
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::{Names, numbers};
use crate::model::dropout::DropoutRng;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::model::pooled::Pooled;
use crate::tasks::{TaskDefinition, Titles, class_and_score};

pub use self::scorer::LabelScorer;

mod scorer;

/// The spans of a text with the classes that each may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelTarget {
    /// Its words, and the spans.
    pub text: SpanWords,
    /// How many classes each span may have.
    pub allowed: Box<[u16]>,
    /// These classes, one span behind the other.
    pub classes: Box<[u16]>,
    /// A hash of the lemma of each span or, where it is not told, of its words.
    pub lemmas: Box<[u64]>,
}

/// A span with the classes that it may have.
#[derive(Clone, Copy)]
struct Labelled<'a> {
    span: WordSpan,
    lemma: u64,
    allowed: &'a [u16],
}

impl LabelTarget {
    fn spans(&self) -> impl Iterator<Item = Labelled<'_>> {
        let mut rest = &self.classes[..];
        let spans = self.text.spans.iter().zip(&self.lemmas);
        let spans = spans.zip(&self.allowed);
        spans.map(move |((&span, &lemma), &count)| {
            let (allowed, others) = rest.split_at(usize::from(count).min(rest.len()));
            rest = others;
            Labelled {
                span,
                lemma,
                allowed,
            }
        })
    }

    fn of(words: &[u16], spans: &[Labelled]) -> Self {
        let classes = spans.iter().flat_map(|one| one.allowed.to_vec());
        Self {
            text: SpanWords {
                words: words.into(),
                spans: spans.iter().map(|one| one.span).collect(),
            },
            allowed: spans.iter().map(|one| one.allowed.len() as u16).collect(),
            classes: classes.collect(),
            lemmas: spans.iter().map(|one| one.lemma).collect(),
        }
    }
}

/// A hash of the lemma of a span or, where it is not told, of its words in lower case.
fn lemma(row: &LabelExample, span: WordSpan) -> u64 {
    let told = row.span_lemma.iter().nth(span.number);
    match told.filter(|lemma| !lemma.is_empty()) {
        Some(lemma) => stable_hash([lemma.as_bytes()]),
        None => span.form(&row.token),
    }
}

/// `<s> w … w </s>`, of which the end is cut off where it is too long.
impl TrainingRow for LabelExample {
    type Target = LabelTarget;
    type Targets = LabelTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<LabelTarget>> {
        let spans = self
            .span_start
            .iter()
            .copied()
            .zip(self.span_end.iter().copied());
        let Some((ids, mut text)) = SpanWords::read(
            self.token.iter(),
            spans.collect(),
            words,
            max_length,
            counts,
        ) else {
            return Vec::new();
        };
        let of = |span: WordSpan| {
            let labels = self.class_span.iter().zip(&self.label);
            let own = labels.filter(move |&(&of, _)| of as usize == span.number);
            own.map(|(_, &label)| u16::try_from(label).unwrap_or(u16::MAX))
        };
        let all = text.spans.len();
        let labelled = text.spans.iter().map(|&span| (span, of(span).collect()));
        let labelled = labelled.filter(|(_, classes): &(_, Vec<u16>)| !classes.is_empty());
        let (spans, classes): (Vec<WordSpan>, Vec<Vec<u16>>) = labelled.unzip();
        text.spans = spans.into();
        if !counts.keep_spans(all, text.spans.len()) {
            return Vec::new();
        }
        let target = LabelTarget {
            allowed: classes.iter().map(|own| own.len() as u16).collect(),
            classes: classes.concat().into(),
            lemmas: text.spans.iter().map(|&span| lemma(self, span)).collect(),
            text,
        };
        vec![Example { ids, target }]
    }

    fn masked_share(config: &Config, _: bool) -> f64 {
        config.mask_words
    }

    fn mask(target: &LabelTarget, ids: &mut [i64], masks: &mut WordMasks) -> Option<LabelTarget> {
        let spans: Vec<Labelled> = target.spans().collect();
        let is_masked = target.text.mask(ids, masks);
        let masked = spans.into_iter().zip(is_masked);
        let masked: Vec<_> = masked
            .filter_map(|(span, is_masked)| is_masked.then_some(span))
            .collect();
        Some(LabelTarget::of(&target.text.words, &masked))
    }

    fn collate(examples: &[(&LabelTarget, usize)], config: &Config, width: usize) -> LabelTargets {
        let (mut slots, mut lemmas) = (Vec::new(), Vec::new());
        let (mut spans, mut classes) = (Vec::new(), Vec::new());
        let mut number = 0;
        for (row, (target, _)) in examples.iter().enumerate() {
            for one in target.spans() {
                slots.extend(
                    target
                        .text
                        .slots(one.span, config.span_pooling, row * width),
                );
                for &class in one.allowed {
                    spans.push(number);
                    classes.push(usize::from(class));
                }
                lemmas.push(one.lemma);
                number += 1;
            }
        }
        LabelTargets {
            lemmas,
            slots: Pooled::new(&slots),
            span_m: int64(spans.into_iter()),
            class_m: int64(classes.into_iter()),
            spans: number as i64,
        }
    }

    fn highest_class(target: &LabelTarget) -> Option<u16> {
        target.classes.iter().copied().max()
    }
}

/// The allowed classes of each span.
pub struct LabelTargets {
    /// What stands for each span: one slot, or two.
    pub slots: Pooled,
    /// The span that each allowed class is for, int64.
    pub span_m: Tensor,
    /// The allowed classes, int64.
    pub class_m: Tensor,
    /// How many spans there are.
    pub spans: i64,
    /// A hash of the lemma of each.
    pub lemmas: Vec<u64>,
}

impl LabelTargets {
    /// Which classes are allowed, s × c.
    fn allowed(&self, logits_sc: &Tensor) -> Tensor {
        let none = Tensor::zeros(logits_sc.size(), (Kind::Bool, logits_sc.device()));
        let yes = Tensor::from(true).to_device(logits_sc.device());
        none.index_put(&[Some(&self.span_m), Some(&self.class_m)], &yes, false)
    }

    /// The allowed classes of each span.
    fn classes(&self) -> Result<Vec<Vec<u16>>> {
        let mut all = vec![Vec::new(); self.spans as usize];
        let (spans, classes) = (numbers(&self.span_m)?, numbers(&self.class_m)?);
        for (span, class) in spans.into_iter().zip(classes) {
            all[span as usize].push(class as u16);
        }
        Ok(all)
    }
}

impl Targets for LabelTargets {
    fn labels(&self) -> i64 {
        self.spans
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            slots: self.slots.to_device(device),
            span_m: self.span_m.to_device(device),
            class_m: self.class_m.to_device(device),
            spans: self.spans,
            lemmas: self.lemmas.clone(),
        }
    }
}

/// Minus the log of the probability of all allowed classes together and, for [`LabelLoss::Set`], minus the mean of the
/// log probabilities of the allowed ones. The mean over spans.
fn loss(logits_sc: &Tensor, is_allowed_sc: &Tensor, kind: LabelLoss) -> Tensor {
    let log_sc = logits_sc.log_softmax(-1, Kind::Float);
    let others_sc = is_allowed_sc.logical_not();
    let any_s = log_sc
        .masked_fill(&others_sc, f64::NEG_INFINITY)
        .logsumexp([-1], false);
    let log_s = match kind {
        LabelLoss::Any => any_s,
        LabelLoss::Set => {
            let sum_s = log_sc.masked_fill(&others_sc, 0.0).sum_dim_intlist(
                [-1].as_slice(),
                false,
                Kind::Float,
            );
            let allowed_s = is_allowed_sc.sum_dim_intlist([-1].as_slice(), false, Kind::Float);
            any_s + sum_s / allowed_s
        }
    };
    -log_s.mean(Kind::Float)
}

/// One linear layer, and its loss.
pub struct LabelHead {
    layer: Pair,
    loss: LabelLoss,
}

/// The task.
pub struct Labels;

impl TaskDefinition for Labels {
    const TASK: Task = Task::Labels;
    const NAME: &'static str = "labels";
    const FIGURES: Names = Names {
        score: "accuracy",
        baseline: "majority",
    };
    const KNOWLEDGE: Option<Titles> = Some(Titles {
        adapter: "Label knowledge adapter",
        backbone: "Label head without an adapter",
        random: "Randomly initialised adapter, with a label head,",
    });
    type Row = LabelExample;
    type Head = LabelHead;
    type Scorer = LabelScorer;

    fn broken_rule(config: &Config) -> Option<&'static str> {
        let known = [SpanPooling::Mean, SpanPooling::First, SpanPooling::Around];
        let is_known = known.contains(&config.span_pooling);
        (!is_known).then_some("span_pooling must be mean, first or around for labels")
    }

    /// The scores of all spans with the text visible, beside those of masked ones.
    fn also_scored(config: &Config) -> Option<(&'static str, Config)> {
        let visible = Config {
            mask_words: 0.0,
            ..config.clone()
        };
        (config.mask_words > 0.0).then_some(("visible", visible))
    }

    fn specs(config: &Config, _: i64, features: i64, classes: i64) -> Vec<Spec> {
        let sides = match config.span_pooling {
            SpanPooling::Around => 2,
            _ => 1,
        };
        Spec::linear("head", sides * features, classes).to_vec()
    }

    fn head(config: &Config, params: &Params) -> Result<LabelHead> {
        Ok(LabelHead {
            layer: Pair::new(params, "head")?,
            loss: config.label_loss,
        })
    }

    fn reads<'a>(_: &LabelHead, targets: &'a LabelTargets) -> Option<&'a Tensor> {
        Some(&targets.slots.place_n)
    }

    /// s × c from what stands for each span.
    fn logits(
        head: &LabelHead,
        features: &[Tensor],
        batch: &Batch<LabelExample>,
        _: Option<&DropoutRng>,
    ) -> Tensor {
        let targets = &batch.targets;
        let slots = targets.slots.mean(features);
        let spans_sh = slots.view([targets.spans, -1]);
        head.layer.linear(&spans_sh, Kind::Float)
    }

    fn loss(head: &LabelHead, logits_sc: &Tensor, targets: &LabelTargets) -> Tensor {
        loss(logits_sc, &targets.allowed(logits_sc), head.loss)
    }

    /// s × 2 in fp64: the class of each span, and by how much the second class is above the first.
    fn predict(logits_sc: &Tensor, _: &LabelTargets) -> Tensor {
        class_and_score(logits_sc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

    #[test]
    fn a_loss_over_a_set_of_classes_is_that_of_its_formula() {
        let logits = Tensor::from_slice(&[1.0f32, 2.0, 0.0, 0.5, 0.0, 3.0]).view([2, 3]);
        let allowed = Tensor::from_slice(&[true, true, false, false, false, true]).view([2, 3]);
        let share = |row: [f64; 3]| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.map(|x| x.exp() / sum)
        };
        let (one, other) = (share([1.0, 2.0, 0.0]), share([0.5, 0.0, 3.0]));
        let any = -(one[0] + one[1]).ln() - other[2].ln();
        let set = any - f64::midpoint(one[0].ln(), one[1].ln()) - other[2].ln();
        for (kind, expected) in [(LabelLoss::Any, any / 2.0), (LabelLoss::Set, set / 2.0)] {
            let found = loss(&logits, &allowed, kind).double_value(&[]);
            assert!(
                (found - expected).abs() < 1e-6,
                "{kind:?}: {found} {expected}"
            );
        }
        // Of one class it is the cross-entropy.
        let gold = Tensor::from_slice(&[1i64, 2]);
        let one_hot = gold.one_hot(3).to_kind(Kind::Bool);
        let found = loss(&logits, &one_hot, LabelLoss::Any).double_value(&[]);
        let expected = logits.cross_entropy_for_logits(&gold).double_value(&[]);
        assert!((found - expected).abs() < 1e-6);
    }

    #[test]
    fn spans_without_a_class_are_left_out_and_counted() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone/bert-tiny");
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let examples = |class_span: &[i32], label: &[i64], max_length: usize| {
            let row = LabelExample {
                token: ["gold", "river", "paris"].into(),
                span_start: vec![0, 1, 2],
                span_end: vec![0, 1, 2],
                span_lemma: ["gold", "", ""].into(),
                class_span: class_span.to_vec(),
                label: label.to_vec(),
                ..LabelExample::default()
            };
            let mut counts = Counts::default();
            let found = row.examples(&mut vocabulary.words(), max_length.into(), &mut counts);
            (found, counts)
        };
        let (found, counts) = examples(&[0, 2, 2], &[1, 0, 1], 40);
        let target = &found[0].target;
        assert_eq!(&*target.allowed, [1, 2]);
        assert_eq!(&*target.classes, [1, 0, 1]);
        assert_eq!(target.lemmas[1], stable_hash([&b"paris"[..]]));
        assert_eq!((counts.kept, counts.spans_cut), (1, 1));
        let (found, counts) = examples(&[], &[], 40);
        assert!(found.is_empty());
        assert_eq!((counts.kept, counts.no_target), (0, 1));
        // Of three spans the last is beyond the longest input, and the second has no class.
        let (found, counts) = examples(&[0, 2], &[1, 1], 4);
        assert_eq!((found.len(), counts.truncated, counts.spans_cut), (1, 1, 2));
    }
}
