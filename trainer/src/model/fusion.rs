//! Fusion: the backbone's last hidden state and the adapters' outputs become the features of a token.
//!
//! Shapes: h = the backbone's width; the dimensions before it are any.

use std::iter;

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, Fusion};
use crate::model::pair::Pair;
use crate::model::params::{Init, Params, Spec};
use crate::model::product;

/// The width of the features on a backbone of width `hidden`.
pub fn width(config: &Config, hidden: i64) -> i64 {
    match (config.adapters.unwrap_or(0) as i64, config.fusion) {
        (0, _) | (_, Some(Fusion::Project)) => hidden,
        (_, Some(Fusion::Attention | Fusion::Gate)) => 2 * hidden,
        (adapters, _) => 2 * hidden * adapters,
    }
}

/// The parameters of the fusion.
pub fn specs(config: &Config, hidden: i64) -> Vec<Spec> {
    let adapters = config.adapters.unwrap_or(0);
    let each = |outputs: i64| {
        let names = (0..adapters).map(|i| format!("fusion.{i}"));
        names.flat_map(move |name| Spec::linear(&name, 2 * hidden, outputs))
    };
    match config.fusion {
        _ if adapters == 0 => Vec::new(),
        None | Some(Fusion::Concat) => Vec::new(),
        Some(Fusion::Project) => {
            let mut specs: Vec<Spec> = each(hidden).collect();
            if adapters > 1 {
                let inputs = adapters as i64 * hidden;
                specs.extend(Spec::linear("fusion.all", inputs, hidden));
            }
            specs
        }
        Some(Fusion::Attention) => {
            let [query, key] = ["fusion.query", "fusion.key"];
            let mut specs = Spec::linear(query, hidden, hidden).to_vec();
            specs.extend(Spec::linear(key, hidden, hidden));
            // At first the values are the outputs themselves.
            let [weight, _] = Spec::linear("fusion.value", hidden, hidden);
            specs.push(Spec {
                init: Init::Identity,
                ..weight
            });
            specs
        }
        Some(Fusion::Gate) => each(1).collect(),
    }
}

/// The sum of the outputs' values, weighted by the softmax over adapters of query times key over the root of the width.
fn attention(
    query: &Pair,
    key: &Pair,
    value: &Tensor,
    last: &Tensor,
    outputs: &[Tensor],
) -> Tensor {
    let width = last.size()[last.dim() - 1];
    let output_nh = Tensor::stack(outputs, -2).to_kind(Kind::Float); // … × n × h, n = adapter
    let query_1h = query.linear(last, Kind::Float).unsqueeze(-2);
    let score_n = (query_1h * key.linear(&output_nh, Kind::Float)).sum_dim_intlist(
        [-1].as_slice(),
        true,
        Kind::Float,
    );
    let weight_n = (score_n / (width as f64).sqrt()).softmax(-2, Kind::Float);
    let value_nh = product::linear(&output_nh, value, None);
    (weight_n * value_nh).sum_dim_intlist([-2].as_slice(), false, Kind::Float)
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
    /// The hidden state, and the sum of values that attention weights.
    Attention {
        /// Of the hidden state.
        query: Pair,
        /// Of each output.
        key: Pair,
        /// The weight of a linear layer of each output.
        value: Tensor,
    },
    /// The hidden state, and the sum of outputs times gates.
    Gate(Vec<Pair>),
}

impl FusionLayers {
    /// The fusion whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        let adapters = config.adapters.unwrap_or(0);
        let each = || (0..adapters).map(|i| Pair::new(params, &format!("fusion.{i}")));
        Ok(match config.fusion {
            _ if adapters == 0 => Self::Concat,
            None | Some(Fusion::Concat) => Self::Concat,
            Some(Fusion::Project) => Self::Project {
                each: each().collect::<Result<_>>()?,
                all: (adapters > 1)
                    .then(|| Pair::new(params, "fusion.all"))
                    .transpose()?,
            },
            Some(Fusion::Attention) => Self::Attention {
                query: Pair::new(params, "fusion.query")?,
                key: Pair::new(params, "fusion.key")?,
                value: params.get("fusion.value.weight")?,
            },
            Some(Fusion::Gate) => Self::Gate(each().collect::<Result<_>>()?),
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
            Self::Attention { query, key, value } => {
                let fused = attention(query, key, value, &last, outputs);
                vec![last, fused]
            }
            Self::Gate(gates) => {
                let parts = gates.iter().zip(outputs).map(|(gate, output)| {
                    let both = Tensor::cat(&[&last, output], -1);
                    gate.linear(&both, Kind::Float).sigmoid() * output
                });
                let sum: Tensor = parts.sum();
                vec![last, sum]
            }
        }
    }
}
