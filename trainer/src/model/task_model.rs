//! Backbone, adapter and head put together.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width.

use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::config::{Config, ParserLoss, Task, Variant};
use crate::data::batch::Batch;
use crate::model::adapter::{self, Adapter, Pass};
use crate::model::backbone::Backbone;
use crate::model::backbone_config::BackboneConfig;
use crate::model::frozen::{Frozen, States};
use crate::model::fusion;
use crate::model::heads::{self, Head};
use crate::model::knowledge::Knowledge;
use crate::model::params::{Params, Spec};
use crate::model::trained;
use crate::model::tuned::Tuned;
use crate::{Error, Result};

/// The parameters that a run trains on a backbone of width `hidden`.
pub fn specs(config: &Config, hidden: i64, classes: usize) -> Vec<Spec> {
    let (mut specs, features) = match config.variant {
        Variant::Adapter => (adapter::specs(config, hidden), 2 * hidden),
        Variant::Backbone | Variant::Multitask => (Vec::new(), hidden),
        Variant::Random => (Vec::new(), 2 * hidden),
        Variant::Finetune => (fusion::specs(config, hidden), fusion::width(config, hidden)),
    };
    specs.extend(heads::specs(config, hidden, features, classes as i64));
    specs
}

/// The parameters of a run that keep their initial values: those of an adapter without knowledge.
pub fn fixed_specs(config: &Config, hidden: i64) -> Vec<Spec> {
    match config.variant {
        Variant::Adapter | Variant::Backbone | Variant::Multitask | Variant::Finetune => Vec::new(),
        Variant::Random => adapter::specs(config, hidden),
    }
}

/// The parameters of a run as they start. `configs` are those of its tasks: one, or with
/// [`Variant::Multitask`] as many as take turns. Where the backbone is trained itself, its own are
/// still to be [filled](trained::fill).
pub fn params(
    configs: &[Config],
    backbone: &BackboneConfig,
    classes: usize,
    device: Device,
) -> Params {
    let (config, hidden) = (&configs[0], backbone.hidden_size);
    if !trains_backbone(config.variant) {
        let specs = specs(config, hidden, classes);
        return Params::with_fixed(fixed_specs(config, hidden), specs, config.seed, device);
    }
    let mut all = trained::specs(backbone);
    for config in configs {
        let prefix = prefix(config.task);
        all.extend(specs(config, hidden, classes).into_iter().map(|spec| Spec {
            name: format!("{prefix}{}", spec.name),
            ..spec
        }));
    }
    Params::new(all, config.seed, device)
}

/// Whether the backbone itself is trained, a copy of its own.
pub fn trains_backbone(variant: Variant) -> bool {
    matches!(variant, Variant::Multitask | Variant::Finetune)
}

/// What the names of a task's head begin with where the backbone is trained, too.
pub(crate) fn prefix(task: Task) -> String {
    format!("{}.", task.name())
}

/// A backbone with what is trained on it, or of it.
pub struct Model {
    frozen: Frozen,
    body: Body,
    /// One for each task.
    heads: Vec<TaskHead>,
    kind: Kind,
    pad: u32,
    recomputes: bool,
}

/// What makes the features.
enum Body {
    /// The frozen backbone alone.
    Backbone,
    /// It and an adapter.
    Adapter {
        adapter: Adapter,
        /// The hidden states that its layers read.
        points: Vec<usize>,
        /// False for an adapter without knowledge.
        learns: bool,
    },
    /// A backbone that is trained, and the frozen adapters on it.
    Tuned(Box<Tuned>),
}

struct TaskHead {
    task: Task,
    head: Head,
    loss: ParserLoss,
    leaves: Vec<Tensor>,
}

impl TaskHead {
    fn new(config: &Config, params: &Params) -> Result<Self> {
        Ok(Self {
            task: config.task,
            head: Head::new(config, params)?,
            loss: config.parser_loss,
            leaves: params.leaves().iter().map(Tensor::shallow_clone).collect(),
        })
    }
}

impl Model {
    /// Puts a model together. `configs` and `params` are those of [`params`]; `pad` is the pad
    /// token.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if `params` were made for other settings.
    pub fn new(
        configs: &[Config],
        backbone: Rc<Backbone>,
        params: &Params,
        pad: u32,
    ) -> Result<Self> {
        Self::with_knowledge(configs, backbone, params, pad, &[])
    }

