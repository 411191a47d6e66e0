//! The encoder: a backbone, frozen or trainable, the adapters on it and their fusion. This is the one way
//! from tokens to features.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width, n = position that is read.

use std::collections::BTreeSet;
use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, Variant};
use crate::model::adapter::{self, Pass};
use crate::model::backbone::Backbone;
use crate::model::checkpointed::CheckpointedPass;
use crate::model::dropout::DropoutRng;
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::fusion::{self, FusionLayers};
use crate::model::hidden_states::{FrozenBackbone, States, TokenBatch};
use crate::model::params::{Params, Spec};
use crate::model::plugged_adapter::PluggedAdapter;
use crate::model::trainable::TrainableBackbone;

/// The parameters that a run trains beside its backbone and its heads, on a backbone of width `hidden`, and
/// the width of the features.
pub fn specs(config: &Config, hidden: i64) -> (Vec<Spec>, i64) {
    match config.variant {
        Variant::Adapter => (adapter::specs(config, hidden), 2 * hidden),
        Variant::Backbone | Variant::Multitask => (Vec::new(), hidden),
        Variant::Random => (Vec::new(), 2 * hidden),
        Variant::Finetune => (fusion::specs(config, hidden), fusion::width(config, hidden)),
    }
}

/// The parameters of a run that keep their initial values: those of a randomly initialised adapter.
pub fn fixed_specs(config: &Config, hidden: i64) -> Vec<Spec> {
    match config.variant {
        Variant::Adapter | Variant::Backbone | Variant::Multitask | Variant::Finetune => Vec::new(),
        Variant::Random => adapter::specs(config, hidden),
    }
}

/// A backbone with adapters, none of which sees another, and their fusion.
pub struct Encoder {
    /// The frozen backbone that several runs share. An encoder that trains its own reads nothing of it.
    shared: FrozenBackbone,
    trainable: Option<Trainable>,
    adapters: Vec<Rc<PluggedAdapter>>,
    fusion: FusionLayers,
    kind: Kind,
}

/// A backbone that is trained.
struct Trainable {
    backbone: TrainableBackbone,
    /// Its last hidden state, and those that the adapters read.
    points: Vec<usize>,
    counts_pads: bool,
    gradient_checkpointing: bool,
}

impl Encoder {
    /// A frozen backbone and frozen adapters.
    pub fn frozen(
        shared: FrozenBackbone,
        adapters: &[Rc<FrozenAdapter>],
        fusion: FusionLayers,
        kind: Kind,
    ) -> Self {
        let counts_pads = shared.counts_pads;
        let mut encoder = Self {
            shared,
            trainable: None,
            adapters: Vec::new(),
            fusion,
            kind,
        };
        for adapter in adapters {
            encoder.add(adapter, counts_pads);
        }
        encoder
    }

    /// Adds a frozen adapter. `counts_pads` is whether pads have positions of their own.
    pub(crate) fn add(&mut self, adapter: &FrozenAdapter, counts_pads: bool) {
        self.shared.points.extend(&adapter.plugged.points);
        self.shared.counts_pads = counts_pads;
        self.adapters.push(Rc::clone(&adapter.plugged));
    }

    /// The encoder of a run. `params` are those of the run, `own` those of its (first) task; `adapters` are
    /// frozen, as many as the settings of [`Variant::Finetune`] say.
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn of_run(
        config: &Config,
        backbone: Rc<Backbone>,
        [params, own]: [&Params; 2],
        adapters: &[Rc<FrozenAdapter>],
    ) -> Result<Self> {
        let kind = config.precision.kind();
        let layers = backbone.config().num_hidden_layers;
        let adapters: Vec<_> = match config.variant {
            Variant::Adapter | Variant::Random => {
                let adapter = PluggedAdapter::new(config, layers, params)?;
                [Rc::new(adapter)].into()
            }
            Variant::Backbone | Variant::Multitask | Variant::Finetune => adapters
                .iter()
                .map(|adapter| Rc::clone(&adapter.plugged))
                .collect(),
        };
        let trainable = config.variant.trains_backbone().then(|| {
            let read = adapters.iter().flat_map(|one| one.points.iter().copied());
            let points: BTreeSet<usize> = read.chain([layers]).collect();
            Ok::<_, crate::Error>(Trainable {
                backbone: TrainableBackbone::new(backbone.config(), params, kind)?,
                points: points.into_iter().collect(),
                counts_pads: config.pads_to().is_some(),
                gradient_checkpointing: config.gradient_checkpointing,
            })
        });
        Ok(Self {
            trainable: trainable.transpose()?,
            fusion: FusionLayers::new(config, own)?,
            shared: FrozenBackbone::new(config, backbone),
            adapters,
            kind,
        })
    }

