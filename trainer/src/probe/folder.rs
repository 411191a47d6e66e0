//! The folder of a probe: whether it may be used, and what is in the way.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::{Dataset, MANIFEST, sha256_file};
use ktrain::backbone_config::BackboneConfig;
use ktrain::identity::BackboneIdentity;
use serde_json::{Map, Value, json};

use super::Args;
use crate::flags::checksums;

impl Args {
    /// Where the checkpoints lie while layers are trained.
    pub(super) fn training(&self) -> PathBuf {
        self.out.join("probe-training")
    }

    /// What is asked.
    pub(super) fn facts(&self, dataset: &Dataset) -> Result<Map<String, Value>> {
        let names = self.uhn_names.as_ref().map(|dir| -> Result<_> {
            let config = BackboneConfig::read(dir)?;
            Ok(BackboneIdentity::new(dir, &config, &checksums(dir)?)?)
        });
        let vocabulary = self.vocabulary.as_ref().map(|path| {
            let sha256 = sha256_file(path);
            sha256.with_context(|| path.display().to_string())
        });
        let facts = json!({
            "dataset": dataset.manifest.name, "manifest": sha256_file(&dataset.dir.join(MANIFEST))?,
            "source": self.source, "vocabulary": vocabulary.transpose()?,
            "names known to": names.transpose()?,
        });
        Ok(facts.as_object().cloned().unwrap_or_default())
    }

    /// Whether there is nothing to do. Says why the folder cannot be used before any work is done.
    pub(super) fn is_finished(&self, facts: &Map<String, Value>, names: &[&str]) -> Result<bool> {
        if self.overwrite {
            return Ok(false);
        }
        let path = self.out.join("probe.json");
        if !path.exists() {
            ensure!(
                self.resume || !self.training().exists(),
                "{} holds an unfinished training: go on with --resume, or start anew with --overwrite",
                self.out.display()
            );
            return Ok(false);
        }
        ensure!(
            self.resume,
            "{} exists already: name another --out, or use --overwrite",
            path.display()
        );
        let json = fs::read(&path).with_context(|| path.display().to_string())?;
        let found: Value =
            serde_json::from_slice(&json).with_context(|| path.display().to_string())?;
        let learning = if self.text.is_empty() {
            Map::new()
        } else {
            self.flags(names)
        };
        for (part, ours) in [("facts", facts), ("learning", &learning)] {
            let other = ours.iter().find(|(key, value)| found[part][key] != **value);
            if let Some((key, _)) = other {
                bail!(
                    "{}: the finished probe had another {key}: give the same, or another --out",
                    path.display()
                );
            }
        }
        self.talk()
            .say(&format!("finished already: {}", path.display()));
        Ok(true)
    }

    /// With --overwrite, takes away what an earlier probe left, and nothing else.
    pub(super) fn clear(&self) -> Result<()> {
        if !self.overwrite || !self.out.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.out).with_context(|| self.out.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_layer = name.starts_with("mlm-") && name.ends_with(".safetensors");
            if path.is_file() && (is_layer || ["probe.json", "probe.md"].contains(&&*name)) {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
        self.remove_training()
    }

    /// Takes the checkpoints away.
    pub(super) fn remove_training(&self) -> Result<()> {
        let dir = self.training();
        if dir.is_dir() {
            fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
        }
        Ok(())
    }
}
