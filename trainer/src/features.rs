//! The features of text: what the backbone, and any number of adapters beside it, make of each
//! piece (K-Adapter, section 3.1).
//!
//! Shapes: b = sentence, t = position, f = width of the features.

use std::fs;
use std::path::Path;

use kprep_schemas::sha256_file;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::adapter::{self, Adapter, Pass};
use crate::backbone::Backbone;
use crate::config::{Config, Variant};
use crate::identity::{BackboneIdentity, DatasetIdentity};
use crate::params::Params;
use crate::weights;
use crate::{Error, Result};

/// The part of `adapter_config.json` that its use depends on.
#[derive(Deserialize)]
struct Description {
    config: Config,
    backbone: BackboneIdentity,
    dataset: DatasetIdentity,
}

/// Which adapter made a part of the features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdapterIdentity {
    /// Name of the dataset that it was trained on.
    pub dataset: String,
    /// SHA-256 of its `adapter.safetensors`.
    pub sha256: String,
}

struct Loaded {
    adapter: Adapter,
    /// The hidden states that it reads.
    points: Vec<usize>,
    identity: AdapterIdentity,
}

/// A backbone with adapters that were trained on it, none of which sees another.
pub struct Encoder {
    backbone: Backbone,
    identity: BackboneIdentity,
    adapters: Vec<Loaded>,
    kind: Kind,
}

impl Encoder {
    /// An encoder without adapters. `kind` is the precision of the matrix products.
    pub fn new(backbone: Backbone, identity: BackboneIdentity, kind: Kind) -> Self {
        Self {
            backbone,
            identity,
            adapters: Vec::new(),
            kind,
        }
    }

    /// Adds the adapter in a folder that `ktrain` made.
    ///
    /// # Errors
    /// [`Error::Adapter`] for one of another backbone, and for an ablation that has none;
    /// [`Error::Io`], [`Error::Json`], [`Error::Tensors`], [`Error::Mismatch`] for a damaged one.
    pub fn add(&mut self, dir: &Path) -> Result<()> {
        let path = dir.join("adapter_config.json");
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let Description {
            config,
            backbone,
            dataset,
        } = serde_json::from_slice(&json).map_err(Error::json(&path))?;
        let wrong = |reason| Error::Adapter {
            path: dir.to_owned(),
            reason,
        };
        if config.variant == Variant::Backbone {
            let reason = "is a head without an adapter: it has no features of its own";
            return Err(wrong(reason.to_owned()));
        }
        if backbone.sha256 != self.identity.sha256 {
            return Err(wrong(format!(
                "was trained on the backbone {} (SHA-256 {}), and this one is {} (SHA-256 {})",
                backbone.name, backbone.sha256, self.identity.name, self.identity.sha256
            )));
        }
        let path = dir.join("adapter.safetensors");
        let hidden = self.identity.hidden_size;
        // Their values are those of the file; the seed is of no account.
        let params = Params::new(adapter::specs(&config, hidden), 0, self.device());
        let (found, _) = weights::read(&path)?;
        let is_head = |name: &str| !name.starts_with("adapter.");
        let named = weights::match_strictly(&path, found, &params.expected(""), is_head)?;
        params.fill(params.flat(), "", &named);
        let points = config
            .adapter_plug
            .points(self.identity.layers, config.adapter_layers);
        self.adapters.push(Loaded {
            adapter: Adapter::new(&config, &params)?,
            points,
            identity: AdapterIdentity {
                dataset: dataset.name,
                sha256: sha256_file(&path).map_err(Error::io(&path))?,
            },
        });
        Ok(())
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.backbone.device()
    }

    /// The backbone.
    pub fn backbone(&self) -> &BackboneIdentity {
        &self.identity
    }

    /// The longest input in pieces.
    pub fn max_length(&self) -> usize {
        self.backbone.config().max_length()
    }

    /// The adapters, in the order of their features.
    pub fn adapters(&self) -> impl Iterator<Item = &AdapterIdentity> {
        self.adapters.iter().map(|loaded| &loaded.identity)
    }

    /// Width of the features: the backbone's, once for itself and once for each adapter.
    pub fn width(&self) -> usize {
        self.identity.hidden_size as usize * (1 + self.adapters.len())
    }

    /// The features, b × t × f in fp32: the backbone's last hidden state, then the output of each
    /// adapter. The hidden state that all adapters' features start with stands there once.
    /// `mask_bt` is false at pads; `None` says that there are none.
    pub fn forward(&self, ids_bt: &Tensor, mask_bt: Option<&Tensor>) -> Tensor {
        let _guard = tch::no_grad_guard();
        let mut keep = vec![self.identity.layers];
        keep.extend(self.adapters.iter().flat_map(|loaded| &loaded.points));
        let states = self.backbone.forward(ids_bt, mask_bt, None, &keep);
        let (last, mut rest) = states.split_at(1);
        let mut features = vec![last[0].to_kind(Kind::Float)];
        let pass = Pass {
            train: false,
            kind: self.kind,
        };
        for Loaded {
            adapter, points, ..
        } in &self.adapters
        {
            let (own, others) = rest.split_at(points.len());
            rest = others;
            features.extend(adapter.forward(own, mask_bt, pass).pop());
        }
        Tensor::cat(&features, -1)
    }
}
