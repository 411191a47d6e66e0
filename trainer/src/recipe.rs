//! The choices in which K-Adapter's paper and the code released with it differ, and what else there is
//! to choose from.

use serde::{Deserialize, Serialize};

/// Whose recipe the defaults follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
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

/// How fine-tuning joins what several adapters say of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fusion {
    /// The features [s ; o] of each, side by side (the paper).
    Concat,
    /// Each through a linear layer to the backbone's width, those of several side by side through another
    /// (the released code).
    Project,
}

/// Which of the backbone's hidden states the adapter layers read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plug {
    /// After the first, a middle and the last layer: 1, 12, 24 of 24 (the paper).
    After,
    /// Before them: 0, 11, 22 of 24 (the released code).
    Before,
}

impl Plug {
    /// Indexes into the hidden states (0 = embeddings) of a backbone with so many layers.
    pub fn points(self, backbone_layers: usize, adapter_layers: usize) -> Vec<usize> {
        let spread = |i: usize, last: usize| match adapter_layers {
            1 => last,
            k => i * last / (k - 1),
        };
        let point = |i| match self {
            Self::After => spread(i, backbone_layers - 1) + 1,
            Self::Before => spread(i, backbone_layers.saturating_sub(2)),
        };
        (0..adapter_layers).map(point).collect()
    }
}

/// What the adapter makes of the pads behind a shorter input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pads {
    /// Nothing reads them (the paper).
    Masked,
    /// They are pieces like any other: they have positions of their own and are attended, so every
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
pub enum WordHead {
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
    /// The mean over its pieces (the paper).
    Mean,
    /// The state at its first marker (the released code).
    Marker,
}

/// How head prediction is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeadLoss {
    /// Each position is a yes-or-no question of its own (the paper's `BCEWithLogits`).
    #[serde(rename = "bce")]
    Binary,
    /// The positions compete (the released code's cross-entropy).
    #[serde(rename = "cross_entropy")]
    CrossEntropy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plug_points_follow_the_paper_and_the_released_code() {
        assert_eq!(Plug::After.points(24, 3), [1, 12, 24]);
        assert_eq!(Plug::Before.points(24, 3), [0, 11, 22]);
        assert_eq!(Plug::After.points(6, 3), [1, 3, 6]);
        assert_eq!(Plug::After.points(6, 1), [6]);
        assert_eq!(Plug::Before.points(1, 1), [0]);
    }
}
