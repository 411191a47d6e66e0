//! Where the training of the layers that fill masks stands, on disk.
//!
//! Masks and order are functions of the seed and the step: parameters, optimiser and step are all.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::files::weights::{self, Expected, Named};
use crate::stop::Stop;
use crate::tasks::mlm::Row;
use crate::train::checkpoint_files;
use crate::{Error, Result};

/// The folder of the checkpoints, and when they are written.
pub struct Checkpoints {
    /// The folder. It is there while the training is not through.
    pub dir: PathBuf,
    /// Steps between two of them.
    pub every: u64,
    /// All that the result is a function of, under names that a message can tell.
    pub identity: Map<String, Value>,
    /// Whether a signal asks to stop.
    pub stop: Stop,
}

/// What the tensors of a row are called, before their own names.
fn prefixes(row: &Row) -> [String; 3] {
    ["", "adam.mean.", "adam.square."].map(|what| format!("{}/{what}", row.name))
}

impl Checkpoints {
    /// Reads the last checkpoint into the rows, and gives the steps that were done: 0 without one.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for a damaged one, or one of a run with other settings.
    pub(crate) fn load(&self, rows: &[Row]) -> Result<u64> {
        if !self.dir.is_dir() {
            return Ok(0);
        }
        let Some(path) = checkpoint_files::last(&self.dir)? else {
            return Ok(0);
        };
        let (found, metadata) = weights::read(&path)?;
        let wrong = |reason: String| Error::Checkpoint {
            path: path.clone(),
            reason,
        };
        let field = |name: &str| {
            let field = metadata.get(name).map(String::as_str);
            field.ok_or_else(|| {
                wrong(format!(
                    "no {name} in its metadata: not one of ktrain probe"
                ))
            })
        };
        let stored: Map<String, Value> =
            serde_json::from_str(field("identity")?).map_err(Error::json(&path))?;
        let differences = self.differences(&stored);
        if !differences.is_empty() {
            return Err(wrong(format!(
                "the training to resume was started with another {}: give the same, or restart with \
                 --overwrite",
                differences.join(", ")
            )));
        }
        let expected: Vec<Expected> = rows
            .iter()
            .flat_map(|row| prefixes(row).map(|prefix| row.params.expected(&prefix)))
            .flatten()
            .collect();
        let named = weights::match_strictly(&path, found, &expected, |_| false)?;
        for row in rows {
            let params = &row.params;
            let all = [params.flat(), &row.adam.mean, &row.adam.square];
            for (flat, prefix) in all.into_iter().zip(prefixes(row)) {
                params.fill(flat, &prefix, &named);
            }
        }
        serde_json::from_str(field("step")?).map_err(Error::json(&path))
    }

    fn differences(&self, stored: &Map<String, Value>) -> Vec<String> {
        let names = self.identity.keys().chain(stored.keys());
        let mut names: Vec<&String> = names
            .filter(|&name| self.identity.get(name) != stored.get(name))
            .collect();
        names.sort();
        names.dedup();
        names.into_iter().cloned().collect()
    }

    /// Writes a checkpoint where it is time to: always behind the last step, for what is done with the
    /// layers can fail, too.
    ///
    /// # Errors
    /// [`Error::Stopped`] if a signal came, behind a checkpoint; [`Error::Io`], [`Error::Tensors`].
    pub(crate) fn after(&self, rows: &[Row], (step, steps): (u64, u64)) -> Result<()> {
        let signal = self.stop.asked();
        let is_due = self.every > 0 && step.is_multiple_of(self.every);
        if signal.is_none() && !is_due && step < steps {
            return Ok(());
        }
        fs::create_dir_all(&self.dir).map_err(Error::io(&self.dir))?;
        let mut named = Named::new();
        for row in rows {
            let all = [row.params.flat(), &row.adam.mean, &row.adam.square];
            for (flat, prefix) in all.into_iter().zip(prefixes(row)) {
                named.extend(row.params.named(flat, &prefix));
            }
        }
        let path = self.dir.join("checkpoint.new");
        let identity = serde_json::to_string(&self.identity).map_err(Error::json(&path))?;
        let metadata = [("identity", identity), ("step", step.to_string())];
        weights::write(&path, &named, &metadata)?;
        checkpoint_files::publish(&path, &self.dir, step)?;
        match signal {
            None => Ok(()),
            Some(signal) => Err(Error::Stopped {
                signal,
                step,
                steps,
            }),
        }
    }
}
