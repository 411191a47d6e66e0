//! Hidden states of a frozen backbone: those that one model reads, or several together.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tch::{Device, Tensor};

use crate::config::Config;
use crate::model::backbone::Backbone;

/// Hidden states by their index (0 = embeddings), each b × t × h.
pub struct States(BTreeMap<usize, Tensor>);

impl FromIterator<(usize, Tensor)> for States {
    fn from_iter<T: IntoIterator<Item = (usize, Tensor)>>(states: T) -> Self {
        Self(states.into_iter().collect())
    }
}

impl States {
    /// The same on a device.
    #[must_use]
    pub fn to_device(&self, device: Device) -> Self {
        self.0
            .iter()
            .map(|(&i, state)| (i, state.to_device(device)))
            .collect()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One of them.
    ///
    /// # Panics
    /// If it was not computed, as tch's functions do for a wrong index.
    pub fn at(&self, index: usize) -> Tensor {
        self.0[&index].shallow_clone()
    }
}

/// The part of a batch that an encoder reads.
pub struct TokenBatch {
    /// Token ids, int64, b × t.
    pub ids_bt: Tensor,
    /// False at pads; `None` if there are none.
    pub mask_bt: Option<Tensor>,
    /// The backbone's hidden states, if they need not be computed.
    pub states: Option<States>,
}

impl TokenBatch {
    /// The same on a device.
    #[must_use]
    pub fn to_device(&self, device: Device) -> Self {
        Self {
            ids_bt: self.ids_bt.to_device(device),
            mask_bt: self.mask_bt.as_ref().map(|mask| mask.to_device(device)),
            states: self.states.as_ref().map(|states| states.to_device(device)),
        }
    }
}

/// A frozen backbone, and which of its hidden states are read.
#[derive(Clone)]
pub struct FrozenBackbone {
    /// The backbone.
    pub backbone: Rc<Backbone>,
    /// The indexes of the hidden states.
    pub points: BTreeSet<usize>,
    /// Pads have positions of their own.
    pub counts_pads: bool,
}

impl FrozenBackbone {
    /// What a run with these settings reads: nothing where it trains a backbone of its own.
    pub fn new(config: &Config, backbone: Rc<Backbone>) -> Self {
        let layers = backbone.config().num_hidden_layers;
        let points = config.plug_points(layers).into_iter().chain([layers]);
        let reads = !config.variant.trains_backbone();
        Self {
            points: points.filter(|_| reads).collect(),
            counts_pads: config.pads_to().is_some(),
            backbone,
        }
    }

    /// With what else another model reads that agrees in the rest.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.points.extend(&other.points);
        self
    }

    /// The hidden states of a batch, without a graph: those that it brings along, or else computed.
    pub fn states(&self, input: &TokenBatch) -> States {
        if let Some(states) = &input.states {
            return states.to_device(self.backbone.device());
        }
        if self.points.is_empty() {
            return [].into_iter().collect();
        }
        let _guard = tch::no_grad_guard();
        let mask_bt = input.mask_bt.as_ref();
        let counted = mask_bt.filter(|_| !self.counts_pads);
        let positions_bt = self.backbone.positions(&input.ids_bt, counted);
        let points: Vec<usize> = self.points.iter().copied().collect();
        let states = self
            .backbone
            .forward_at(&input.ids_bt, &positions_bt, mask_bt, None, &points);
        points.into_iter().zip(states).collect()
    }
}
