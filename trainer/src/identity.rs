//! Which run it is: settings, backbone and data, as a checkpoint stores them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::backbone_config::BackboneConfig;
use crate::config::Config;

/// What a run's result is a function of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Every setting.
    pub config: Config,
    /// The backbone.
    pub backbone: BackboneIdentity,
    /// The data.
    pub dataset: DatasetIdentity,
}

/// Which backbone an adapter belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackboneIdentity {
    /// Name of its folder.
    pub name: String,
    /// Its family.
    pub model_type: String,
    /// Its width.
    pub hidden_size: i64,
    /// Its transformer layers.
    pub layers: usize,
    /// SHA-256 of its `model.safetensors`.
    pub sha256: String,
}

impl BackboneIdentity {
    /// The backbone in a folder; `checksums` has the SHA-256 of its files by name.
    pub fn new(dir: &Path, config: &BackboneConfig, checksums: &BTreeMap<String, String>) -> Self {
        let name = dir.file_name().unwrap_or_default();
        let sha256 = checksums.get("model.safetensors");
        Self {
            name: name.to_string_lossy().into_owned(),
            model_type: config.model_type.clone(),
            hidden_size: config.hidden_size,
            layers: config.num_hidden_layers,
            sha256: sha256.cloned().unwrap_or_default(),
        }
    }
}

/// Which dataset a run learns from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetIdentity {
    /// Its name.
    pub name: String,
    /// SHA-256 of its manifest, which holds the checksums of its shards.
    pub manifest_sha256: String,
}

impl Identity {
    /// In what two runs differ, for people.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = self.config.differences(&other.config);
        if self.backbone.sha256 != other.backbone.sha256 {
            all.push(format!(
                "the backbone is {}, was {}",
                self.backbone.name, other.backbone.name
            ));
        }
        if self.dataset.manifest_sha256 != other.dataset.manifest_sha256 {
            all.push("the dataset was built anew".to_owned());
        }
        all
    }
}
