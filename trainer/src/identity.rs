//! Which run it is: settings, backbone and data, as a checkpoint stores them.

use serde::{Deserialize, Serialize};

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
    /// SHA-256 of the file that the adapter started from, if it did not start at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter_weights_sha256: Option<String>,
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
    /// SHA-256 of its file of weights; of shards, that of the lines `sha256sum` prints of them.
    pub sha256: String,
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
        if self.adapter_weights_sha256 != other.adapter_weights_sha256 {
            all.push("--adapter-weights names another start".to_owned());
        }
        all
    }
}
