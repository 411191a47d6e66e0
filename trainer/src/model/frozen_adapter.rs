//! An adapter as others use it: frozen, with the settings that it was trained with.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use kprep_schemas::hex;
use sha2::{Digest, Sha256};
use tch::Device;

use crate::config::{Config, Variant};
use crate::files::adapter_config::{self, AdapterConfig};
use crate::files::identity::{AdapterIdentity, BackboneIdentity, DatasetIdentity, Identity};
use crate::files::weights;
use crate::model::adapter;
use crate::model::initial_weights::Start;
use crate::model::params::Params;
use crate::model::plugged_adapter::PluggedAdapter;
use crate::{Error, Result};

/// A frozen adapter. It has no dropout; gradients flow through it, but none of its parameters has one.
pub struct FrozenAdapter {
    /// What an encoder has of it.
    pub plugged: Rc<PluggedAdapter>,
    params: Params,
    /// The run that made it.
    pub run: Identity,
    /// What is said of it.
    pub identity: AdapterIdentity,
}

impl FrozenAdapter {
    /// The adapter in a folder that `ktrain` made.
    ///
    /// # Errors
    /// [`Error::Adapter`] for one of another backbone, and for an ablation that has none;
    /// [`Error::OtherVersion`]; [`Error::Io`], [`Error::Json`], [`Error::Tensors`], [`Error::Mismatch`] for a damaged one.
    pub fn load(dir: &Path, backbone: &BackboneIdentity, device: Device) -> Result<Self> {
        let wrong = |reason| Error::Adapter {
            path: dir.to_owned(),
            reason,
        };
        if adapter_config::is_missing(dir) {
            return Err(wrong(adapter_config::why_missing(dir, "adapter")));
        }
        let run = AdapterConfig::read(dir)?.run;
        let reason = match run.config.variant {
            Variant::Adapter | Variant::Random => None,
            Variant::Multitask => Some(
                "is no adapter but a trained backbone: give the folder backbone in it as --backbone",
            ),
            Variant::Backbone => {
                Some("is a head without an adapter: it has no features of its own")
            }
            Variant::Finetune => {
                Some("is no adapter but a fine-tuned model: ktrain predict uses it")
            }
        };
        if let Some(reason) = reason {
            return Err(wrong(reason.to_owned()));
        }
        let theirs = &run.backbone;
        if theirs.sha256 != backbone.sha256 {
            return Err(wrong(format!(
                "was trained on the backbone {} (SHA-256 {}), and this one is {} (SHA-256 {})",
                theirs.name, theirs.sha256, backbone.name, backbone.sha256
            )));
        }
        run.config.check_plug_points(backbone.layers)?;
        if let Some(difference) = backbone.differences(theirs).first() {
            return Err(wrong(format!(
                "was trained on the backbone {} with other files than those of {}: {difference}",
                theirs.name, backbone.name
            )));
        }
        let start = Start::new(&dir.join(adapter_config::WEIGHTS))?; // which compares its checksum
        // Their values are those of the file; the seed is of no account.
        let params = Params::new(adapter::specs(&run.config, backbone.hidden_size), 0, device);
        start.fill(&params)?;
        let identity = AdapterIdentity {
            dataset: run.dataset.name.clone(),
            sha256: start.sha256,
        };
        Self::new(run, params, identity)
    }

    /// An adapter without knowledge: it has the shape of the one with these settings, and the random values that one
    /// starts from with this seed.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn without(
        config: &Config,
        seed: u64,
        backbone: &BackboneIdentity,
        device: Device,
    ) -> Result<Self> {
        let config = Config {
            variant: Variant::Random,
            seed,
            ..config.clone()
        };
        let params = Params::new(adapter::specs(&config, backbone.hidden_size), seed, device);
        let dataset = DatasetIdentity {
            name: "random".to_owned(),
            manifest_sha256: String::new(),
        };
        let run = Identity {
            config,
            backbone: backbone.clone(),
            dataset,
            second: None,
            adapter_weights_sha256: None,
            adapters: Vec::new(),
        };
        let identity = AdapterIdentity {
            dataset: run.dataset.name.clone(),
            sha256: checksum(&params)?,
        };
        Self::new(run, params, identity)
    }

    fn new(run: Identity, params: Params, identity: AdapterIdentity) -> Result<Self> {
        let params = params.frozen();
        let plugged = PluggedAdapter::frozen(&run.config, run.backbone.layers, &params)?;
        Ok(Self {
            plugged: Rc::new(plugged),
            params,
            run,
            identity,
        })
    }

    /// SHA-256 over all parameters in memory, to prove that training leaves them alone.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn checksum(&self) -> Result<String> {
        checksum(&self.params)
    }

    /// Writes it as a folder that [`FrozenAdapter::load`] reads.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Json`].
    pub fn save(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let file = adapter_config::WEIGHTS;
        weights::write(&dir.join(file), &self.params.complete(), &[])?;
        let nothing = serde_json::Value::Null;
        adapter_config::write(dir, &self.run, &[file.to_owned()], nothing)
    }
}

fn checksum(params: &Params) -> Result<String> {
    let mut hasher = Sha256::new();
    for (name, tensor) in params.complete() {
        hasher.update(name);
        hasher.update(weights::bytes(&tensor)?);
    }
    Ok(hex(&hasher.finalize()))
}
