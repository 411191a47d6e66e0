//! The training loop: one run, or several on the same pass through the backbone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::accumulate::{self, Gradient, Learner};
use crate::batch::{self, Batch};
use crate::cache::Cache;
use crate::checkpoint::{self, Best, Progress};
use crate::checkpoint_files;
use crate::config::Config;
use crate::frozen::Frozen;
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

/// How many steps a run takes.
pub fn steps(config: &Config, examples: usize) -> u64 {
    let all = config.epochs * batch::batches_per_epoch(examples, config);
    match config.max_steps {
        0 => all,
        most if config.epochs == 0 => most,
        most => all.min(most),
    }
}

/// One of the runs that are trained together.
pub struct Training<'a> {
    /// The run.
    pub identity: &'a Identity,
    /// Where its files are.
    pub paths: &'a Paths,
    /// The model.
    pub model: &'a Model,
    /// Its trained parameters.
    pub params: &'a Params,
    /// The optimiser.
    pub adam: AdamW,
    /// Where it stands.
    pub progress: Progress,
    /// What it says.
    pub log: &'a mut Log,
    /// The state after the last step known to be good.
    pub good: Snapshot,
}

impl Training<'_> {
    fn config(&self) -> &Config {
        &self.identity.config
    }

    fn learner(&self) -> Learner<'_> {
        Learner {
            model: self.model,
            params: self.params,
            seed: self.config().seed,
        }
    }

    /// Changes the parameters. Nothing here waits for the device.
    fn step(
        &mut self,
        (loss, grads): &Gradient,
        steps: u64,
        parts: &[Batch],
        waited: Duration,
    ) -> Result<()> {
        let step = self.progress.step;
        let config = &self.identity.config;
        let rate = optim::learning_rate(config, step, steps);
        let norm = self.adam.step(config, self.params, grads, step, rate)?;
        self.log.step(parts, loss, &norm, waited);
        self.progress.step += 1;
        Ok(())
    }

    /// Keeps the parameters if they are the best so far. Without a score the last ones are the best.
    fn validated(&mut self, point: Point, scores: Option<&Scores>) -> Result<()> {
        let Some(scores) = scores else {
            return checkpoint::save_weights(&self.paths.best(), self.params);
        };
        let best = self.progress.best;
        let best = best.is_none_or(|best| scores.accuracy > best.score);
        if best {
            self.progress.best = Some(Best {
                step: point.step,
                score: scores.accuracy,
            });
            checkpoint::save_weights(&self.paths.best(), self.params)?;
        }
        let names = metrics::names(self.config().task);
        self.log.scores("validation", point, &names, scores, best)
    }

    fn remember(&mut self) {
        self.good.take(self.params, &self.adam, self.progress);
    }

    fn restore(&mut self) {
        self.progress = self.good.restore(self.params, &mut self.adam);
    }

    fn save(&mut self) -> Result<()> {
        let training = self.paths.checkpoints();
        let Self {
            identity,
            params,
            adam,
            progress,
            ..
        } = self;
        checkpoint::save(&training, identity, params, adam, *progress)?;
        self.log.restart_clock();
        Ok(())
    }
}

/// What all runs share: batches, and how they are watched.
pub struct Trainer<'a> {
    /// The training split.
    pub train: &'a Arc<Store>,
    /// What all runs read of the backbone.
    pub frozen: &'a Frozen,
    /// The training split's hidden states, if they are cached.
    pub cache: Option<Arc<Cache>>,
    /// The validation split, if the dataset has one.
    pub validation: Option<&'a Store>,
    /// The training split's most frequent label.
    pub majority: Option<u16>,
    /// Whether the runs are to stop.
    pub stop: &'a Stop,
    /// The ids of the records that a step reads.
    pub records: &'a dyn Fn(u64) -> Result<Vec<String>>,
}

