//! The folder of a run: where its files lie.

use std::path::{Path, PathBuf};

use kprep_schemas::is_plain_name;

use crate::config::Variant;
use crate::files::adapter_config;
use crate::{Error, Result};

/// The files of a run.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The adapter's folder.
    pub dir: PathBuf,
}

impl Paths {
    /// The folder of a run on this below `out`. An ablation has a folder of its own.
    ///
    /// # Errors
    /// [`Error::Config`] for a name that leads elsewhere: it comes from a dataset.
    pub fn new(out: &Path, name: &str, variant: Variant) -> Result<Self> {
        let suffix = match variant {
            Variant::Adapter => "",
            Variant::Backbone => "-backbone",
            Variant::Random => "-random",
            Variant::Multitask => "-multitask",
            Variant::Finetune => "-finetune",
        };
        Ok(Self {
            dir: below(out, &format!("{name}{suffix}"))?,
        })
    }

    /// The folder of one of several runs that differ in a setting, in a folder for all of them beside
    /// this one.
    ///
    /// # Errors
    /// [`Error::Config`] for a value that cannot be a folder's name.
    pub fn of_value(&self, key: &str, value: &str) -> Result<Self> {
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy();
        let all = self.dir.with_file_name(format!("{name}-{}", all_of(key)));
        Ok(Self {
            dir: below(&all, &format!("{key}-{value}"))?,
        })
    }

    /// The trained parameters.
    pub fn adapter(&self) -> PathBuf {
        self.dir.join(adapter_config::WEIGHTS)
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
        self.dir.join(adapter_config::FILE)
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
}

/// What runs are called together that differ in a setting.
pub(crate) fn all_of(key: &str) -> &str {
    if key == "seed" { "seeds" } else { key }
}

/// The file or folder of this name in a folder.
///
/// # Errors
/// [`Error::Config`] for text that is more than a name: `../x` is a path to somewhere else.
pub fn below(dir: &Path, name: &str) -> Result<PathBuf> {
    if is_plain_name(name) {
        return Ok(dir.join(name));
    }
    Err(Error::Config(format!(
        "{name:?} cannot be the name of a file or folder in {}: expected a name without / that is not . or ..",
        dir.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_s_name_leads_nowhere_else() {
        let new = |name| Paths::new(Path::new("runs"), name, Variant::Adapter);
        assert_eq!(new("rc").unwrap().dir, Path::new("runs/rc"));
        for name in ["../victim", "/abs", "a/b", "..", ""] {
            let message = new(name).unwrap_err().to_string();
            assert!(
                message.contains("cannot be the name of a file or folder in runs"),
                "{message}"
            );
        }
        assert!(new("rc").unwrap().of_value("seed", "../1").is_err());
    }
}
