//! Which run it is: settings, backbone and data, as a checkpoint stores them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kprep_schemas::hex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::files::backbone_config::BackboneConfig;
use crate::files::checkpoint_folder;
use crate::files::checkpoint_folder::settings_files;
use crate::{Error, Result};

/// What a run's result is a function of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Every setting.
    pub config: Config,
    /// The backbone.
    pub backbone: BackboneIdentity,
    /// The data.
    pub dataset: DatasetIdentity,
    /// The task that takes turns with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Second>,
    /// SHA-256 of the file that the adapter started from, if it did not start at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter_weights_sha256: Option<String>,
    /// The frozen adapters that it was fine-tuned with, in the order of their features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapters: Vec<AdapterIdentity>,
}

/// Which adapter made a part of the features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterIdentity {
    /// Name of the dataset that it was trained on; `random` for a randomly initialised one.
    pub dataset: String,
    /// SHA-256 of its `adapter.safetensors`; of a randomly initialised one, of its values.
    pub sha256: String,
}

/// A second task of the same run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Every setting.
    pub config: Config,
    /// The data.
    pub dataset: DatasetIdentity,
}

/// Which backbone an adapter belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackboneIdentity {
    /// Name of its folder; in the cache of the Hugging Face Hub, its name there (`org/model`).
    pub name: String,
    /// Its family.
    pub model_type: String,
    /// Its width.
    pub hidden_size: i64,
    /// Its transformer layers.
    pub layers: usize,
    /// SHA-256 of its file of weights; of shards, that of the lines `sha256sum` prints of them.
    pub sha256: String,
    /// SHA-256 of what else its features depend on, by file name: its configuration and its tokenizer.
    pub files: BTreeMap<String, String>,
}

impl BackboneIdentity {
    /// The backbone in a folder; `checksums` has the SHA-256 of its files by name.
    ///
    /// # Errors
    /// As [`checkpoint_folder::files`].
    pub fn new(
        dir: &Path,
        config: &BackboneConfig,
        checksums: &BTreeMap<String, String>,
    ) -> Result<Self> {
        Ok(Self {
            name: name(dir),
            model_type: config.model_type.clone(),
            hidden_size: config.hidden_size,
            layers: config.num_hidden_layers,
            sha256: weights_checksum(dir, checksums)?,
            files: settings_files(dir)
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), checksums.get(name)?.clone())))
                .collect(),
        })
    }

    /// In which files two backbones differ, a phrase each with both checksums.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let show = |sha256: Option<&String>| {
            sha256.map_or("not there".to_owned(), |sha256| format!("SHA-256 {sha256}"))
        };
        let mut all = Vec::new();
        let mut compare = |name: &str, ours: Option<&String>, theirs: Option<&String>| {
            if ours != theirs {
                all.push(format!("{name} is {}, was {}", show(ours), show(theirs)));
            }
        };
        compare(
            "its file of weights",
            Some(&self.sha256),
            Some(&other.sha256),
        );
        let names: BTreeSet<&String> = self.files.keys().chain(other.files.keys()).collect();
        for name in names {
            compare(name, self.files.get(name), other.files.get(name));
        }
        all
    }
}

/// The name of a backbone's folder. The Hub's cache has `models--ORG--MODEL/snapshots/REVISION`.
fn name(dir: &Path) -> String {
    let called = |dir: Option<&Path>| {
        let name = dir.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let above = dir.parent();
    let model = called(above.and_then(Path::parent));
    match model.strip_prefix("models--") {
        Some(model) if called(above) == "snapshots" => model.replacen("--", "/", 1),
        _ => called(Some(dir)),
    }
}

/// What stands for the backbone's weights: their file's checksum or, for shards, that of the
/// lines that `sha256sum` prints of them.
fn weights_checksum(dir: &Path, checksums: &BTreeMap<String, String>) -> Result<String> {
    let (first, shards) = checkpoint_folder::files(dir)?;
    let sha256 = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let sha256 = checksums.get(&*name).cloned().unwrap_or_default();
        (sha256, name.into_owned())
    };
    if shards.is_empty() {
        return Ok(sha256(&first).0);
    }
    let lines = shards.iter().map(|shard| {
        let (sha256, name) = sha256(shard);
        format!("{sha256}  {name}\n")
    });
    Ok(hex(&Sha256::digest(lines.collect::<String>())))
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
    /// What a file says of its run: a checkpoint's metadata, or a run's `config.json` with more
    /// beside it.
    ///
    /// # Errors
    /// [`Error::OtherVersion`] with every setting that only the file or only this program has;
    /// [`Error::Json`]; [`Error::Unfit`] for settings that no model can have.
    pub fn parse(path: &Path, json: &[u8]) -> Result<Self> {
        let stored: Value = serde_json::from_slice(json).map_err(Error::json(path))?;
        let configs = ["/config", "/second/config"].map(|at| stored.pointer(at));
        let configs = configs.into_iter().flatten();
        let mut differences: BTreeSet<String> = configs.flat_map(Config::other_settings).collect();
        let backbone = &stored["backbone"];
        if backbone.is_object() && backbone.get("files").is_none() {
            differences.insert(
                "without checksums of the backbone's configuration and tokenizer".to_owned(),
            );
        }
        if !differences.is_empty() {
            return Err(Error::OtherVersion {
                path: path.to_owned(),
                differences: Vec::from_iter(differences).join(", "),
            });
        }
        let identity: Self = serde_json::from_value(stored).map_err(Error::json(path))?;
        let check = identity.config.check();
        check.map_err(|error| Error::Unfit {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(identity)
    }

    /// In what two runs differ, for people.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = self.config.differences(&other.config);
        if self.backbone.sha256 == other.backbone.sha256 {
            let files = self.backbone.differences(&other.backbone);
            all.extend(files.iter().map(|file| format!("the backbone's {file}")));
        } else {
            all.push(format!(
                "the backbone is {}, was {}",
                self.backbone.name, other.backbone.name
            ));
        }
        let built_anew = |ours: &DatasetIdentity, theirs: &DatasetIdentity| {
            ours.manifest_sha256 != theirs.manifest_sha256
        };
        if built_anew(&self.dataset, &other.dataset) {
            all.push("the dataset was rebuilt".to_owned());
        }
        match (&self.second, &other.second) {
            (Some(ours), Some(theirs)) => {
                let differences = ours.config.differences(&theirs.config).into_iter();
                all.extend(
                    differences.map(|difference| format!("of the second task {difference}")),
                );
                if built_anew(&ours.dataset, &theirs.dataset) {
                    all.push("the second dataset was rebuilt".to_owned());
                }
            }
            (None, None) => {}
            _ => all.push("the tasks are others".to_owned()),
        }
        if self.adapter_weights_sha256 != other.adapter_weights_sha256 {
            all.push("--adapter-weights names another start".to_owned());
        }
        if self.adapters != other.adapters {
            all.push("the adapters are others".to_owned());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backbone_of_the_hubs_cache_has_its_name_there() {
        for (dir, expected) in [
            (
                "/c/hub/models--FacebookAI--roberta-large/snapshots/1f2e",
                "FacebookAI/roberta-large",
            ),
            (
                "/c/models--bert-base-uncased/snapshots/1f2e",
                "bert-base-uncased",
            ),
            ("/c/models--a--b/other/1f2e", "1f2e"),
            ("minilm", "minilm"),
        ] {
            assert_eq!(name(Path::new(dir)), expected);
        }
    }
}
