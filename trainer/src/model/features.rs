//! The features of text: what the backbone, and any number of adapters beside it, make of each
//! token (K-Adapter, section 3.1).
//!
//! Shapes: b = sentence, t = position, f = width of the features.

use std::path::Path;
use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::files::identity::{AdapterIdentity, BackboneIdentity};
use crate::model::backbone::Backbone;
use crate::model::encoder::Encoder;
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::fusion::FusionLayers;
use crate::model::hidden_states::{FrozenBackbone, TokenBatch};
use crate::{Error, Result};

/// A backbone with adapters that were trained on it, none of which sees another.
pub struct FeatureExtractor {
    encoder: Encoder,
    identity: BackboneIdentity,
    adapters: Vec<FrozenAdapter>,
    pads_to: Option<usize>,
    /// The length that was asked for, instead of what adapters that attend to pads were trained with.
    padding: Option<usize>,
}

impl FeatureExtractor {
    /// One without adapters. `kind` is the precision of the matrix products.
    pub fn new(backbone: Backbone, identity: BackboneIdentity, kind: Kind) -> Self {
        let frozen = FrozenBackbone {
            points: [identity.layers].into(),
            counts_pads: false,
            backbone: Rc::new(backbone),
        };
        Self {
            encoder: Encoder::frozen(frozen, &[], FusionLayers::Once, kind),
            identity,
            adapters: Vec::new(),
            pads_to: None,
            padding: None,
        }
    }

    /// Pads inputs to so many positions for adapters that attend to pads, instead of to the longest input of their
    /// training: the released code pads to 64 in pre-training, and to 184 or 256 in fine-tuning. Their features
    /// depend on it. To be called before [`FeatureExtractor::add`].
    ///
    /// # Errors
    /// [`Error::Setting`] for a length that the backbone cannot read.
    pub fn pad_to(&mut self, length: usize) -> Result<()> {
        let longest = self.backbone_model().config().max_length();
        if !(2..=longest).contains(&length) {
            return Err(Error::Setting(format!(
                "inputs cannot be padded to {length} tokens: the backbone reads 2 to {longest}"
            )));
        }
        self.padding = Some(length);
        Ok(())
    }

    /// Adds the adapter in a folder that `ktrain` made.
    ///
    /// # Errors
    /// What [`FrozenAdapter::load`] says; [`Error::Adapter`] for one that needs other pads than those before it.
    pub fn add(&mut self, dir: &Path) -> Result<()> {
        let adapter = FrozenAdapter::load(dir, &self.identity, self.device())?;
        let own = adapter.run.config.pads_to();
        let pads_to = own.map(|trained| self.padding.unwrap_or(trained));
        if !self.adapters.is_empty() && self.pads_to != pads_to {
            let reason = "reads inputs padded to another length than the adapter before it: encode \
                          with one of them at a time";
            return Err(Error::Adapter {
                path: dir.to_owned(),
                reason: reason.to_owned(),
            });
        }
        self.pads_to = pads_to;
        self.encoder.add(&adapter, pads_to.is_some());
        self.adapters.push(adapter);
        Ok(())
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.encoder.device()
    }

    /// The backbone.
    pub fn backbone(&self) -> &BackboneIdentity {
        &self.identity
    }

    /// The backbone itself.
    pub fn backbone_model(&self) -> &Backbone {
        &self.encoder.shared().backbone
    }

    /// The longest input in tokens.
    pub fn max_length(&self) -> usize {
        let longest = self.backbone_model().config().max_length();
        self.pads_to.map_or(longest, |length| length.min(longest))
    }

    /// To how many positions every input must be padded, if the adapters' features depend on it.
    pub fn pads_to(&self) -> Option<usize> {
        self.pads_to
    }

    /// The adapters, in the order of their features.
    pub fn adapters(&self) -> impl Iterator<Item = &AdapterIdentity> {
        self.adapters.iter().map(|adapter| &adapter.identity)
    }

    /// Width of the features: the backbone's, once for itself and once for each adapter.
    pub fn width(&self) -> usize {
        self.identity.hidden_size as usize * (1 + self.adapters.len())
    }

    /// The features, b × t × f in fp32: the backbone's last hidden state, then the output of each
    /// adapter. The hidden state that all adapters' features start with stands there once.
    /// `mask_bt` is false at pads; `None` says that there are none. Inputs are padded to
    /// [`FeatureExtractor::pads_to`].
    pub fn forward(&self, ids_bt: &Tensor, mask_bt: Option<&Tensor>) -> Tensor {
        let _guard = tch::no_grad_guard();
        let input = TokenBatch {
            ids_bt: ids_bt.shallow_clone(),
            mask_bt: mask_bt.map(Tensor::shallow_clone),
            states: None,
        };
        let states = self.encoder.shared().states(&input);
        let features = self.encoder.features(&states, mask_bt, None, None);
        let features = features.iter().map(|x| x.to_kind(Kind::Float));
        Tensor::cat(&features.collect::<Vec<_>>(), -1)
    }
}
