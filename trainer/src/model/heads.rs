//! What turns features into predictions, and predictions into losses.
//!
//! Shapes: b = sentence, t = position, h = width of a feature, r = relation, w = scored word,
//! p = position that a head can have.

use tch::{Kind, Reduction, Tensor};

use crate::Result;
use crate::config::{Config, ParserHead, ParserLoss, RelationHead, Task};
use crate::data::batch::{Batch, Targets};
use crate::data::span;
use crate::model::attention_head::{self, AttentionHead};
use crate::model::biaffine::{self, Biaffine};
use crate::model::dropout::dropout;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};

/// The parameters of the head on a backbone of width `hidden`. `features` is the width of all
/// features together; `classes` is the number of relations, and not used for head prediction.
pub fn specs(config: &Config, hidden: i64, features: i64, classes: i64) -> Vec<Spec> {
    let places = config.max_length as i64;
    match config.task {
        Task::Typing => Spec::linear("head", features, classes).to_vec(),
        Task::Choice => Spec::linear("head", features, 1).to_vec(),
        Task::Span => Spec::linear("head", features, 2).to_vec(),
        Task::Dependency => match config.parser {
            ParserHead::Linear => Spec::linear("head", features, places).to_vec(),
            ParserHead::Biaffine => biaffine::specs(features, config.biaffine_size),
            ParserHead::Released => attention_head::specs(hidden, features, places),
        },
        Task::Relation => match config.relation_head {
            RelationHead::Linear => Spec::linear("head", 2 * features, classes).to_vec(),
            RelationHead::Stacked => [
                Spec::linear("com_dense", features, hidden),
                Spec::linear("dense", 2 * hidden, hidden),
                Spec::linear("out_proj", hidden, classes),
            ]
            .concat(),
        },
    }
}

/// Whether a parameter of this name belongs to a head: one of [`specs`], or the released code's.
pub fn is_head(name: &str) -> bool {
    let layer = name.split('.').next().unwrap_or_default();
    let known = ["head", "com_dense", "dense", "out_proj", "self_attention"];
    known.contains(&layer) || layer.starts_with("arc_")
}

/// Predicts from features.
pub enum Head {
    /// One linear layer, for either task (K-Adapter, sections 3.2 and 3.3).
    Linear(Pair),
    /// The released code's head for relations, with its parameters' names.
    Stacked {
        /// Of each entity.
        com_dense: Pair,
        /// Of both.
        dense: Pair,
        /// Of the relations.
        out_proj: Pair,
        /// Before the last layer.
        dropout: f64,
    },
    /// For heads of words.
    Biaffine(Biaffine),
    /// The released code's head for heads of words.
    Attention(AttentionHead),
}

impl Head {
    /// The head whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        let dropout = config.adapter_dropout;
        let linear = || Ok(Self::Linear(Pair::new(params, "head")?));
        match config.task {
            Task::Typing | Task::Choice | Task::Span => linear(),
            Task::Dependency => match config.parser {
                ParserHead::Linear => linear(),
                ParserHead::Biaffine => Ok(Self::Biaffine(Biaffine::new(params, dropout)?)),
                ParserHead::Released => Ok(Self::Attention(AttentionHead::new(config, params)?)),
            },
            Task::Relation => match config.relation_head {
                RelationHead::Linear => linear(),
                RelationHead::Stacked => Ok(Self::Stacked {
                    com_dense: Pair::new(params, "com_dense")?,
                    dense: Pair::new(params, "dense")?,
                    out_proj: Pair::new(params, "out_proj")?,
                    dropout,
                }),
            },
        }
    }

    /// The positions whose features it reads, as indexes into the batch's positions one sentence
    /// after the other; `None` for all.
    pub fn reads<'a>(&self, targets: &'a Targets) -> Option<&'a Tensor> {
        match (self, targets) {
            (Self::Linear(_) | Self::Stacked { .. }, Targets::Relation { place_n, .. }) => {
                Some(place_n)
            }
            (
                Self::Linear(_),
                Targets::Heads { place_w: place, .. }
                | Targets::Typing { place_b: place, .. }
                | Targets::Choice { place_n: place, .. },
            ) => Some(place),
            _ => None,
        }
    }

    /// Relations: b × r from the two entities' pooled features side by side. Heads: w × p from the
    /// feature at each scored word's first token, or from those of its sentence. The features are
    /// those at the positions that it [reads](Self::reads). `train` is whether dropout is on.
    pub fn logits(&self, features: &[Tensor], batch: &Batch, train: bool) -> Tensor {
        let targets = &batch.targets;
        match (self, targets) {
            (
                Self::Linear(pair),
                Targets::Choice {
                    at_n,
                    label_b,
                    most,
                    ..
                },
            ) => {
                let scores_n = pair
                    .linear(&side_by_side(features), Kind::Float)
                    .squeeze_dim(-1);
                let b = label_b.size()[0];
                // A place without an answer is never chosen.
                let none = (Kind::Float, scores_n.device());
                let none = Tensor::full([b * most], f64::NEG_INFINITY, none);
                none.scatter(0, at_n, &scores_n).view([b, *most])
            }
            (
                Self::Linear(pair),
                Targets::Heads { .. } | Targets::Typing { .. } | Targets::Span { .. },
            ) => pair.linear(&side_by_side(features), Kind::Float),
            (Self::Linear(pair), Targets::Relation { .. }) => {
                let both = entities(features, targets).flatten(1, 2);
                pair.linear(&both, Kind::Float)
            }
            (
                Self::Stacked {
                    com_dense,
                    dense,
                    out_proj,
                    dropout: rate,
                },
                _,
            ) => {
                let each = com_dense.linear(&entities(features, targets), Kind::Float);
                let joined = dense.linear(&each.flatten(1, 2), Kind::Float);
                out_proj.linear(&dropout(&joined, *rate, train), Kind::Float)
            }
            (
                Self::Biaffine(biaffine),
                Targets::Heads {
                    place_w, length_w, ..
                },
            ) => biaffine.logits(&side_by_side(features), place_w, length_w, train),
            (Self::Attention(attention), Targets::Heads { place_w, .. }) => {
                let all = side_by_side(features);
                attention.logits(&all, batch.mask_bt.as_ref(), place_w, train)
            }
            (Self::Biaffine(_) | Self::Attention(_), _) => {
                unreachable!("this head is made for the heads of words alone")
            }
        }
    }
}

