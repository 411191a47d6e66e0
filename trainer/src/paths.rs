//! The folder of a run: where its files lie, and whether it may be used.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Variant;
use crate::{Error, Result};

/// The files of a run.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The adapter's folder.
    pub dir: PathBuf,
}

impl Paths {
    /// The folder of a run on this below `out`. An ablation has a folder of its own.
    pub fn new(out: &Path, name: &str, variant: Variant) -> Self {
        let suffix = match variant {
            Variant::Adapter => "",
            Variant::Backbone => "-backbone",
            Variant::Random => "-random",
            Variant::Multitask => "-multitask",
            Variant::Finetune => "-finetune",
        };
        Self {
            dir: out.join(format!("{name}{suffix}")),
        }
    }

    /// The folder of one of several runs that differ in a setting, in a folder for all of them beside
    /// this one.
    #[must_use]
    pub fn of_value(&self, key: &str, value: &str) -> Self {
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy();
        let all = self.dir.with_file_name(format!("{name}-{}", all_of(key)));
        Self {
            dir: all.join(format!("{key}-{value}")),
        }
    }

    /// The trained parameters.
    pub fn adapter(&self) -> PathBuf {
        self.dir.join("adapter.safetensors")
    }

    /// With `--variant multitask` and of a fine-tuned model, the backbone that was trained: a folder that
    /// `--backbone` takes.
    pub fn backbone(&self) -> PathBuf {
        self.dir.join("backbone")
    }

    /// The frozen adapters of a fine-tuned model, from 0.
    pub fn fused(&self, i: usize) -> PathBuf {
        self.dir.join(format!("adapters/{i}"))
    }

    /// Its heads.
    pub fn heads(&self) -> PathBuf {
        self.dir.join("heads.safetensors")
    }

    /// What they are. Written last: its presence says that the run is complete.
    pub fn adapter_config(&self) -> PathBuf {
        self.dir.join("adapter_config.json")
    }

    /// The folder of the checkpoints and all else about the training.
    pub fn checkpoints(&self) -> PathBuf {
        self.dir.join("training")
    }

    /// The best parameters.
    pub fn best(&self) -> PathBuf {
        self.training("best.safetensors")
    }

    /// A file about the training.
    pub fn training(&self, name: &str) -> PathBuf {
        self.checkpoints().join(name)
    }

    /// Says why the folder cannot be used, before any work is done. Gives whether the run is
    /// finished already and is to be left as it is.
    ///
    /// # Errors
    /// [`Error::Exists`].
    pub fn check(&self, resume: bool, overwrite: bool) -> Result<bool> {
        let exists = |what, advice| {
            Err(Error::Exists {
                path: self.dir.clone(),
                what,
                advice,
            })
        };
        if self.adapter_config().is_file() {
            if resume || overwrite {
                return Ok(resume);
            }
            exists(
                "a finished run",
                "choose another --out, or replace it with --overwrite",
            )
        } else if self.checkpoints().is_dir() {
            if resume || overwrite {
                return Ok(false);
            }
            exists(
                "an unfinished run",
                "go on with --resume, or start anew with --overwrite",
            )
        } else if self.dir.is_dir() && !is_empty(&self.dir) {
            // --overwrite must not delete a folder that is no run (a home folder, say).
            exists("files that are no run of ktrain", "choose another --out")
        } else {
            Ok(false)
        }
    }

    /// Makes the folder ready, after [`Paths::check`] has allowed it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn prepare(&self, overwrite: bool) -> Result<()> {
        if overwrite && self.dir.is_dir() {
            fs::remove_dir_all(&self.dir).map_err(Error::io(&self.dir))?;
        }
        let training = self.checkpoints();
        fs::create_dir_all(&training).map_err(Error::io(&training))
    }
}

/// What runs are called together that differ in a setting.
pub(crate) fn all_of(key: &str) -> &str {
    if key == "seed" { "seeds" } else { key }
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}
