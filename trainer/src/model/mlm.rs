//! The layer that guesses a masked token (BERT's and RoBERTa's masked language model head).
//!
//! Shapes: m = masked place, f = width of the features, h = hidden size of the backbone, v = token.

use tch::{Kind, Reduction, Tensor};

use crate::Result;
use crate::model::backbone::Backbone;
use crate::model::params::{Params, Spec};
use crate::model::product;

mod shipped;

/// The name of the bias of each token.
pub(crate) const BIAS: &str = "bias";

/// The parameters of a layer that is to be trained on features of this width: a linear layer to the
/// backbone's width, a layer norm, and a bias for each token. What compares the result with the
/// tokens is no parameter: the backbone's own embeddings, which stay as they are.
pub fn specs(features: i64, hidden: i64, tokens: i64) -> Vec<Spec> {
    let bias = Spec {
        name: BIAS.into(),
        shape: vec![tokens],
        init: crate::model::params::Init::Constant(0.0),
    };
    let dense = Spec::linear("dense", features, hidden);
    let mut specs = [dense, Spec::layer_norm("layer_norm", hidden)].concat();
    specs.push(bias);
    specs
}

/// Guesses tokens.
pub struct Mlm {
    dense: [Tensor; 2],
    norm: [Tensor; 2],
    decoder_vh: Tensor,
    bias_v: Tensor,
    eps: f64,
    gelu: &'static str,
}

impl Mlm {
    /// The layer with these parameters, which are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if they were made for something else.
    pub fn new(params: &Params, backbone: &Backbone) -> Result<Self> {
        let pair = |name: &str| -> Result<[Tensor; 2]> {
            Ok([
                params.get(&format!("{name}.weight"))?,
                params.get(&format!("{name}.bias"))?,
            ])
        };
        Ok(Self {
            dense: pair("dense")?,
            norm: pair("layer_norm")?,
            decoder_vh: backbone.word_embeddings().shallow_clone(),
            bias_v: params.get(BIAS)?,
            eps: backbone.config().layer_norm_eps,
            gelu: "none",
        })
    }

    /// How wide the features are that it reads.
    pub fn features(&self) -> i64 {
        self.dense[0].size()[1]
    }

    /// A score for each token, m × v, before the softmax. In fp32, whatever the backbone's precision: of
    /// tens of thousands of tokens many have the same score in bf16.
    pub fn scores(&self, features_mf: &Tensor) -> Tensor {
        self.scores_in(features_mf, Kind::Float)
    }

    /// `kind` is the precision of the product with the decoder.
    fn scores_in(&self, features_mf: &Tensor, kind: Kind) -> Tensor {
        let x_mh = features_mf.linear(&self.dense[0], Some(&self.dense[1]));
        let shape = self.norm[0].size();
        let [weight, bias] = &self.norm;
        let x_mh = x_mh
            .gelu(self.gelu)
            .layer_norm(shape, Some(weight), Some(bias), self.eps, true);
        let decoder_vh = self.decoder_vh.to_kind(kind);
        let product_mv = product::linear(&x_mh.to_kind(kind), &decoder_vh, None);
        product_mv.to_kind(Kind::Float) + &self.bias_v
    }

    /// The sum of the masked tokens' cross-entropies, in nats. The product with the decoder, which is
    /// nearly all of the work, is in the backbone's precision.
    pub fn loss(&self, features_mf: &Tensor, token_m: &Tensor) -> Tensor {
        let none: Option<&Tensor> = None;
        self.scores_in(features_mf, self.decoder_vh.kind())
            .cross_entropy_loss(token_m, none, Reduction::Sum, -100, 0.0)
    }
}