/// All features in fp32 side by side.
fn side_by_side(features: &[Tensor]) -> Tensor {
    let features = features.iter().map(|x| x.to_kind(Kind::Float));
    Tensor::cat(&features.collect::<Vec<_>>(), -1)
}

/// The features of subject and object, b × 2 × h, from those of their tokens, n × h.
fn entities(features_nh: &[Tensor], targets: &Targets) -> Tensor {
    let all_nh = side_by_side(features_nh);
    let Targets::Relation {
        entity_n,
        weight_n,
        label_b,
        ..
    } = targets
    else {
        unreachable!("this head is made for relations alone")
    };
    let (b, h) = (label_b.size()[0], all_nh.size()[1]);
    let none = Tensor::zeros([2 * b, h], (Kind::Float, all_nh.device()));
    let weighted_nh = all_nh * weight_n.unsqueeze(1);
    none.index_add(0, entity_n, &weighted_nh).view([b, 2, h])
}

/// Relations: cross-entropy. Heads: what `parser_loss` says, over all positions that a head can
/// have; the mean is over words, and for the binary loss over positions, too.
pub fn loss(logits: &Tensor, targets: &Targets, parser_loss: ParserLoss) -> Tensor {
    match (targets, parser_loss) {
        (
            Targets::Typing {
                entity_n, class_n, ..
            },
            _,
        ) => {
            let is_typed = logits.zeros_like().index_put(
                &[Some(entity_n), Some(class_n)],
                &Tensor::from(1.0f32).to_device(logits.device()),
                false,
            );
            let none: Option<&Tensor> = None;
            logits.binary_cross_entropy_with_logits(&is_typed, none, none, Reduction::Mean)
        }
        (
            Targets::Span {
                start_b,
                end_b,
                length_b,
                ..
            },
            _,
        ) => span::loss(logits, [start_b, end_b], length_b),
        (Targets::Choice { label_b: class, .. } | Targets::Relation { label_b: class, .. }, _)
        | (Targets::Heads { head_w: class, .. }, ParserLoss::CrossEntropy) => {
            logits.cross_entropy_for_logits(class)
        }
        (Targets::Heads { head_w, .. }, ParserLoss::Binary) => {
            let one_hot = logits
                .zeros_like()
                .scatter_value(1, &head_w.unsqueeze(1), 1.0);
            let none: Option<&Tensor> = None;
            logits.binary_cross_entropy_with_logits(&one_hot, none, none, Reduction::Mean)
        }
    }
}

/// The label of each sentence or question, or the position of each scored word's head. A head lies in its
/// sentence: no position behind the last token is predicted. Of types, b × c: 1 where a type is more
/// probable than not, and 2 more for the most probable one. Of
/// answers, b × 3: first and last token, and by how much the span is above no answer.
pub fn predictions(logits: &Tensor, batch: &Batch) -> Tensor {
    match &batch.targets {
        Targets::Relation { .. } | Targets::Choice { .. } => logits.argmax(-1, false),
        Targets::Typing { .. } => {
            let best_b1 = logits.argmax(-1, true);
            let is_typed = logits.gt(0.0).to_kind(Kind::Int64);
            let best = is_typed.zeros_like().scatter_value(1, &best_b1, 2);
            is_typed + best
        }
        Targets::Span {
            first_b, length_b, ..
        } => span::best(logits, first_b, length_b),
        Targets::Heads { length_w, .. } => {
            let inside = logits.masked_fill(&outside(length_w, logits), f64::NEG_INFINITY);
            inside.argmax(-1, false)
        }
    }
}

/// Which of the places that are scored, w × p, lie behind the last token of each word's sentence.
pub(crate) fn outside(length_w: &Tensor, scores_wp: &Tensor) -> Tensor {
    let place_p = Tensor::arange(scores_wp.size()[1], (Kind::Int64, scores_wp.device()));
    place_p.unsqueeze(0).ge_tensor(&length_w.unsqueeze(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::model::adapter;

    #[test]
    fn heads_are_told_from_adapters_by_name() {
        let sets = ["parser=linear", "parser=biaffine", "parser=released"];
        let words = sets.map(|set| {
            Config::preset(Preset::Paper, Task::Dependency)
                .with(set)
                .unwrap()
        });
        let relations =
            [Preset::Paper, Preset::Released].map(|preset| Config::preset(preset, Task::Relation));
        for config in words.iter().chain(&relations) {
            let heads = specs(config, 8, 16, 3);
            assert!(heads.len() > 1 && heads.iter().all(|spec| is_head(&spec.name)));
            assert!(
                !adapter::specs(config, 8)
                    .iter()
                    .any(|spec| is_head(&spec.name))
            );
        }
        assert!(!is_head("roberta.encoder.layer.0.output.dense.weight"));
    }
}
