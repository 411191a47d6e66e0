//! The released code's head for parses: one attention block over the sentence, then a score for
//! each place that a head can have (K-Adapter's `lin-adapter.py`, with its parameters' names).
//!
//! Shapes: b = sentence, t = position, f = width of the features, h = the backbone's width, w = scored word, p = position that a
//! head can have.

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::Config;
use crate::model::attention::attend;
use crate::model::dropout::{DropoutRng, dropout};
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};

/// The parameters on a backbone of width `hidden`, for features of width `features` and so many
/// `places`. All linear layers start as torch's do: the released code gives them no start of its own.
pub fn specs(hidden: i64, features: i64, places: i64) -> Vec<Spec> {
    [
        Spec::linear("self_attention.self.query", hidden, hidden),
        Spec::linear("self_attention.self.key", hidden, hidden),
        Spec::linear("self_attention.self.value", hidden, hidden),
        Spec::linear("self_attention.output.dense", hidden, hidden),
        Spec::layer_norm("self_attention.output.LayerNorm", hidden),
        Spec::linear("com_dense", features, hidden),
        Spec::linear("dense", hidden, hidden),
        Spec::linear("out_proj", hidden, places),
    ]
    .concat()
}

/// `x = com_dense(features)`, `y = LayerNorm(x + output(attention(x)))`, `out_proj(dense(y))`, with
/// one attention head and no activation.
///
/// Pads are masked here, though the released adapter below attends to them: so it is in the released
/// code. Its dropout rates and epsilon are the adapter's (0.1, 1e-5), and so the adapter's settings
/// stand for both; that they go together is this program's assumption. Words are scored at their
/// first tokens alone, where the released code scores every token.
pub struct AttentionHead {
    query: Pair,
    key: Pair,
    value: Pair,
    attention_out: Pair,
    attention_norm: Pair,
    com_dense: Pair,
    dense: Pair,
    out_proj: Pair,
    dropout: f64,
    eps: f64,
}

impl AttentionHead {
    /// The head whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        Ok(Self {
            query: Pair::new(params, "self_attention.self.query")?,
            key: Pair::new(params, "self_attention.self.key")?,
            value: Pair::new(params, "self_attention.self.value")?,
            attention_out: Pair::new(params, "self_attention.output.dense")?,
            attention_norm: Pair::new(params, "self_attention.output.LayerNorm")?,
            com_dense: Pair::new(params, "com_dense")?,
            dense: Pair::new(params, "dense")?,
            out_proj: Pair::new(params, "out_proj")?,
            dropout: config.adapter_dropout,
            eps: config.adapter_layer_norm_eps,
        })
    }

    /// The score of each place for each scored word, w × p. `features_btf` lie side by side, pads are
    /// false in `mask_bt` (`None` = there are none), `place_w` are indexes into b · t. Every token
    /// is attended to; what follows the attention is computed for the scored words alone.
    pub fn logits(
        &self,
        features_btf: &Tensor,
        mask_bt: Option<&Tensor>,
        place_w: &Tensor,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let x_bth = self.com_dense.linear(features_btf, Kind::Float);
        let attended_bth = self.attend(&x_bth, mask_bt, rng);
        let scored = |y_bth: &Tensor| y_bth.flatten(0, 1).index_select(0, place_w);
        let attended_wh = self
            .attention_out
            .linear(&scored(&attended_bth), Kind::Float);
        let attended_wh = dropout(&attended_wh, self.dropout, rng);
        let y_wh = self
            .attention_norm
            .layer_norm(&(attended_wh + scored(&x_bth)), self.eps);
        let dense_wh = self.dense.linear(&y_wh, Kind::Float);
        let dropped_wh = dropout(&dense_wh, self.dropout, rng);
        self.out_proj.linear(&dropped_wh, Kind::Float)
    }

    fn attend(&self, x_bth: &Tensor, mask_bt: Option<&Tensor>, rng: Option<&DropoutRng>) -> Tensor {
        let qkv = [&self.query, &self.key, &self.value].map(|pair| pair.linear(x_bth, Kind::Float));
        let mask_b11t = mask_bt.map(|mask| mask.unsqueeze(1).unsqueeze(1));
        let dropout = rng.map(|rng| (self.dropout, rng));
        attend(&Tensor::cat(&qkv, -1), 1, mask_b11t.as_ref(), dropout)
    }
}
