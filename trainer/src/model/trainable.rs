//! A backbone that is trained itself: the paper's multitask row, to compare adapters with.
//!
//! Shapes: b = sentence, t = position, h = width.

use std::path::Path;

use tch::{Kind, Tensor};

use crate::Result;
use crate::files::backbone_config::BackboneConfig;
use crate::files::weights::Named;
use crate::model::backbone::{self, Backbone, Inputs};
use crate::model::dropout::DropoutRng;
use crate::model::hidden_states::{States, TokenBatch};
use crate::model::params::{Init, Params, Spec};

/// What the names of its parameters begin with, among those of the heads.
pub(crate) const PREFIX: &str = "backbone.";

/// Its parameters. Their start is [`fill`]'s.
pub fn specs(config: &BackboneConfig) -> Vec<Spec> {
    let expected = config.expected().into_iter();
    let spec = expected.map(|expected| Spec {
        name: format!("{PREFIX}{}", expected.name),
        shape: expected.shape,
        init: Init::Constant(0.0),
    });
    spec.collect()
}

/// Gives the parameters the values of a checkpoint.
///
/// # Errors
/// As [`Backbone::load`].
pub fn fill(params: &Params, dir: &Path) -> Result<()> {
    let (_, named) = backbone::read(dir)?;
    let named = named.into_iter();
    let named: Named = named
        .map(|(name, tensor)| (format!("{PREFIX}{name}"), tensor))
        .collect();
    params.fill(params.flat(), "", &named);
    Ok(())
}

/// The encoder whose parameters are those of [`specs`].
pub struct TrainableBackbone {
    config: BackboneConfig,
    leaves: Vec<(String, Tensor)>,
    kind: Kind,
}

impl TrainableBackbone {
    /// Finds its parameters.
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for another model.
    pub fn new(config: &BackboneConfig, params: &Params, kind: Kind) -> Result<Self> {
        let leaves = config.expected().into_iter().map(|expected| {
            let leaf = params.get(&format!("{PREFIX}{}", expected.name))?;
            Ok((expected.name, leaf))
        });
        Ok(Self {
            config: config.clone(),
            leaves: leaves.collect::<Result<_>>()?,
            kind,
        })
    }

    /// How many layers it has, which is also the index of its last hidden state.
    pub fn layers(&self) -> usize {
        self.config.num_hidden_layers
    }

    /// The hidden states at `points` (0 = embeddings). With `rng` they have the dropout that the
    /// checkpoint's `config.json` states; they have a graph. With `counts_pads` pads have positions of their own.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn forward(
        &self,
        input: &TokenBatch,
        points: &[usize],
        counts_pads: bool,
        rng: Option<&DropoutRng>,
    ) -> Result<States> {
        let encoder = self.encoder()?;
        let mask_bt = input.mask_bt.as_ref();
        let counted = mask_bt.filter(|_| !counts_pads);
        let positions_bt = encoder.positions(&input.ids_bt, counted);
        let inputs = Inputs {
            ids: &input.ids_bt,
            positions: &positions_bt,
            mask: mask_bt,
            types: None,
        };
        let states = encoder.pass(&inputs, points, rng);
        Ok(points.iter().copied().zip(states).collect())
    }

    /// The encoder of a pass, with a graph back to the parameters.
    pub(crate) fn encoder(&self) -> Result<Backbone> {
        let leaves = self.leaves.iter();
        let named = leaves.map(|(name, leaf)| (name.clone(), leaf.to_kind(self.kind)));
        Backbone::new(self.config.clone(), named.collect())
    }

    /// Its parameters with their plain names, in the order of [`specs`].
    pub(crate) fn leaves(&self) -> &[(String, Tensor)] {
        &self.leaves
    }
}