    /// The same for [`Variant::Finetune`], with as many adapters as the settings say.
    ///
    /// # Errors
    /// As [`Model::new`].
    pub fn with_knowledge(
        configs: &[Config],
        backbone: Rc<Backbone>,
        params: &Params,
        pad: u32,
        knowledge: &[Rc<Knowledge>],
    ) -> Result<Self> {
        let config = &configs[0];
        let kind = config.precision.kind();
        let body = match config.variant {
            Variant::Adapter | Variant::Random => Body::Adapter {
                adapter: Adapter::new(config, params)?,
                points: config.plug_points(backbone.config().num_hidden_layers),
                learns: config.variant == Variant::Adapter,
            },
            Variant::Backbone => Body::Backbone,
            Variant::Multitask | Variant::Finetune => {
                let parts = [params, &params.part(&prefix(config.task))];
                let tuned = Tuned::new(config, backbone.config(), parts, knowledge)?;
                Body::Tuned(Box::new(tuned))
            }
        };
        let heads = configs.iter().map(|config| match &body {
            Body::Tuned(_) => TaskHead::new(config, &params.part(&prefix(config.task))),
            _ => TaskHead::new(config, params),
        });
        Ok(Self {
            heads: heads.collect::<Result<_>>()?,
            frozen: Frozen::new(config, backbone),
            body,
            kind,
            pad,
            recomputes: config.gradient_checkpointing,
        })
    }

    /// The pad token.
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

    /// The features of each position (a backbone that is trained itself makes its own states, unless they
    /// are here already): the backbone's last hidden state and, with an adapter, the
    /// adapter's output, or with several what [`fusion::Joint`] makes of them. Each is b × t × h or, with `places_n` (indexes into b · t), n × h.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn features(
        &self,
        states: &States,
        batch: &Batch,
        places_n: Option<&Tensor>,
        train: bool,
    ) -> Result<Vec<Tensor>> {
        if let Body::Tuned(tuned) = &self.body {
            if !states.is_empty() {
                return Ok(tuned.features(states, batch, places_n));
            }
            let states = tuned.states(batch, train)?;
            return Ok(tuned.features(&states, batch, places_n));
        }
        let last = self.frozen.backbone.config().num_hidden_layers;
        let mut features = vec![adapter::rows(&states.at(last), places_n)];
        if let Body::Adapter {
            adapter,
            points,
            learns,
        } = &self.body
        {
            let own: Vec<Tensor> = points.iter().map(|&point| states.at(point)).collect();
            let pass = Pass {
                train: train && *learns,
                kind: self.kind,
            };
            features.extend(
                adapter
                    .forward(&own, batch.mask_bt.as_ref(), places_n, pass)
                    .pop(),
            );
        }
        Ok(features)
    }

    /// The head that predicts what is to be learnt from a batch, and its predictions.
    fn logits(&self, states: &States, batch: &Batch, train: bool) -> Result<(&TaskHead, Tensor)> {
        let task = batch.targets.task();
        let head = self.heads.iter().find(|head| head.task == task);
        let head =
            head.ok_or_else(|| Error::Config(format!("the model has no head for {task:?}")))?;
        let places_n = head.head.reads(&batch.targets);
        let features = self.features(states, batch, places_n, train)?;
        Ok((head, head.head.logits(&features, batch, train)))
    }

    /// The loss of a batch whose hidden states are there, with dropout and a graph back to the
    /// trained parameters.
    ///
    /// # Errors
    /// [`crate::Error::Torch`]; [`crate::Error::Config`] for a batch of another task.
    pub fn loss(&self, states: &States, batch: &Batch) -> Result<Tensor> {
        let (head, logits) = self.logits(states, batch, true)?;
        let mut loss = heads::loss(&logits, &batch.targets, head.loss);
        // The heads whose turn it is not have a gradient, too: zero.
        let others = self.heads.iter().filter(|other| other.task != head.task);
        for leaf in others.flat_map(|other| &other.leaves) {
            loss += leaf.sum(Kind::Float) * 0.0;
        }
        Ok(loss)
    }

    /// The loss times `share`, and its gradient with respect to `leaves`, all of the trained parameters.
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub fn gradient(
        &self,
        states: &States,
        batch: &Batch,
        share: f64,
        leaves: &[Tensor],
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let tuned = match &self.body {
            Body::Tuned(tuned) if self.recomputes => tuned,
            _ => return self.backward(states, batch, share, leaves),
        };
        let pass = tuned.recomputed(batch)?;
        let others = &leaves[tuned.leaves()..];
        let points = pass.points();
        let ends = others.iter().chain(points.iter().map(|(_, state)| state));
        let ends: Vec<Tensor> = ends.map(Tensor::shallow_clone).collect();
        let states = points.iter().map(|(i, state)| (*i, state.shallow_clone()));
        let (loss, mut grads) = self.backward(&states.collect(), batch, share, &ends)?;
        let of_points = grads.split_off(others.len());
        let mut all = pass.backward(of_points)?;
        all.extend(grads);
        Ok((loss, all))
    }

    fn backward(
        &self,
        states: &States,
        batch: &Batch,
        share: f64,
        leaves: &[Tensor],
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let loss = self.loss(states, batch)? * share;
        let grads = Tensor::f_run_backward(&[&loss], leaves, false, false)?;
        Ok((loss.detach(), grads)) // the graph ends here, and its memory with it
    }

    /// What the model makes of a batch: see [`heads::predictions`].
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub fn predict(&self, states: &States, batch: &Batch) -> Result<Tensor> {
        let (_, logits) = self.logits(states, batch, false)?;
        Ok(heads::predictions(&logits, batch))
    }
}
