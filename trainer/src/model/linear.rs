//! Linear layers and layer norms of a backbone.

use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::libtorch::{self, Packed, Then};
use crate::model::product;

/// A layer norm.
pub(crate) struct Norm {
    pub(crate) weight: Tensor,
    pub(crate) bias: Tensor,
}

impl Norm {
    pub(crate) fn of(&self, x: &Tensor, eps: f64) -> Tensor {
        let shape = self.weight.size();
        x.layer_norm(shape, Some(&self.weight), Some(&self.bias), eps, true)
    }
}

/// A linear layer.
pub(crate) enum Linear {
    Plain {
        weight: Tensor,
        bias: Tensor,
    },
    /// Faster, for bf16 on a CPU where oneDNN multiplies it.
    Packed(Packed),
}

impl Linear {
    pub(crate) fn new(weight: Tensor, bias: Tensor) -> Result<Self> {
        let is_packed = weight.device() == Device::Cpu
            && weight.kind() == Kind::BFloat16
            && !weight.requires_grad()
            && libtorch::multiplies_bf16();
        Ok(if is_packed {
            Self::Packed(Packed::new(&weight, &bias)?)
        } else {
            Self::Plain { weight, bias }
        })
    }

    pub(crate) fn of(&self, x: &Tensor) -> Tensor {
        match self {
            Self::Plain { weight, bias } => product::linear(x, weight, Some(bias)),
            Self::Packed(packed) => packed.linear(x, Then::Nothing),
        }
    }

    pub(crate) fn then_gelu(&self, x: &Tensor, gelu: &str) -> Tensor {
        match self {
            Self::Packed(packed) if gelu == "none" => packed.linear(x, Then::Gelu),
            _ => self.of(x).gelu(gelu),
        }
    }

    pub(crate) fn then_add(&self, x: &Tensor, other: &Tensor) -> Tensor {
        match self {
            Self::Plain { .. } => self.of(x) + other,
            Self::Packed(packed) => packed.linear(x, Then::Add(other)),
        }
    }

    /// Weight and bias as they were.
    pub(crate) fn tensors(&self) -> [Tensor; 2] {
        match self {
            Self::Plain { weight, bias } => [weight.shallow_clone(), bias.shallow_clone()],
            Self::Packed(packed) => [packed.weight(), packed.bias()],
        }
    }
}