    /// What it reads of the frozen backbone that it may share with others.
    pub fn shared(&self) -> &FrozenBackbone {
        &self.shared
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.shared.backbone.device()
    }

    /// The features of each position: what the fusion makes of the last hidden state and the adapters' outputs.
    /// Each is b × t × h or, with `places_n` (indexes into b · t), n × h. `states` are those of the shared
    /// backbone; a trainable one makes its own, unless they are here already. With `rng` there is dropout;
    /// there is a graph back to all that is trained.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn forward(
        &self,
        states: &States,
        input: &TokenBatch,
        places_n: Option<&Tensor>,
        rng: Option<&DropoutRng>,
    ) -> Result<Vec<Tensor>> {
        let mask_bt = input.mask_bt.as_ref();
        let Some(own) = self.trainable.as_ref().filter(|_| states.is_empty()) else {
            return Ok(self.features(states, mask_bt, places_n, rng));
        };
        let states = own
            .backbone
            .forward(input, &own.points, own.counts_pads, rng)?;
        Ok(self.features(&states, mask_bt, places_n, rng))
    }

    /// The same from all hidden states that it reads.
    pub(crate) fn features(
        &self,
        states: &States,
        mask_bt: Option<&Tensor>,
        places_n: Option<&Tensor>,
        rng: Option<&DropoutRng>,
    ) -> Vec<Tensor> {
        let pass = Pass {
            dropout: rng,
            kind: self.kind,
        };
        let outputs: Vec<Tensor> = self
            .adapters
            .iter()
            .filter_map(|one| one.output(states, mask_bt, places_n, pass))
            .collect();
        // Behind the adapters: in this order gradients with respect to a hidden state are added up.
        let last = self.shared.backbone.config().num_hidden_layers;
        let last = adapter::rows(&states.at(last), places_n);
        self.fusion.features(&last, &outputs)
    }

    /// A loss, and its gradient with respect to `leaves`, all of the trained parameters. `loss` computes it
    /// from hidden states, as [`Encoder::forward`] takes them.
    ///
    /// # Errors
    /// [`crate::Error::Torch`], and what `loss` fails with.
    pub fn gradient(
        &self,
        states: &States,
        input: &TokenBatch,
        leaves: &[Tensor],
        rng: &DropoutRng,
        loss: impl FnOnce(&States) -> Result<Tensor>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let checkpointing = self.trainable.as_ref();
        let Some(own) = checkpointing.filter(|own| own.gradient_checkpointing) else {
            return backward(&loss(states)?, leaves);
        };
        let pass = CheckpointedPass::new(&own.backbone, input, &own.points, own.counts_pads, rng)?;
        let others = &leaves[own.backbone.leaves().len()..];
        let points = pass.points();
        let ends: Vec<Tensor> = others
            .iter()
            .chain(points.iter().map(|(_, state)| state))
            .map(Tensor::shallow_clone)
            .collect();
        let (loss, mut grads) = backward(&loss(&points.into_iter().collect())?, &ends)?;
        let of_points = grads.split_off(others.len());
        let mut all = pass.backward(of_points)?;
        all.extend(grads);
        Ok((loss, all))
    }
}

fn backward(loss: &Tensor, leaves: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
    let grads = Tensor::f_run_backward(&[loss], leaves, false, false)?;
    Ok((loss.detach(), grads)) // the graph ends here, and its memory with it
}
