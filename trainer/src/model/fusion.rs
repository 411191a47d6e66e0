//! What several frozen adapters say of a token, and the trained backbone itself, made one feature.
//!
//! Shapes: h = the backbone's width; the dimensions before it are any.

use std::rc::Rc;

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, Fusion};
use crate::model::adapter;
use crate::model::frozen::States;
use crate::model::knowledge::Knowledge;
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};

/// The width of the features on a backbone of width `hidden`.
pub fn width(config: &Config, hidden: i64) -> i64 {
    match (config.adapters.unwrap_or(0) as i64, config.fusion) {
        (0, _) | (_, Some(Fusion::Project)) => hidden,
        (adapters, _) => 2 * hidden * adapters,
    }
}

/// The parameters of the joint.
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

/// Joins.
pub enum Joint {
    /// Side by side, as they are.
    Concat,
    /// Through linear layers.
    Project {
        /// One an adapter.
        each: Vec<Pair>,
        /// Of several.
        all: Option<Pair>,
    },
}

impl Joint {
    /// The joint whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
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

    /// As [`Joint::features`], from hidden states of a batch, of which `last` is the backbone's last; at `places_n`
    /// (indexes into b · t) alone, if they are given.
    pub(crate) fn of_states(
        &self,
        states: &States,
        last: usize,
        knowledge: &[Rc<Knowledge>],
        mask_bt: Option<&Tensor>,
        places_n: Option<&Tensor>,
        kind: Kind,
    ) -> Vec<Tensor> {
        let outputs = knowledge.iter().filter_map(|one| {
            let own: Vec<Tensor> = one.points.iter().map(|&i| states.at(i)).collect();
            one.output(&own, mask_bt, places_n, kind)
        });
        let outputs: Vec<Tensor> = outputs.collect();
        self.features(&adapter::rows(&states.at(last), places_n), &outputs)
    }

    /// Of the last hidden state, … × h, and the adapters' outputs, … × h each: what stands side by side in the head.
    /// Without adapters that is the hidden state alone.
    pub fn features(&self, last: &Tensor, outputs: &[Tensor]) -> Vec<Tensor> {
        if outputs.is_empty() {
            return vec![last.shallow_clone()];
        }
        let last = last.to_kind(Kind::Float);
        match self {
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
