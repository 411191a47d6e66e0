//! What turns features into predictions, and predictions into losses.
//!
//! Shapes: b = sentence, t = position, h = width of a feature, r = relation, w = scored word,
//! p = position that a head can have.

use tch::{Kind, Reduction, Tensor};

use crate::Result;
use crate::batch::{Batch, Targets};
use crate::config::{Config, HeadLoss, Task};
use crate::params::{Init, Params, Spec};

/// The parameters of the head. `features` is the width of all features together; `classes` is the
/// number of relations, and not used for head prediction.
pub fn specs(config: &Config, features: i64, classes: i64) -> Vec<Spec> {
    let (inputs, outputs) = match config.task {
        Task::Relation => (2 * features, classes),
        Task::Heads => (features, config.max_length as i64),
    };
    Spec::linear(
        "head",
        inputs,
        outputs,
        Init::linear(inputs),
        Init::linear(inputs),
    )
    .to_vec()
}

/// One linear layer, for either task (K-Adapter, sections 3.2 and 3.3).
pub struct Head {
    weight: Tensor,
    bias: Tensor,
}

impl Head {
    /// The head whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
    pub fn new(params: &Params) -> Result<Self> {
        Ok(Self {
            weight: params.get("head.weight")?,
            bias: params.get("head.bias")?,
        })
    }

    /// Relations: b × r from the two entities' pooled features side by side. Heads: w × p from the
    /// feature at each scored word's first piece. Only the positions that are read are computed.
    pub fn logits(&self, features_bth: &[Tensor], targets: &Targets) -> Tensor {
        let read = match targets {
            Targets::Relation { pool_b2t, .. } => {
                let pooled = features_bth
                    .iter()
                    .map(|x| pool_b2t.bmm(&x.to_kind(Kind::Float)));
                Tensor::cat(&pooled.collect::<Vec<_>>(), -1).flatten(1, 2)
            }
            Targets::Heads { place_w, .. } => {
                let gathered = features_bth.iter().map(|x| {
                    x.flatten(0, 1)
                        .index_select(0, place_w)
                        .to_kind(Kind::Float)
                });
                Tensor::cat(&gathered.collect::<Vec<_>>(), -1)
            }
        };
        read.linear(&self.weight, Some(&self.bias))
    }
}

/// Relations: cross-entropy. Heads: what `head_loss` says, over all positions that a head can
/// have; the mean is over words, and for the binary loss over positions, too.
pub fn loss(logits: &Tensor, targets: &Targets, head_loss: HeadLoss) -> Tensor {
    match (targets, head_loss) {
        (Targets::Relation { label_b: class, .. }, _)
        | (Targets::Heads { head_w: class, .. }, HeadLoss::CrossEntropy) => {
            logits.cross_entropy_for_logits(class)
        }
        (Targets::Heads { head_w, .. }, HeadLoss::Binary) => {
            let one_hot = logits
                .zeros_like()
                .scatter_value(1, &head_w.unsqueeze(1), 1.0);
            let none: Option<&Tensor> = None;
            logits.binary_cross_entropy_with_logits(&one_hot, none, none, Reduction::Mean)
        }
    }
}

/// The label of each sentence, or the position of each scored word's head. A head lies in its
/// sentence: no position behind the last piece is predicted.
pub fn predictions(logits: &Tensor, batch: &Batch) -> Tensor {
    match &batch.targets {
        Targets::Relation { .. } => logits.argmax(-1, false),
        Targets::Heads { length_w, .. } => {
            let place_p = Tensor::arange(logits.size()[1], (Kind::Int64, logits.device()));
            let outside = place_p.unsqueeze(0).ge_tensor(&length_w.unsqueeze(1));
            logits
                .masked_fill(&outside, f64::NEG_INFINITY)
                .argmax(-1, false)
        }
    }
}
