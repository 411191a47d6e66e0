//! The backbone's part of a step: hidden states that one model reads, or several together.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tch::{Device, Tensor};

use crate::config::{Config, Variant};
use crate::data::batch::Batch;
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
        let states = self.0.iter();
        states
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

/// Which hidden states are read of a backbone.
#[derive(Clone)]
pub struct Frozen {
    /// The backbone.
    pub backbone: Rc<Backbone>,
    /// Their indexes.
    pub points: BTreeSet<usize>,
    /// Pads have positions of their own.
    pub counts_pads: bool,
}

impl Frozen {
    /// What a model with these settings reads.
    pub fn new(config: &Config, backbone: Rc<Backbone>) -> Self {
        let layers = backbone.config().num_hidden_layers;
        let points = config.plug_points(layers).into_iter().chain([layers]);
        // Those have a backbone of their own.
        let reads = !matches!(config.variant, Variant::Multitask | Variant::Finetune);
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
    pub fn states(&self, batch: &Batch) -> States {
        if let Some(states) = &batch.states {
            return states.to_device(self.backbone.device());
        }
        if self.points.is_empty() {
            return [].into_iter().collect();
        }
        let _guard = tch::no_grad_guard();
        let mask_bt = batch.mask_bt.as_ref();
        let counted = mask_bt.filter(|_| !self.counts_pads);
        let positions_bt = self.backbone.positions(&batch.ids_bt, counted);
        let points: Vec<usize> = self.points.iter().copied().collect();
        let states = self
            .backbone
            .forward_at(&batch.ids_bt, &positions_bt, mask_bt, None, &points);
        points.into_iter().zip(states).collect()
    }
}
