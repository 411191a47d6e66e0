//! Backbone, adapter and head put together.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width.

use std::iter;
use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::adapter::{self, Adapter, Pass};
use crate::backbone::Backbone;
use crate::batch::Batch;
use crate::config::{Config, HeadLoss, Variant};
use crate::frozen::{Frozen, States};
use crate::heads::{self, Head};
use crate::params::{Params, Spec};

/// The parameters that a run trains on a backbone of width `hidden`.
pub fn specs(config: &Config, hidden: i64, classes: usize) -> Vec<Spec> {
    let (mut specs, features) = match config.variant {
        Variant::Adapter => (adapter::specs(config, hidden), 2 * hidden),
        Variant::Backbone => (Vec::new(), hidden),
        Variant::Random => (Vec::new(), 2 * hidden),
    };
    specs.extend(heads::specs(config, hidden, features, classes as i64));
    specs
}

/// The parameters of a run that keep their initial values: those of an adapter without knowledge.
pub fn fixed_specs(config: &Config, hidden: i64) -> Vec<Spec> {
    match config.variant {
        Variant::Adapter | Variant::Backbone => Vec::new(),
        Variant::Random => adapter::specs(config, hidden),
    }
}

/// The parameters of a run as they start.
pub fn params(config: &Config, hidden: i64, classes: usize, device: Device) -> Params {
    let specs = specs(config, hidden, classes);
    Params::with_fixed(fixed_specs(config, hidden), specs, config.seed, device)
}

/// A frozen backbone with what is trained on it.
pub struct Model {
    frozen: Frozen,
    /// The hidden states that the adapter layers read.
    points: Vec<usize>,
    /// The last hidden state.
    last: usize,
    adapter: Option<Adapter>,
    /// False for an adapter without knowledge.
    adapter_learns: bool,
    head: Head,
    head_loss: HeadLoss,
    kind: Kind,
    pad: u32,
}

impl Model {
    /// Puts a model together. `params` are those of [`params`]; `pad` is the pad piece.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
    pub fn new(config: &Config, backbone: Rc<Backbone>, params: &Params, pad: u32) -> Result<Self> {
        let layers = backbone.config().num_hidden_layers;
        let adapter = match config.variant {
            Variant::Adapter | Variant::Random => Some(Adapter::new(config, params)?),
            Variant::Backbone => None,
        };
        let points = config.plug_points(layers);
        Ok(Self {
            frozen: Frozen::new(config, backbone),
            points,
            last: layers,
            adapter,
            adapter_learns: config.variant == Variant::Adapter,
            head: Head::new(config, params)?,
            head_loss: config.head_loss,
            kind: config.precision.kind(),
            pad,
        })
    }

    /// The pad piece.
    pub fn pad(&self) -> u32 {
        self.pad
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.frozen.backbone.device()
    }

    /// What it reads of the backbone.
    pub fn frozen(&self) -> &Frozen {
        &self.frozen
    }

    /// The features of each position: the backbone's last hidden state and, with an adapter, the
    /// adapter's output. Each is b × t × h or, with `places_n` (indexes into b · t), n × h.
    pub fn features(
        &self,
        states: &States,
        batch: &Batch,
        places_n: Option<&Tensor>,
        train: bool,
    ) -> Vec<Tensor> {
        let own: Vec<Tensor> = self.points.iter().map(|&point| states.at(point)).collect();
        let pass = Pass {
            train: train && self.adapter_learns,
            kind: self.kind,
        };
        let mask_bt = batch.mask_bt.as_ref();
        let output = self
            .adapter
            .as_ref()
            .and_then(|adapter| adapter.forward(&own, mask_bt, places_n, pass).pop());
        let last = adapter::rows(&states.at(self.last), places_n);
        iter::once(last).chain(output).collect()
    }

    fn logits(&self, states: &States, batch: &Batch, train: bool) -> Tensor {
        let places_n = self.head.reads(&batch.targets);
        let features = self.features(states, batch, places_n, train);
        self.head.logits(&features, batch, train)
    }

    /// The loss of a batch whose hidden states are there, with dropout and a graph back to the
    /// trained parameters.
    pub fn loss(&self, states: &States, batch: &Batch) -> Tensor {
        let logits = self.logits(states, batch, true);
        heads::loss(&logits, &batch.targets, self.head_loss)
    }

    /// What the model makes of a batch: see [`heads::predictions`].
    pub fn predict(&self, states: &States, batch: &Batch) -> Tensor {
        heads::predictions(&self.logits(states, batch, false), batch)
    }
}
