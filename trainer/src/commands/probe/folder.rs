//! The folder of a probe: whether it may be used, and what is in the way.
//!
//! `probe.json` is written last: it says that the probe is complete. With `--overwrite` it is renamed first, to
//! `.probe.json.old`, and what it lists is removed when the new MLM heads are trained.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::adapter_config::AdapterConfig;
use crate::files::backbone_config::BackboneConfig;
use crate::files::identity::BackboneIdentity;
use crate::files::sealed;
use crate::train::mlm_run::MlmFolders;
use crate::train::run_folder;
use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::{Dataset, FolderLock, MANIFEST, resolve_out, sha256_file};

use serde_json::{Map, Value, json};

use super::Args;
use super::report::{ABOUT, FORMAT};
use crate::commands::flags::checksums;

/// The tables, the last file of a probe.
pub(super) const DONE: &str = "probe.json";
/// That of the probe that is being replaced.
const REPLACED: &str = ".probe.json.old";
/// The tables for people.
pub(super) const TABLES: &str = "probe.md";

/// An earlier probe.
struct Earlier {
    /// `probe.json`.
    json: Value,
    /// The MLM heads that it lists, with their checksums.
    files: BTreeMap<String, String>,
}

/// The file of an MLM head.
pub(super) fn head_file(name: &str) -> String {
    format!("mlm-{name}.safetensors")
}

impl Args {
    /// Keeps other processes out of the folder.
    pub(super) fn claim(&self) -> Result<FolderLock> {
        Ok(run_folder::lock(&resolve_out(&self.out)?)?)
    }

    /// The folder of the MLM heads' trainings.
    pub(super) fn training(&self) -> PathBuf {
        self.out.join("probe-training")
    }

    /// What the queries are a function of.
    pub(super) fn facts(&self, dataset: &Dataset) -> Result<Map<String, Value>> {
        let names = self.uhn_names.as_ref().map(|dir| identity(dir));
        let vocabulary = self.vocabulary.as_ref().map(|path| {
            let sha256 = sha256_file(path);
            sha256.with_context(|| path.display().to_string())
        });
        let facts = json!({
            "dataset": dataset.manifest.name, "manifest": sha256_file(&dataset.dir.join(MANIFEST))?,
            "source": self.source.name(), "vocabulary": vocabulary.transpose()?,
            "names known to": names.transpose()?,
        });
        Ok(facts.as_object().cloned().unwrap_or_default())
    }

    /// Whether there is nothing to do. Says why the folder cannot be used before any work is done.
    pub(super) fn is_finished(
        &self,
        facts: &Map<String, Value>,
        adapters: &[(String, PathBuf)],
    ) -> Result<bool> {
        let path = self.out.join(DONE);
        if self.resume && path.is_file() {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            ensure!(
                sealed::check(&path, &bytes)?,
                "{}: another version of ktrain wrote it: use that version, or probe again with --overwrite",
                path.display()
            );
        }
        let earlier = self.earlier(DONE)?;
        self.check_own(earlier.as_ref(), adapters)?;
        let Some(earlier) = earlier else {
            ensure!(
                self.resume || self.overwrite || !MlmFolders(&self.training()).have_begun()?,
                "{} holds an unfinished training: go on with --resume, or restart with --overwrite",
                self.out.display()
            );
            return Ok(false);
        };
        if self.overwrite {
            return Ok(false);
        }
        ensure!(
            self.resume,
            "{} exists already: name another --out, or use --overwrite",
            path.display()
        );
        self.check_same(&earlier.json, facts, adapters)?;
        for (name, expected) in &earlier.files {
            let path = self.out.join(name);
            let found = sha256_file(&path).with_context(|| path.display().to_string())?;
            ensure!(
                found == *expected,
                "{}: damaged: its SHA-256 is {found}, not {expected}: probe again with --overwrite",
                path.display()
            );
        }
        self.clean()?; // a probe that was killed in its last step
        self.console().say(&format!(
            "finished already: {} (queries, backbone, adapters and MLM heads are those that it was finished with; \
             the text was not read)",
            path.display()
        ));
        Ok(true)
    }

