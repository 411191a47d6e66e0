//! A trained layer's weight and bias, and the two things that are computed with them.

use tch::{Kind, Tensor};

use crate::Result;
use crate::model::params::Params;
use crate::model::product;

/// Weight and bias, as leaves of the flat parameters.
pub struct Pair {
    weight: Tensor,
    bias: Tensor,
}

impl Pair {
    /// `{name}.weight` and `{name}.bias`.
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(params: &Params, name: &str) -> Result<Self> {
        Ok(Self {
            weight: params.get(&format!("{name}.weight"))?,
            bias: params.get(&format!("{name}.bias"))?,
        })
    }

    /// The product in `kind`'s precision, which is also the result's.
    pub fn linear(&self, x: &Tensor, kind: Kind) -> Tensor {
        let [weight, bias] = [&self.weight, &self.bias].map(|tensor| tensor.to_kind(kind));
        product::linear(&x.to_kind(kind), &weight, Some(&bias))
    }

    /// The same of several layers with the same input, their results side by side.
    pub fn linear_side_by_side(pairs: [&Self; 3], x: &Tensor, kind: Kind) -> Tensor {
        let weight = Tensor::cat(&pairs.map(|pair| &pair.weight), 0).to_kind(kind);
        let bias = Tensor::cat(&pairs.map(|pair| &pair.bias), 0).to_kind(kind);
        product::linear(&x.to_kind(kind), &weight, Some(&bias))
    }

    /// The product with the weight's columns from `first` on, without the bias: what an input that
    /// would stand there beside others adds to their product.
    pub fn columns(&self, x: &Tensor, first: i64, kind: Kind) -> Tensor {
        let width = x.size()[x.dim() - 1];
        let weight = self.weight.narrow(1, first, width).to_kind(kind);
        product::linear(&x.to_kind(kind), &weight, None)
    }

    /// The bias.
    pub fn bias(&self, kind: Kind) -> Tensor {
        self.bias.to_kind(kind)
    }

    /// The layer norm over the last dimension, in fp32 whatever comes in.
    pub fn layer_norm(&self, x: &Tensor, eps: f64) -> Tensor {
        let x = x.to_kind(Kind::Float);
        x.layer_norm(
            self.weight.size(),
            Some(&self.weight),
            Some(&self.bias),
            eps,
            true,
        )
    }
}
