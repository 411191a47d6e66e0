//! Fusion: the backbone's last hidden state and the adapters' outputs become the features of a token.
//!
//! Shapes: h = the backbone's width; the dimensions before it are any.

use std::iter;

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, Fusion};
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};

/// The width of the features on a backbone of width `hidden`.
pub fn width(config: &Config, hidden: i64) -> i64 {
    match (config.adapters.unwrap_or(0) as i64, config.fusion) {
        (0, _) | (_, Some(Fusion::Project)) => hidden,
        (adapters, _) => 2 * hidden * adapters,
    }
}

/// The parameters of the fusion.
pub fn specs(config: &Config, hidden: i64) -> Vec<Spec> {
    let adapters = config.adapters.unwrap_or(0);
    if config.fusion != Some(Fusion::Project) || adapters == 0 {
        return Vec::new();
    }
    let each = (0..adapters).map(|i| Spec::linear(&format!("fusion.{i}"), 2 * hidden, hidden));
    let mut specs: Vec<Spec> = each.flatten().collect();
    if adapters > 1 {
        let inputs = adapters as i64 * hidden;
        specs.extend(Spec::linear("fusion.all", inputs, hidden));
    }
    specs
}

/// What joins hidden state and outputs.
pub enum FusionLayers {
    /// The hidden state once, and the outputs beside it.
    Once,
    /// The hidden state and the output of each adapter side by side, as they are.
    Concat,
    /// Through linear layers.
    Project {
        /// One an adapter.
        each: Vec<Pair>,
        /// Of several.
        all: Option<Pair>,
    },
}

impl FusionLayers {
    /// The fusion whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        let adapters = config.adapters.unwrap_or(0);
        if config.fusion != Some(Fusion::Project) || adapters == 0 {
            return Ok(Self::Concat);
        }
        let each = (0..adapters).map(|i| Pair::new(params, &format!("fusion.{i}")));
        let several = adapters > 1;
        Ok(Self::Project {
            each: each.collect::<Result<_>>()?,
            all: several
                .then(|| Pair::new(params, "fusion.all"))
                .transpose()?,
        })
    }

    /// Of the last hidden state, … × h, and the adapters' outputs, … × h each: what stands side by side in the head.
    /// Without adapters that is the hidden state alone.
    pub fn features(&self, last: &Tensor, outputs: &[Tensor]) -> Vec<Tensor> {
        if outputs.is_empty() {
            return vec![last.shallow_clone()];
        }
        let last = last.to_kind(Kind::Float);
        match self {
            Self::Once => {
                let outputs = outputs.iter().map(Tensor::shallow_clone);
                iter::once(last).chain(outputs).collect()
            }
            Self::Concat => {
                let pairs = outputs.iter();
                let pairs = pairs.flat_map(|o| [last.shallow_clone(), o.shallow_clone()]);
                pairs.collect()
            }
            Self::Project { each, all } => {
                let each = each.iter().zip(outputs);
                let each =
                    each.map(|(layer, o)| layer.linear(&Tensor::cat(&[&last, o], -1), Kind::Float));
                let each: Vec<Tensor> = each.collect();
                match all {
                    Some(all) => vec![all.linear(&Tensor::cat(&each, -1), Kind::Float)],
                    None => each,
                }
            }
        }
    }
}