    /// Checks that a finished probe has the same queries, backbone and adapters.
    fn check_same(
        &self,
        found: &Value,
        facts: &Map<String, Value>,
        adapters: &[(String, PathBuf)],
    ) -> Result<()> {
        let names: Vec<&str> = adapters.iter().map(|(name, _)| name.as_str()).collect();
        let learning = if self.text.is_empty() {
            Map::new()
        } else {
            self.flags(&names)
        };
        let mut other = Vec::new();
        for (part, ours) in [("facts", facts), ("learning", &learning)] {
            let differs = |(key, value): &(&String, &Value)| found[part][key.as_str()] != **value;
            other.extend(ours.iter().filter(differs).map(|(key, _)| key.clone()));
        }
        let backbone = identity(&self.backbone.dir())?;
        if found["backbone"] != json!(backbone) {
            other.push("backbone".to_owned());
        }
        for (i, (name, dir)) in adapters.iter().enumerate() {
            let config = AdapterConfig::read(dir)?;
            if found["adapters"][i]["sha256"] != json!(config.weights_sha256()) {
                other.push(format!("adapter {name}"));
            }
        }
        if let Some(first) = other.first() {
            bail!(
                "{}: the finished probe had another {first}: give the same, or another --out",
                self.out.join(DONE).display()
            );
        }
        Ok(())
    }

    /// The probe whose tables have this name, if there is one.
    fn earlier(&self, name: &str) -> Result<Option<Earlier>> {
        let path = self.out.join(name);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        ensure!(
            json["format"] == FORMAT,
            "{} is no file of ktrain probe: move it away, or name another --out",
            path.display()
        );
        let files = serde_json::from_value(json["files"].clone());
        let files: BTreeMap<String, String> = files.with_context(|| path.display().to_string())?;
        ensure!(
            files.keys().all(|name| is_head_file(name)),
            "{} lists files that are no MLM heads: move it away, or name another --out",
            path.display()
        );
        Ok(Some(Earlier { json, files }))
    }

    /// What will be replaced was written by ktrain probe.
    fn check_own(&self, earlier: Option<&Earlier>, adapters: &[(String, PathBuf)]) -> Result<()> {
        let replaced = self.earlier(REPLACED)?;
        let training = self.training();
        let folders = MlmFolders(&training);
        let own = !training.exists() || (training.is_dir() && folders.are_own()?);
        let unfinished = own && folders.have_begun()?;
        ensure!(
            own,
            "{} holds files that ktrain probe did not write: move them away, or name another --out",
            training.display()
        );
        let listed = |name: &str| {
            let mut probes = earlier.into_iter().chain(&replaced);
            unfinished || probes.any(|probe| probe.files.contains_key(name))
        };
        let joined: Vec<&str> = adapters.iter().map(|(name, _)| name.as_str()).collect();
        let rows = joined.iter().copied().chain(["backbone"]).map(head_file);
        for name in rows.chain([head_file(&joined.join("+"))]) {
            let path = self.out.join(&name);
            ensure!(
                listed(&name) || !path.is_file(),
                "{} was not written by the probe in this folder: move it away, or name another --out",
                path.display()
            );
        }
        let tables = self.out.join(TABLES);
        let text = fs::read(&tables).unwrap_or_default();
        ensure!(
            !tables.is_file() || String::from_utf8_lossy(&text).contains(ABOUT),
            "{} is no file of ktrain probe: move it away, or name another --out",
            tables.display()
        );
        Ok(())
    }

    /// With --overwrite: the earlier probe counts as finished no more. Its MLM heads stay until there are new ones.
    pub(super) fn put_aside(&self) -> Result<()> {
        let (path, aside) = (self.out.join(DONE), self.out.join(REPLACED));
        if self.overwrite && path.is_file() {
            fs::rename(&path, &aside).with_context(|| path.display().to_string())?;
        }
        if self.overwrite {
            MlmFolders(&self.training()).remove()?;
        }
        Ok(())
    }

    /// Removes the MLM heads of the probe that was put aside.
    pub(super) fn remove_replaced(&self) -> Result<()> {
        let Some(replaced) = self.earlier(REPLACED)? else {
            return Ok(());
        };
        for name in replaced.files.keys() {
            let path = self.out.join(name);
            if path.is_file() {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
        Ok(())
    }

    /// Removes what a finished probe needs no more. What its training logged stays.
    pub(super) fn clean(&self) -> Result<()> {
        let replaced = self.out.join(REPLACED);
        if self.earlier(REPLACED)?.is_some() {
            fs::remove_file(&replaced).with_context(|| replaced.display().to_string())?;
        }
        Ok(MlmFolders(&self.training()).clear()?)
    }
}

/// Whether it is the name of an MLM head's file, and no path to elsewhere.
fn is_head_file(name: &str) -> bool {
    let row = name
        .strip_prefix("mlm-")
        .and_then(|rest| rest.strip_suffix(".safetensors"));
    row.is_some_and(|row| !row.contains('/'))
}

fn identity(dir: &Path) -> Result<BackboneIdentity> {
    let config = BackboneConfig::read(dir)?;
    Ok(BackboneIdentity::new(dir, &config, &checksums(dir)?)?)
}
