//! A predictor out of the files of a run.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use tch::Device;

use super::{AnyPredictor, Predictor};
use crate::config::{Config, Variant};
use crate::data::examples::TrainingRow;
use crate::data::tokenizer::Vocabulary;
use crate::files::adapter_config::{self, AdapterConfig};
use crate::files::identity::BackboneIdentity;
use crate::files::paths::Paths;
use crate::files::weights;
use crate::libtorch::device::Precision;
use crate::model::backbone::Backbone;
use crate::model::encoder::Encoder;
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::fusion::FusionLayers;
use crate::model::heads::is_head;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::tasks::model::{prefix, specs};
use crate::tasks::{TaskDefinition, WithTask};
use crate::{Error, Result};

/// Loads the model that `ktrain finetune` left in a folder, or an adapter that was trained on relations or pairs,
/// with its head, whose `backbone` is asked for then. It computes so many examples together: sentences, questions with all
/// of their answers to choose from, or paragraphs.
///
/// # Errors
/// [`Error::Adapter`] for the folder of another run; what reading its files fails with.
pub fn load(
    dir: &Path,
    backbone: impl FnOnce() -> Result<(PathBuf, BackboneIdentity)>,
    device: Device,
    precision: Precision,
    batch_size: usize,
) -> Result<AnyPredictor> {
    let paths = Paths {
        dir: dir.to_owned(),
    };
    let not_trained = "was not fine-tuned, nor is it an adapter trained on relations or pairs. ktrain finetune makes a model that predicts; heads of words, labels and links are predicted in Python (docs/python.md)";
    let wrong = |reason: &str| Error::Adapter {
        path: dir.to_owned(),
        reason: reason.to_owned(),
    };
    if adapter_config::is_missing(dir) {
        return Err(wrong(&adapter_config::why_missing(dir, "model")));
    }
    let described = AdapterConfig::read(dir)?;
    let (names, run) = (described.class_names.clone(), described.run.clone());
    let (mut config, from) = (run.config, run.backbone);
    let is_adapter = matches!(config.variant, Variant::Adapter | Variant::Random);
    if (config.variant != Variant::Finetune && !is_adapter) || !config.task.facts().predicts {
        return Err(wrong(not_trained));
    }
    if is_adapter && names.is_empty() {
        return Err(wrong(
            "has no names of its relations: import it again with --labels",
        ));
    }
    described.check_files()?;
    config.precision = precision.resolve(device);
    (config.batch_size, config.batch_tokens) = (batch_size, 0);
    let parts = if is_adapter {
        let (dir, identity) = backbone()?;
        of_adapter(&paths, &config, &dir, &identity, names.len(), device)?
    } else {
        of_finetuned(&paths, &config, &from, names.len(), device)?
    };
    let task = config.task;
    let load = Load {
        names,
        config,
        parts,
    };
    task.dispatch(load)?.ok_or_else(|| wrong(not_trained))
}

/// What was read of a model's files: its encoder, the parameters of its head, and its tokenizer.
struct Parts {
    encoder: Encoder,
    params: Params,
    vocabulary: Vocabulary,
}

struct Load {
    names: Vec<String>,
    config: Config,
    parts: Parts,
}

impl WithTask for Load {
    type Output = Result<Option<AnyPredictor>>;

    fn with<T: TaskDefinition>(self) -> Self::Output {
        let Self {
            names,
            config,
            parts,
        } = self;
        parts.vocabulary.check_markers(T::Row::MARKERS)?;
        let model = Predictor::<T> {
            head: T::head(&config, &parts.params)?,
            encoder: parts.encoder,
            vocabulary: parts.vocabulary,
            names,
            config,
        };
        Ok(T::PREDICTOR.map(|predictor| predictor(model)))
    }
}

/// The model in the folder of a run with these settings, which started from the backbone `from`.
fn of_finetuned(
    paths: &Paths,
    config: &Config,
    from: &BackboneIdentity,
    classes: usize,
    device: Device,
) -> Result<Parts> {
    let kind = config.precision.kind();
    let backbone = Backbone::load(&paths.backbone(), device, kind)?;
    // Their values are those of the file; no seed matters.
    let specs = specs(config, backbone.config().hidden_size, classes);
    let params = Params::new(specs, 0, device);
    let (prefix, heads) = (prefix(config.task), paths.heads());
    let (found, _) = weights::read(&heads)?;
    let matched = weights::match_strictly(&heads, found, &params.expected(&prefix), |_| false)?;
    params.fill(params.flat(), &prefix, &matched);
    let adapters = (0..config.adapters.unwrap_or(0))
        .map(|i| Ok(Rc::new(FrozenAdapter::load(&paths.fused(i), from, device)?)))
        .collect::<Result<Vec<_>>>()?;
    let fusion = FusionLayers::new(config, &params)?;
    Ok(Parts {
        encoder: Encoder::frozen(frozen(config, backbone), &adapters, fusion, kind),
        vocabulary: Vocabulary::load(&paths.backbone())?,
        params,
    })
}

/// An adapter with the head that it was trained with, on the backbone in a folder.
fn of_adapter(
    paths: &Paths,
    config: &Config,
    dir: &Path,
    identity: &BackboneIdentity,
    classes: usize,
    device: Device,
) -> Result<Parts> {
    let kind = config.precision.kind();
    let backbone = Backbone::load(dir, device, kind)?;
    let adapter = FrozenAdapter::load(&paths.dir, identity, device)?;
    let (hidden, file) = (identity.hidden_size, paths.adapter());
    let head = config.task.facts().head_specs;
    let specs = head(config, hidden, 2 * hidden, classes as i64);
    let params = Params::new(specs, 0, device); // their values are those of the file
    let (found, _) = weights::read(&file)?;
    let expected = params.expected("");
    let matched = weights::match_strictly(&file, found, &expected, |name| !is_head(name))?;
    params.fill(params.flat(), "", &matched);
    let adapters = [Rc::new(adapter)];
    Ok(Parts {
        encoder: Encoder::frozen(
            frozen(config, backbone),
            &adapters,
            FusionLayers::Concat,
            kind,
        ),
        vocabulary: Vocabulary::load(dir)?,
        params,
    })
}

fn frozen(config: &Config, backbone: Backbone) -> FrozenBackbone {
    FrozenBackbone {
        points: [backbone.config().num_hidden_layers].into(),
        counts_pads: config.pads_to().is_some(),
        backbone: Rc::new(backbone),
    }
}
