//! An encoder with a task's prediction head on it, and all parameters of a run.

use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, Task};
use crate::data::batch::Batch;
use crate::data::entities::Entities;
use crate::files::backbone_config::BackboneConfig;
use crate::model::backbone::Backbone;
use crate::model::dropout::DropoutRng;
use crate::model::encoder::{self, Encoder};
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::hidden_states::{FrozenBackbone, States};
use crate::model::params::{Params, Spec};
use crate::model::trainable;
use crate::tasks::TaskDefinition;

/// The parameters that a run trains on a backbone of width `hidden`, but for the backbone's own.
pub fn specs(config: &Config, hidden: i64, classes: usize) -> Vec<Spec> {
    let (mut specs, features) = encoder::specs(config, hidden);
    let head = config.task.facts().head_specs;
    specs.extend(head(config, hidden, features, classes as i64));
    specs
}

/// The parameters of a run as they start. `configs` are those of its tasks: one, or with
/// [`crate::config::Variant::Multitask`] as many as alternate. Where the backbone is trained itself, its own
/// are still to be [filled](trainable::fill).
pub fn params(
    configs: &[Config],
    backbone: &BackboneConfig,
    classes: usize,
    device: Device,
) -> Params {
    let (config, hidden) = (&configs[0], backbone.hidden_size);
    if !config.variant.trains_backbone() {
        let fixed = encoder::fixed_specs(config, hidden);
        let specs = specs(config, hidden, classes);
        return Params::with_fixed(fixed, specs, config.seed, device);
    }
    let mut all = trainable::specs(backbone);
    for config in configs {
        let prefix = prefix(config.task);
        all.extend(specs(config, hidden, classes).into_iter().map(|spec| Spec {
            name: format!("{prefix}{}", spec.name),
            ..spec
        }));
    }
    Params::new(all, config.seed, device)
}

/// What the names of a task's head begin with where the backbone is trained, too.
pub(crate) fn prefix(task: Task) -> String {
    format!("{}.", task.name())
}

/// The encoder of a run with these settings and [parameters](params). `adapters` are those of a fine-tuning run.
///
/// # Errors
/// [`crate::Error::Parameters`] if `params` were made for other settings.
pub fn encoder(
    configs: &[Config],
    backbone: Rc<Backbone>,
    params: &Params,
    adapters: &[Rc<FrozenAdapter>],
) -> Result<Encoder> {
    let config = &configs[0];
    if config.variant.trains_backbone() {
        let own = params.part(&prefix(config.task));
        Encoder::of_run(config, backbone, [params, &own], adapters)
    } else {
        Encoder::of_run(config, backbone, [params, params], adapters)
    }
}

/// What a run trains for one of its tasks.
pub struct Model<T: TaskDefinition> {
    encoder: Rc<Encoder>,
    head: T::Head,
    /// The parameters of the run's other heads.
    others: Vec<Tensor>,
}

impl<T: TaskDefinition> Model<T> {
    /// Puts a model with an encoder of its own together. `configs` and `params` are those of [`params`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(
        configs: &[Config],
        backbone: Rc<Backbone>,
        params: &Params,
        adapters: &[Rc<FrozenAdapter>],
    ) -> Result<Self> {
        let encoder = encoder(configs, backbone, params, adapters)?;
        Self::on(&Rc::new(encoder), configs, params)
    }

    /// The same on the encoder of the run.
    ///
    /// # Errors
    /// As [`Model::new`].
    pub fn on(encoder: &Rc<Encoder>, configs: &[Config], params: &Params) -> Result<Self> {
        let config = configs.iter().find(|config| config.task == T::TASK);
        let config = config.unwrap_or(&configs[0]);
        let head = if config.variant.trains_backbone() {
            T::head(config, &params.part(&prefix(config.task)))?
        } else {
            T::head(config, params)?
        };
        let others = configs.iter().filter(|other| other.task != config.task);
        let leaves = others.flat_map(|other| {
            let part = params.part(&prefix(other.task));
            let leaves = part.leaves().iter().map(Tensor::shallow_clone);
            leaves.collect::<Vec<_>>()
        });
        Ok(Self {
            encoder: Rc::clone(encoder),
            head,
            others: leaves.collect(),
        })
    }

    /// Gives its head the entities of the dataset.
    pub fn set_entities(&mut self, entities: &Rc<Entities>) {
        T::set_entities(&mut self.head, entities);
    }

    /// What it reads of the backbone that it may share with others.
    pub fn frozen(&self) -> &FrozenBackbone {
        self.encoder.shared()
    }

    /// What makes its features.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What its head says of a batch whose hidden states are there.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn logits(
        &self,
        states: &States,
        batch: &Batch<T::Row>,
        rng: Option<&DropoutRng>,
    ) -> Result<Tensor> {
        let places_n = T::reads(&self.head, &batch.targets);
        let features = self.encoder.forward(states, &batch.input, places_n, rng)?;
        Ok(T::logits(&self.head, &features, batch, rng))
    }

    /// The loss of a batch whose hidden states are there, with dropout and a graph back to the
    /// trained parameters.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn loss(&self, states: &States, batch: &Batch<T::Row>, rng: &DropoutRng) -> Result<Tensor> {
        let logits = self.logits(states, batch, Some(rng))?;
        let mut loss = T::loss(&self.head, &logits, &batch.targets);
        // The heads of the other tasks have a gradient, too: zero.
        for leaf in &self.others {
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
        batch: &Batch<T::Row>,
        share: f64,
        leaves: &[Tensor],
        rng: &DropoutRng,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let loss = |states: &States| Ok(self.loss(states, batch, rng)? * share);
        self.encoder
            .gradient(states, &batch.input, leaves, rng, loss)
    }

    /// The predictions for a batch: see [`TaskDefinition::predict`].
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub fn predict(&self, states: &States, batch: &Batch<T::Row>) -> Result<Tensor> {
        let logits = self.logits(states, batch, None)?;
        Ok(T::predict(&logits, &batch.targets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::model::adapter;
    use crate::model::heads::is_head;

    #[test]
    fn heads_are_told_from_adapters_by_name() {
        let sets = ["parser=linear", "parser=biaffine", "parser=released"];
        let words = sets.map(|set| {
            Config::preset(Preset::Paper, Task::Dependency)
                .with(set)
                .unwrap()
        });
        let relations =
            [Preset::Paper, Preset::Released].map(|preset| Config::preset(preset, Task::Relation));
        for config in words.iter().chain(&relations) {
            let heads = (config.task.facts().head_specs)(config, 8, 16, 3);
            assert!(heads.len() > 1 && heads.iter().all(|spec| is_head(&spec.name)));
            assert!(
                !adapter::specs(config, 8)
                    .iter()
                    .any(|spec| is_head(&spec.name))
            );
        }
        assert!(!is_head("roberta.encoder.layer.0.output.dense.weight"));
    }
}
