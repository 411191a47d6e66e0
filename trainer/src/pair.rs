//! A trained layer's weight and bias, and the two things that are computed with them.

use tch::{Kind, Tensor};

use crate::Result;
use crate::params::Params;

/// Weight and bias, as leaves of the flat parameters.
pub struct Pair {
    weight: Tensor,
    bias: Tensor,
}

impl Pair {
    /// `{name}.weight` and `{name}.bias`.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
    pub fn new(params: &Params, name: &str) -> Result<Self> {
        Ok(Self {
            weight: params.get(&format!("{name}.weight"))?,
            bias: params.get(&format!("{name}.bias"))?,
        })
    }

    /// The product in `kind`'s precision, which is also the result's.
    pub fn linear(&self, x: &Tensor, kind: Kind) -> Tensor {
        x.to_kind(kind)
            .linear(&self.weight.to_kind(kind), Some(self.bias.to_kind(kind)))
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
