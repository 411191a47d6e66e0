//! The folder of a run: the place of each of its files.

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
    /// [`Error::UnsafeName`] for a name that leads elsewhere: it comes from a dataset.
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

    /// The folder for the runs of a sweep over these settings, beside this one: `NAME-KEY1-KEY2`, or `NAME-seeds`.
    pub fn sweep(&self, keys: &[&str]) -> PathBuf {
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy();
        let keys = if keys.is_empty() {
            "seeds".to_owned()
        } else {
            keys.join("-")
        };
        self.dir.with_file_name(format!("{name}-{keys}"))
    }

    /// The folder of one run of a sweep, in the folder for all of them: `KEY1-VALUE,KEY2-VALUE/seed-SEED`.
    ///
    /// # Errors
    /// [`Error::UnsafeName`] for a value that cannot be a folder's name.
    pub fn of_sweep(all: &Path, values: &[(String, String)], seed: Option<u64>) -> Result<Self> {
        let values: Vec<String> = values
            .iter()
            .map(|(key, value)| format!("{key}-{value}"))
            .collect();
        let mut dir = if values.is_empty() {
            all.to_owned()
        } else {
            below(all, &values.join(","))?
        };
        if let Some(seed) = seed {
            dir.push(format!("seed-{seed}"));
        }
        Ok(Self { dir })
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

    /// Its prediction heads.
    pub fn heads(&self) -> PathBuf {
        self.dir.join("heads.safetensors")
    }

    /// The frozen vectors of the entities that its head scores.
    pub fn entity_vectors(&self) -> PathBuf {
        self.dir.join("entity_vectors.safetensors")
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

/// The file or folder of this name in a folder.
///
/// # Errors
/// [`Error::UnsafeName`] for text that is more than a name: `../x` is a path to somewhere else.
pub fn below(dir: &Path, name: &str) -> Result<PathBuf> {
    if is_plain_name(name) {
        return Ok(dir.join(name));
    }
    Err(Error::UnsafeName {
        name: name.to_owned(),
        dir: dir.to_owned(),
    })
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
        let values = [("adapter_plug".to_owned(), "../1".to_owned())];
        assert!(Paths::of_sweep(Path::new("runs"), &values, None).is_err());
    }

    #[test]
    fn each_run_of_a_sweep_has_a_folder() {
        let rc = Paths::new(Path::new("runs"), "rc", Variant::Adapter).unwrap();
        assert_eq!(rc.sweep(&[]), Path::new("runs/rc-seeds"));
        let all = rc.sweep(&["learning_rate", "warmup_steps"]);
        let values = [("learning_rate", "1e-3"), ("warmup_steps", "0")];
        let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(
            Paths::of_sweep(&all, &values, Some(42)).unwrap().dir,
            Path::new(
                "runs/rc-learning_rate-warmup_steps/learning_rate-1e-3,warmup_steps-0/seed-42"
            )
        );
        assert_eq!(Paths::of_sweep(&all, &[], None).unwrap().dir, all);
    }
}
