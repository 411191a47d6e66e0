//! The features of text: what the backbone, and any number of adapters beside it, make of each
//! piece (K-Adapter, section 3.1).
//!
//! Shapes: b = sentence, t = position, f = width of the features.

use std::fs;
use std::path::Path;

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::adapter::{self, Adapter, Pass};
use crate::backbone::Backbone;
use crate::config::Variant;
use crate::identity::{BackboneIdentity, Identity};
use crate::params::Params;
use crate::start::Start;
use crate::{Error, Result};

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
    pads_to: Option<usize>,
    kind: Kind,
}

impl Encoder {
    /// An encoder without adapters. `kind` is the precision of the matrix products.
    pub fn new(backbone: Backbone, identity: BackboneIdentity, kind: Kind) -> Self {
        Self {
            backbone,
            identity,
            adapters: Vec::new(),
            pads_to: None,
            kind,
        }
    }

    /// Adds the adapter in a folder that `ktrain` made.
    ///
    /// # Errors
    /// [`Error::Adapter`] for one of another backbone, and for an ablation that has none;
    /// [`Error::OtherVersion`]; [`Error::Io`], [`Error::Json`], [`Error::Tensors`], [`Error::Mismatch`] for a damaged one.
    pub fn add(&mut self, dir: &Path) -> Result<()> {
        let wrong = |reason| Error::Adapter {
            path: dir.to_owned(),
            reason,
        };
        let path = dir.join("adapter_config.json");
        if !path.is_file() {
            let reason =
                "is no adapter: no adapter_config.json, which a finished run of ktrain has";
            return Err(wrong(reason.to_owned()));
        }
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let Identity {
            config,
            backbone,
            dataset,
            ..
        } = Identity::parse(&path, &json)?;
        if config.variant == Variant::Multitask {
            let reason = "is no adapter but a trained backbone: give the folder backbone in it as --backbone";
            return Err(wrong(reason.to_owned()));
        }
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
        if !self.adapters.is_empty() && self.pads_to != config.pads_to() {
            let reason = "reads inputs padded to another length than the adapter before it: encode \
                          with one of them at a time";
            return Err(wrong(reason.to_owned()));
        }
        let start = Start::new(&dir.join("adapter.safetensors"))?;
        // Their values are those of the file; the seed is of no account.
        let specs = adapter::specs(&config, self.identity.hidden_size);
        let params = Params::new(specs, 0, self.device());
        start.fill(&params)?;
        self.pads_to = config.pads_to();
        self.adapters.push(Loaded {
            adapter: Adapter::new(&config, &params)?,
            points: config.plug_points(self.identity.layers),
            identity: AdapterIdentity {
                dataset: dataset.name,
                sha256: start.sha256,
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

    /// The backbone itself.
    pub fn backbone_model(&self) -> &Backbone {
        &self.backbone
    }

    /// The longest input in pieces.
    pub fn max_length(&self) -> usize {
        let longest = self.backbone.config().max_length();
        self.pads_to.map_or(longest, |length| length.min(longest))
    }

    /// To how many positions every input must be padded, if the adapters' features depend on it.
    pub fn pads_to(&self) -> Option<usize> {
        self.pads_to
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
    /// `mask_bt` is false at pads; `None` says that there are none. Inputs are padded to
    /// [`Encoder::pads_to`].
    pub fn forward(&self, ids_bt: &Tensor, mask_bt: Option<&Tensor>) -> Tensor {
        let _guard = tch::no_grad_guard();
        let mut keep = vec![self.identity.layers];
        keep.extend(self.adapters.iter().flat_map(|loaded| &loaded.points));
        let counted = mask_bt.filter(|_| self.pads_to.is_none());
        let positions_bt = self.backbone.positions(ids_bt, counted);
        let states = self
            .backbone
            .forward_at(ids_bt, &positions_bt, mask_bt, None, &keep);
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
            features.extend(adapter.forward(own, mask_bt, None, pass).pop());
        }
        Tensor::cat(&features, -1)
    }
}
