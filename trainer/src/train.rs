//! The training loop.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::accumulate;
use crate::batch;
use crate::checkpoint::{self, Best, Progress};
use crate::checkpoint_files;
use crate::config::Config;
use crate::identity::Identity;
use crate::log::{Log, Point};
use crate::metrics::{self, Scores};
use crate::model::Model;
use crate::optim::{self, AdamW};
use crate::params::Params;
use crate::paths::Paths;
use crate::since::NotFinite;
use crate::snapshot::Snapshot;
use crate::stop::Stop;
use crate::store::Store;
use crate::weights::write_json;
use crate::{Error, Result};

/// What is trained on what.
pub struct Trainer<'a> {
    /// The run.
    pub identity: &'a Identity,
    /// Where its files are.
    pub paths: &'a Paths,
    /// The model.
    pub model: &'a Model,
    /// Its trained parameters.
    pub params: &'a Params,
    /// The training split.
    pub train: &'a Arc<Store>,
    /// The validation split, if the dataset has one.
    pub validation: Option<&'a Store>,
    /// The training split's most frequent label.
    pub majority: Option<u16>,
    /// Whether the run is to stop.
    pub stop: &'a Stop,
}

/// How many steps a run takes.
pub fn steps(config: &Config, examples: usize) -> u64 {
    let all = config.epochs * batch::batches_per_epoch(examples, config);
    match config.max_steps {
        0 => all,
        most if config.epochs == 0 => most,
        most => all.min(most),
    }
}

impl Trainer<'_> {
    /// Trains from where `progress` stands to the end, and gives where it ends. The parameters are
    /// then those of the last step; the best ones are on disk.
    ///
    /// # Errors
    /// [`Error::NotFinite`], with the last good state as the last checkpoint; [`Error::Stopped`],
    /// [`Error::LoaderDied`], and what writing files can fail with.
    pub fn run(&self, mut adam: AdamW, progress: Progress, log: &mut Log) -> Result<Progress> {
        let mut good = Snapshot::new(self.params, &adam, progress);
        let done = self.train(&mut adam, progress, log, &mut good);
        if let Err(Error::NotFinite(_)) = done {
            let progress = good.restore(self.params, &mut adam);
            self.save(&adam, progress)?;
        }
        done
    }

    fn train(
        &self,
        adam: &mut AdamW,
        mut progress: Progress,
        log: &mut Log,
        good: &mut Snapshot,
    ) -> Result<Progress> {
        log.carry(progress.unlogged.take());
        let config = &self.identity.config;
        let steps = steps(config, self.train.len());
        let per_epoch = batch::batches_per_epoch(self.train.len(), config);
        let due =
            |step: u64, every: u64| step == steps || (every > 0 && step.is_multiple_of(every));
        let batches = batch::ahead(
            Arc::clone(self.train),
            config.clone(),
            self.model.pad(),
            progress.step,
            steps,
        );
        while progress.step < steps {
            let asked = Instant::now();
            let parts = batches.recv().map_err(|_| Error::LoaderDied)?;
            let waited = asked.elapsed();
            let rate = optim::learning_rate(config, progress.step, steps);
            tch::manual_seed(batch::step_seed(config.seed, progress.step));
            let (loss, grads) = accumulate::gradient(self.model, self.params, &parts)?;
            let norm = adam.step(config, self.params, &grads, progress.step, rate)?;
            log.step(&parts, &loss, &norm, waited);
            progress.step += 1;

            let step = progress.step;
            let point = Point {
                step,
                epoch: step as f64 / per_epoch as f64,
                rate,
            };
            let score = due(step, config.eval_every) || step.is_multiple_of(per_epoch);
            let save = score || due(step, config.save_every);
            let read = save || due(step, config.log_every);
            if read {
                log.train(point)?;
            }
            if score {
                self.validate(point, &mut progress, log)?;
            }
            if read {
                good.take(self.params, adam, progress);
            }
            let signal = self.stop.asked().filter(|_| step < steps);
            if save || signal.is_some() {
                progress.unlogged = log.unlogged(step)?; // none where a line was just written
                self.save(adam, progress)?;
                log.restart_clock();
            }
            if let Some(signal) = signal {
                return Err(Error::Stopped {
                    signal,
                    step,
                    steps,
                });
            }
        }
        Ok(progress)
    }

    fn save(&self, adam: &AdamW, progress: Progress) -> Result<()> {
        let training = self.paths.checkpoints();
        checkpoint::save(&training, self.identity, self.params, adam, progress)
    }

    /// Scores the validation split, and keeps the parameters if they are the best so far. Without
    /// a validation split the last ones are the best.
    fn validate(&self, point: Point, progress: &mut Progress, log: &mut Log) -> Result<()> {
        let Some(validation) = self.validation else {
            return checkpoint::save_weights(&self.paths.best(), self.params);
        };
        let config = &self.identity.config;
        let scores = self.score(validation, config.eval_examples)?;
        let best = progress
            .best
            .is_none_or(|best| scores.accuracy > best.score);
        if best {
            progress.best = Some(Best {
                step: point.step,
                score: scores.accuracy,
            });
            checkpoint::save_weights(&self.paths.best(), self.params)?;
        }
        log.scores(
            "validation",
            point,
            &metrics::names(config.task),
            &scores,
            best,
        )
    }

    /// Scores at most so many examples of a split; 0 = all.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn score(&self, store: &Store, most: usize) -> Result<Scores> {
        metrics::evaluate(
            self.model,
            &self.identity.config,
            store,
            store.sample(most),
            self.majority,
        )
    }
}

/// Reads the state of a run that was cut off, if there is one, into parameters and optimiser.
///
/// # Errors
/// What [`checkpoint_files::last`] and [`checkpoint::load`] say.
pub fn resume(
    paths: &Paths,
    identity: &Identity,
    params: &Params,
    adam: &AdamW,
) -> Result<Progress> {
    match checkpoint_files::last(&paths.checkpoints())? {
        Some(path) => checkpoint::load(&path, identity, params, adam),
        None => Ok(Progress::default()),
    }
}

/// Writes down which records the step read that computed no number. Gives the error that ends the
/// run.
///
/// # Errors
/// [`Error::Io`]; what [`checkpoint_files::last`] says.
pub fn diverged(paths: &Paths, reason: NotFinite, records: &[String]) -> Result<Error> {
    let report = paths.training("diverged.json");
    let checkpoint = checkpoint_files::last(&paths.checkpoints())?.unwrap_or_default();
    let name = checkpoint.file_name().unwrap_or_default();
    write_json(
        &report,
        &json!({
            "step": reason.step, "what": reason.what, "value": reason.value.to_string(),
            "checkpoint": name.to_string_lossy(), "records": records,
        }),
    )?;
    Ok(Error::Diverged {
        reason,
        checkpoint,
        report,
    })
}
