//! A backbone that is trained, and the frozen adapters on it.

use std::collections::BTreeSet;
use std::rc::Rc;

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::Config;
use crate::data::batch::Batch;
use crate::model::backbone_config::BackboneConfig;
use crate::model::frozen::States;
use crate::model::fusion::Joint;
use crate::model::knowledge::Knowledge;
use crate::model::params::Params;
use crate::model::recomputed::Recomputed;
use crate::model::trained::Trained;

/// What makes the features. Gradients flow through the adapters to the backbone.
pub(crate) struct Tuned {
    trained: Trained,
    knowledge: Vec<Rc<Knowledge>>,
    joint: Joint,
    /// Its last hidden state, and those that the adapters read.
    points: Vec<usize>,
    counts_pads: bool,
    kind: Kind,
}

impl Tuned {
    /// Finds the parameters: the backbone's among all, the joint's among those of the head.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if they were made for another model.
    pub(crate) fn new(
        config: &Config,
        backbone: &BackboneConfig,
        [all, head]: [&Params; 2],
        knowledge: &[Rc<Knowledge>],
    ) -> Result<Self> {
        let kind = config.precision.kind();
        let trained = Trained::new(backbone, all, kind)?;
        let read = knowledge.iter().flat_map(|one| one.points.iter().copied());
        let points: BTreeSet<usize> = read.chain([trained.layers()]).collect();
        Ok(Self {
            joint: Joint::new(config, head)?,
            trained,
            knowledge: knowledge.to_vec(),
            points: points.into_iter().collect(),
            counts_pads: config.pads_to().is_some(),
            kind,
        })
    }

    /// The hidden states that are read of it, with a graph back to its parameters; with `train` they have
    /// dropout.
    pub(crate) fn states(&self, batch: &Batch, train: bool) -> Result<States> {
        self.trained
            .forward(batch, &self.points, self.counts_pads, train)
    }

    /// The same with dropout, to be computed again for the gradient.
    pub(crate) fn recomputed<'a>(&'a self, batch: &'a Batch) -> Result<Recomputed<'a>> {
        Recomputed::new(&self.trained, batch, &self.points, self.counts_pads)
    }

    /// How many of the trained parameters are the backbone's: the first ones.
    pub(crate) fn leaves(&self) -> usize {
        self.trained.leaves().len()
    }

    /// As [`crate::model::task_model::Model::features`], from the hidden states.
    pub(crate) fn features(
        &self,
        states: &States,
        batch: &Batch,
        places_n: Option<&Tensor>,
    ) -> Vec<Tensor> {
        let last = self.trained.layers();
        let mask_bt = batch.mask_bt.as_ref();
        self.joint
            .of_states(states, last, &self.knowledge, mask_bt, places_n, self.kind)
    }
}
