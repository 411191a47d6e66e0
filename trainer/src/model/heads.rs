//! What prediction heads have in common. Those of a task are in its file.
//!
//! Shapes: w = scored word, p = position.

use tch::{Kind, Tensor};

/// Whether a parameter of this name belongs to a head: a task's, or the released code's.
pub fn is_head(name: &str) -> bool {
    let layer = name.split('.').next().unwrap_or_default();
    let known = ["head", "com_dense", "dense", "out_proj", "self_attention"];
    known.contains(&layer) || layer.starts_with("arc_")
}

/// All features in fp32 side by side.
pub(crate) fn side_by_side(features: &[Tensor]) -> Tensor {
    let features = features.iter().map(|x| x.to_kind(Kind::Float));
    Tensor::cat(&features.collect::<Vec<_>>(), -1)
}

/// Which of the places that are scored, w × p, lie behind the last token of each word's sentence.
pub(crate) fn outside(length_w: &Tensor, scores_wp: &Tensor) -> Tensor {
    let place_p = Tensor::arange(scores_wp.size()[1], (Kind::Int64, scores_wp.device()));
    place_p.unsqueeze(0).ge_tensor(&length_w.unsqueeze(1))
}
