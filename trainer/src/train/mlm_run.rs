//! The runs of MLM heads: one for each head, in a folder of its own, all trained together.

use std::fs;
use std::path::{Path, PathBuf};

use indicatif::MultiProgress;
use serde_json::json;

use crate::console::Console;
use crate::files::identity::Identity;
use crate::files::paths::Paths;
use crate::report::tensorboard;
use crate::stop::Stop;
use crate::tasks::mlm::{HeldOut, MlmHead};
use crate::train::metrics_log::Log;
use crate::train::mlm_objective::MlmObjective;
use crate::train::run_files;
use crate::train::run_mark;
use crate::train::training::Training;
use crate::train::training_loop::{self, Trainer};
use crate::{Error, Result};

/// The folders of the runs: that of a head is below it.
pub struct MlmFolders<'a>(pub &'a Path);

impl MlmFolders<'_> {
    fn of_head(&self, name: &str) -> Paths {
        Paths {
            dir: self.0.join(format!("mlm-{name}")),
        }
    }

    /// The folders of the heads, and whatever else is there.
    fn entries(&self) -> Result<[Vec<PathBuf>; 2]> {
        let (mut heads, mut others) = (Vec::new(), Vec::new());
        if !self.0.is_dir() {
            return Ok([heads, others]);
        }
        for entry in fs::read_dir(self.0).map_err(Error::io(self.0))? {
            let entry = entry.map_err(Error::io(self.0))?;
            let is_folder = entry.file_type().map_err(Error::io(self.0))?.is_dir();
            let is_head = entry.file_name().to_string_lossy().starts_with("mlm-");
            if is_folder && is_head {
                heads.push(entry.path());
            } else {
                others.push(entry.path());
            }
        }
        heads.sort();
        Ok([heads, others])
    }

    /// Whether all that is there belongs to the training of MLM heads.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn are_own(&self) -> Result<bool> {
        let [heads, others] = self.entries()?;
        let mut own = others.is_empty();
        for head in heads {
            let [files, foreign] = run_files::own_and_foreign(&head)?;
            own &= foreign.is_empty() && files.iter().all(|file| file.starts_with("training"));
        }
        Ok(own)
    }

    /// Whether a training has begun, and its files are not [cleared](Self::clear) yet.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn have_begun(&self) -> Result<bool> {
        let [heads, _] = self.entries()?;
        for head in heads {
            if run_mark::look(&head)? == run_mark::Found::Unfinished {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes checkpoints and all else that a finished training needs no more. What was logged stays.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn clear(&self) -> Result<()> {
        let events = format!("training/{}", tensorboard::FILE);
        self.remove_but(&["training/metrics.jsonl", &events])
    }

    /// Removes everything, the folder too, unless there is what ktrain did not write.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self) -> Result<()> {
        self.remove_but(&[])
    }

    fn remove_but(&self, kept: &[&str]) -> Result<()> {
        let [heads, _] = self.entries()?;
        for head in heads {
            run_files::remove(&head, kept)?;
        }
        let _ = fs::remove_dir(self.0); // where it is empty
        Ok(())
    }
}

/// The identity of a head's run: with the adapters that the head reads, of all.
fn of_head(identity: &Identity, head: &MlmHead) -> Identity {
    let adapters = head.adapters.iter();
    Identity {
        adapters: adapters.map(|&i| identity.adapters[i].clone()).collect(),
        ..identity.clone()
    }
}

/// Trains all heads of an objective, each from its last checkpoint, if there is one. `identity` is that of their runs, with
/// all adapters of the encoder. Gives their scores on the lines that were held out, if any were.
///
/// # Errors
/// Whatever reading checkpoints, training and writing fails with.
pub fn train(
    objective: &MlmObjective,
    identity: &Identity,
    folders: &MlmFolders,
    stop: &Stop,
    console: Console,
) -> Result<Vec<Option<HeldOut>>> {
    let steps = training_loop::steps(&[objective]);
    let own: Vec<(Paths, Identity)> = objective
        .heads
        .iter()
        .map(|head| (folders.of_head(&head.name), of_head(identity, head)))
        .collect();
    let bars = MultiProgress::new();
    let mut runs = Vec::new();
    for (number, (head, (paths, identity))) in objective.heads.iter().zip(&own).enumerate() {
        let folder = paths.checkpoints();
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let metrics = paths.training("metrics.jsonl");
        let log = |first| {
            let config = &identity.config;
            Log::open(&metrics, &head.name, config, console, &bars, [first, steps])
        };
        let run = Training::open(number, identity, paths, &head.params, log)?;
        run.announce();
        runs.push(run);
    }
    let trainer = Trainer {
        objectives: &[objective],
        stop,
    };
    trainer.run(&mut runs)?;
    let held_out = objective.held_out()?;
    for (run, scores) in runs.iter_mut().zip(&held_out) {
        if let Some(HeldOut {
            tokens,
            accuracy,
            loss,
        }) = *scores
        {
            run.log.write(&json!({
                "kind": "test", "step": steps, "decisions": tokens, "accuracy": accuracy, "loss": loss,
            }))?;
            run.log.say(&format!(
                "held-out lines: accuracy {accuracy:.4}, loss {loss:.3} a token"
            ));
        }
        run.log.finish();
    }
    Ok(held_out)
}
