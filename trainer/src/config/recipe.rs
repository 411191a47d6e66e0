//! The choices in which K-Adapter's paper and the code released with it differ, and what else there is
//! to choose from.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use crate::config::plug::Plug;

/// Whose recipe the defaults follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// That of the paper, with an adapter whose size follows the backbone.
    Scaled,
    /// The K-Adapter paper (Wang et al., 2021, sections 3 and 4.1).
    Paper,
    /// The code and scripts released with it, where they differ.
    Released,
}

/// How an adapter layer joins the backbone's state and the adapter layer before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fuse {
    /// Side by side; the skip connection starts at the backbone's state (the paper).
    Concat,
    /// Their sum, from which the skip connection starts, too (the released code).
    Add,
}

/// How fine-tuning joins what several adapters say of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fusion {
    /// The features [s ; o] of each, side by side (the paper).
    Concat,
    /// Each through a linear layer to the backbone's width, those of several side by side through another
    /// (the released code).
    Project,
    /// Beside the backbone's feature a weighted sum of the adapters' outputs: for each token attention with a query from the
    /// backbone, keys and values from the adapters (`AdapterFusion`; Pfeiffer et al., 2021).
    Attention,
    /// Beside the backbone's feature the sum of the adapters' outputs, each times a gate from 0 to 1 that is learned of
    /// token and output.
    Gate,
}

/// What the adapter makes of the pads behind a shorter input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pads {
    /// Nothing reads them (the paper).
    Masked,
    /// They are tokens like any other: they have positions of their own and are attended, so every
    /// input is padded to `max_length`, on which the result depends (the released code).
    Attended,
}

/// What predicts the relation from the two entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationHead {
    /// One linear layer (the paper).
    Linear,
    /// Three, with no activation between them: `com_dense` halves an entity's feature, `dense`
    /// joins both, `out_proj` classifies (the released code).
    Stacked,
}

/// What predicts the head of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParserHead {
    /// One linear layer, from a word's feature to a score for each place in the sentence (the paper).
    Linear,
    /// A score for each pair of a word and a place, from the features of both (Dozat and Manning,
    /// 2017). It learns from far fewer sentences.
    Biaffine,
    /// An attention block over the sentence, then a score for each place in it (the released code).
    Released,
}

/// What stands for an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entity {
    /// The mean over its tokens (the paper).
    Mean,
    /// The state at its first marker (the released code).
    Marker,
}

/// How head prediction is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParserLoss {
    /// Each position is a yes-or-no question of its own (the paper's `BCEWithLogits`).
    #[serde(rename = "bce")]
    Binary,
    /// The positions compete (the released code's cross-entropy).
    #[serde(rename = "cross_entropy")]
    CrossEntropy,
}

/// When the learning rate's scheduler steps, relative to the optimizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulerStep {
    /// `optimizer.step()` first: an update has the schedule's rate of its own step (PyTorch's order, and that of the
    /// released code's fine-tuning).
    #[default]
    AfterOptimizer,
    /// `scheduler.step()` first: an update has the rate of the step behind it. The first one has the peak over the
    /// warm-up, not 0, and the last one has 0 (the released code's pre-training).
    BeforeOptimizer,
}

/// Where AdamW adds its epsilon to the root of the mean squared gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpsilonPlacement {
    /// To the root that is corrected for its bias already (Adam's paper, algorithm 1, and torch).
    #[default]
    AfterBiasCorrection,
    /// To the root before it is corrected, so that epsilon is corrected, too: early steps are shorter where
    /// gradients are small (`pytorch_transformers`, which the released code uses).
    BeforeBiasCorrection,
}

/// Which of the markers around two entities must lie within the longest input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkersWithin {
    /// All of them: both entities are whole.
    #[default]
    All,
    /// The opening ones; an entity may be cut off. One whose opening marker would stand in the last place is kept,
    /// and read at the end token that stands there instead (the released code).
    Opening,
}