impl Trainer<'_> {
    /// Trains each run from where it stands to the end. The parameters are then those of the last
    /// step; the best ones are on disk. A run that was stopped later than another waits for it.
    ///
    /// # Errors
    /// [`Error::Diverged`], with the last good state as the run's last checkpoint;
    /// [`Error::Stopped`], [`Error::LoaderDied`], and what writing files can fail with.
    pub fn run(&self, runs: &mut [Training]) -> Result<()> {
        let Some(config) = runs.first().map(|run| run.config().clone()) else {
            return Ok(());
        };
        let steps = steps(&config, self.train.len());
        let per_epoch = batch::batches_per_epoch(self.train.len(), &config);
        let due =
            |step: u64, every: u64| step == steps || (every > 0 && step.is_multiple_of(every));
        for run in &mut *runs {
            run.log.carry(run.progress.unlogged.take());
        }
        let pad = runs[0].model.pad();
        let first = runs
            .iter()
            .map(|run| run.progress.step)
            .min()
            .unwrap_or(steps);
        let (train, cache) = (Arc::clone(self.train), self.cache.clone());
        let batches = batch::ahead(train, config.clone(), pad, cache, first, steps);
        for step in first..steps {
            let asked = Instant::now();
            let parts = batches.recv().map_err(|_| Error::LoaderDied)??;
            let waited = asked.elapsed();
            let mut runs: Vec<_> = runs
                .iter_mut()
                .filter(|run| run.progress.step == step)
                .collect();
            let learners: Vec<_> = runs.iter().map(|run| run.learner()).collect();
            let gradients = accumulate::gradients(self.frozen, &learners, &parts, step)?;
            for (run, gradient) in runs.iter_mut().zip(&gradients) {
                run.step(gradient, steps, &parts, waited)?;
            }

            let step = step + 1;
            let epoch = step as f64 / per_epoch as f64;
            let score = due(step, config.eval_every) || step.is_multiple_of(per_epoch);
            let save = score || due(step, config.save_every);
            let read = save || due(step, config.log_every);
            let point = |run: &Training| Point {
                step,
                epoch,
                rate: optim::learning_rate(run.config(), step - 1, steps),
            };
            if read {
                self.each(&mut runs, |run| run.log.train(point(run)))?;
            }
            if score {
                self.validate(&mut runs, point)?;
            }
            if read {
                for run in &mut runs {
                    run.remember();
                }
            }
            let signal = self.stop.asked().filter(|_| step < steps);
            if save || signal.is_some() {
                self.each(&mut runs, |run| {
                    run.progress.unlogged = run.log.unlogged(step)?; // none where a line was just written
                    run.save()
                })?;
            }
            if let Some(signal) = signal {
                return Err(Error::Stopped {
                    signal,
                    step,
                    steps,
                });
            }
        }
        Ok(())
    }

    /// Does something with each run. Where one has diverged, all are saved in a state that is good.
    fn each(
        &self,
        runs: &mut [&mut Training],
        mut what: impl FnMut(&mut Training) -> Result<()>,
    ) -> Result<()> {
        for i in 0..runs.len() {
            match what(runs[i]) {
                Err(Error::NotFinite(reason)) => return Err(self.diverged(runs, i, reason)?),
                done => done?,
            }
        }
        Ok(())
    }

    /// Gives the error that ends the runs, after it has written down which records the step read.
    fn diverged(
        &self,
        runs: &mut [&mut Training],
        which: usize,
        reason: NotFinite,
    ) -> Result<Error> {
        for (i, run) in runs.iter_mut().enumerate() {
            match run.log.unlogged(run.progress.step) {
                Ok(unlogged) if i != which => run.progress.unlogged = unlogged,
                _ => run.restore(),
            }
            run.save()?;
        }
        let paths = runs[which].paths;
        let records = (self.records)(reason.step - 1)?;
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

    fn validate(
        &self,
        runs: &mut [&mut Training],
        point: impl Fn(&Training) -> Point,
    ) -> Result<()> {
        let scores = match self.validation {
            Some(validation) => {
                let models: Vec<&Model> = runs.iter().map(|run| run.model).collect();
                let config = runs[0].config();
                let examples = validation.sample(config.eval_examples);
                metrics::evaluate(
                    self.frozen,
                    &models,
                    config,
                    validation,
                    examples,
                    self.majority,
                )?
            }
            None => Vec::new(),
        };
        for (i, run) in runs.iter_mut().enumerate() {
            run.validated(point(run), scores.get(i))?;
        }
        Ok(())
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
