//! An adapter at its place in an encoder: with the hidden states that it reads.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width, n = position that is read.

use tch::Tensor;

use crate::Result;
use crate::config::{Config, Variant};
use crate::model::adapter::{Adapter, Pass};
use crate::model::hidden_states::States;
use crate::model::params::Params;

/// An adapter at its place in an encoder.
pub struct PluggedAdapter {
    adapter: Adapter,
    /// The hidden states that its layers read.
    pub points: Vec<usize>,
    /// False for one that is frozen: it has no dropout.
    learns: bool,
}

impl PluggedAdapter {
    /// An adapter that a run trains, or with [`Variant::Random`] keeps as it is.
    ///
    /// # Errors
    /// As [`Adapter::new`].
    pub fn new(config: &Config, backbone_layers: usize, params: &Params) -> Result<Self> {
        Ok(Self {
            learns: config.variant == Variant::Adapter,
            ..Self::frozen(config, backbone_layers, params)?
        })
    }

    /// An adapter that is frozen. Gradients flow through it.
    ///
    /// # Errors
    /// As [`Adapter::new`].
    pub fn frozen(config: &Config, backbone_layers: usize, params: &Params) -> Result<Self> {
        Ok(Self {
            adapter: Adapter::new(config, params)?,
            points: config.plug_points(backbone_layers),
            learns: false,
        })
    }

    /// The output of its last layer, b × t × h in fp32, from a batch's hidden states; or, with `places_n`
    /// (indexes into b · t), n × h.
    pub(crate) fn output(
        &self,
        states: &States,
        mask_bt: Option<&Tensor>,
        places_n: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Option<Tensor> {
        let own: Vec<Tensor> = self.points.iter().map(|&point| states.at(point)).collect();
        let pass = Pass {
            dropout: pass.dropout.filter(|_| self.learns),
            ..pass
        };
        self.adapter.forward(&own, mask_bt, places_n, pass).pop()
    }
}
