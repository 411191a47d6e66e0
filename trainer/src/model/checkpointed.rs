//! Gradient checkpointing: a pass through a trainable backbone that keeps the input of each layer alone ("sublinear memory";
//! Chen et al., 2016, with one layer a segment). For the gradient each layer is computed once more,
//! the last one first: of all that lies inside the layers one layer's share is there at a time.
//!
//! Shapes: b = sentence, t = position, h = width.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use crate::model::backbone::{Backbone, Inputs};
use crate::model::dropout::DropoutRng;
use crate::model::hidden_states::TokenBatch;
use crate::model::trainable::TrainableBackbone;
use crate::{Error, Result};

/// A pass.
pub(crate) struct CheckpointedPass<'a> {
    backbone: &'a TrainableBackbone,
    encoder: Backbone,
    input: &'a TokenBatch,
    positions_bt: Tensor,
    /// What the dropout is a function of.
    seed: u64,
    /// All hidden states, without a graph.
    states: Vec<Tensor>,
    points: Vec<usize>,
}

impl<'a> CheckpointedPass<'a> {
    /// Computes the hidden states, with dropout.
    pub(crate) fn new(
        backbone: &'a TrainableBackbone,
        input: &'a TokenBatch,
        points: &[usize],
        counts_pads: bool,
        rng: &DropoutRng,
    ) -> Result<Self> {
        let encoder = backbone.encoder()?;
        let counted = input.mask_bt.as_ref().filter(|_| !counts_pads);
        let positions_bt = encoder.positions(&input.ids_bt, counted);
        let mut pass = Self {
            backbone,
            encoder,
            input,
            positions_bt,
            seed: rng.draw(),
            states: Vec::new(),
            points: points.to_vec(),
        };
        let _guard = tch::no_grad_guard();
        for i in 0..=backbone.layers() {
            let state = pass.state(i, pass.states.last());
            pass.states.push(state);
        }
        Ok(pass)
    }

    fn state(&self, i: usize, before: Option<&Tensor>) -> Tensor {
        let inputs = Inputs {
            ids: &self.input.ids_bt,
            positions: &self.positions_bt,
            mask: self.input.mask_bt.as_ref(),
            types: None,
        };
        let seed = Some(self.seed);
        self.encoder.state(i, before, &inputs, seed)
    }

    /// The hidden states that are read, each a leaf that takes a gradient.
    pub(crate) fn points(&self) -> Vec<(usize, Tensor)> {
        let points = self.points.iter();
        points
            .map(|&i| (i, self.states[i].detach().set_requires_grad(true)))
            .collect()
    }

    /// The gradients of the backbone's parameters, in their order, from those of [`CheckpointedPass::points`].
    pub(crate) fn backward(&self, of_points: Vec<Tensor>) -> Result<Vec<Tensor>> {
        let mut of_points: BTreeMap<usize, Tensor> =
            self.points.iter().copied().zip(of_points).collect();
        let leaves = self.backbone.leaves();
        let mut grads: Vec<Option<Tensor>> = leaves.iter().map(|_| None).collect();
        // The last hidden state is always read.
        let mut grad = of_points.remove(&self.backbone.layers());
        for i in (0..=self.backbone.layers()).rev() {
            let Some(above) = grad.take() else { break };
            let before = i.checked_sub(1).map(|before| {
                let leaf = self.states[before].detach();
                leaf.set_requires_grad(true)
            });
            let state = self.state(i, before.as_ref());
            // Its gradient with respect to the state is the one that came from above.
            let inner = (state.to_kind(Kind::Float) * above.to_kind(Kind::Float)).sum(Kind::Float);
            let own: Vec<usize> = (0..leaves.len())
                .filter(|&leaf| makes(&leaves[leaf].0, i))
                .collect();
            let inputs = own.iter().map(|&leaf| leaves[leaf].1.shallow_clone());
            let inputs: Vec<Tensor> = inputs.chain(before).collect();
            let mut found = Tensor::f_run_backward(&[inner], &inputs, false, false)?;
            if i > 0 {
                grad = found.pop();
                if let (Some(grad), Some(read)) = (&mut grad, of_points.remove(&(i - 1))) {
                    *grad += read;
                }
            }
            for (leaf, found) in own.into_iter().zip(found) {
                grads[leaf] = Some(found);
            }
        }
        let all: Option<Vec<Tensor>> = grads.into_iter().collect();
        let orphan = || Error::Parameters("a parameter of the backbone belongs to no layer".into());
        all.ok_or_else(orphan)
    }
}

/// Whether the parameter of this name makes hidden state `i`.
fn makes(name: &str, i: usize) -> bool {
    match i.checked_sub(1) {
        None => name.starts_with("embeddings."),
        Some(layer) => name.starts_with(&format!("encoder.layer.{layer}.")),
    }
}
