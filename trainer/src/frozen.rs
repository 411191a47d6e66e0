//! The backbone's part of a step: hidden states that one model reads, or several together.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width.

use std::collections::BTreeMap;
use std::rc::Rc;

use tch::Tensor;

use crate::backbone::Backbone;
use crate::batch::Batch;

/// Hidden states by their index (0 = embeddings), each b × t × h.
pub struct States(BTreeMap<usize, Tensor>);

impl States {
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
    /// Their indexes, ascending, each once.
    pub points: Vec<usize>,
    /// Pads have positions of their own.
    pub counts_pads: bool,
}

impl Frozen {
    /// What several models read that agree in the rest.
    #[must_use]
    pub fn union<'a>(first: &Self, others: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = first.clone();
        let others = others.into_iter().flat_map(|other| &other.points);
        all.points.extend(others);
        all.points.sort_unstable();
        all.points.dedup();
        all
    }

    /// The hidden states of a batch, without a graph.
    pub fn states(&self, batch: &Batch) -> States {
        let mask_bt = batch.mask_bt.as_ref();
        let counted = mask_bt.filter(|_| !self.counts_pads);
        let positions_bt = self.backbone.positions(&batch.ids_bt, counted);
        let (ids_bt, points) = (&batch.ids_bt, &self.points);
        let states = self
            .backbone
            .forward_at(ids_bt, &positions_bt, mask_bt, None, points);
        States(points.iter().copied().zip(states).collect())
    }
}
