//! A run while it is trained: its parameters, optimiser, progress and log.

use crate::Result;
use crate::config::{Config, Task};
use crate::evaluate::metrics::{self, Scores};
use crate::files::identity::Identity;
use crate::files::paths::Paths;
use crate::files::weights::write_json;
use crate::model::params::Params;
use crate::train::checkpoint::{self, Best, Progress};
use crate::train::checkpoint_files;
use crate::train::gradients::Gradient;
use crate::train::last_good_state::Snapshot;
use crate::train::metrics_log::{Log, Point};
use crate::train::optimizer::{self, AdamW};
use crate::train::steps::{Learning, Read};

/// One of the runs that are trained together.
pub struct Training<'a> {
    /// The run.
    pub identity: &'a Identity,
    /// Where its files are.
    pub paths: &'a Paths,
    /// Its number, in the order in which the objectives have the models of the runs.
    pub number: usize,
    /// Its trained parameters.
    pub params: &'a Params,
    /// The optimiser.
    pub adam: AdamW,
    /// How far it is.
    pub progress: Progress,
    /// Its log.
    pub log: Log,
    /// The state after the last step known to be good.
    good: Snapshot,
}

impl<'a> Training<'a> {
    /// Opens a run: at its last checkpoint, or at its start. `log` opens the log of a run that has done so many steps.
    ///
    /// # Errors
    /// What [`checkpoint_files::last`], [`checkpoint::load`] and `log` say; [`crate::Error::Io`].
    pub fn open(
        number: usize,
        identity: &'a Identity,
        paths: &'a Paths,
        params: &'a Params,
        log: impl FnOnce(u64) -> Result<Log>,
    ) -> Result<Self> {
        let adam = AdamW::new(params);
        let progress = match checkpoint_files::last(&paths.checkpoints())? {
            Some(path) => checkpoint::load(&path, identity, params, &adam)?,
            None => Progress::default(),
        };
        // First of the run's files: by it the folder is known as ours.
        write_json(&paths.training("config.json"), identity)?;
        Ok(Self {
            identity,
            paths,
            number,
            params,
            good: Snapshot::new(params, &adam, progress),
            adam,
            progress,
            log: log(progress.step)?,
        })
    }

    /// Says how much there is to train.
    pub(super) fn announce(&self) {
        let from = match self.progress.step {
            0 => String::new(),
            first => format!(
                ", going on from step {first} (checkpoint, settings, backbone and dataset were compared with those of \
                 the run; what metrics.jsonl says of earlier steps was not)"
            ),
        };
        let (numbers, steps) = (self.params.numel(), self.log.steps());
        self.log.say(&format!(
            "{numbers} trained parameters, {steps} steps{from}"
        ));
    }

    pub(super) fn config(&self) -> &Config {
        &self.identity.config
    }

    pub(super) fn learning(&self) -> Learning<'_> {
        Learning {
            run: self.number,
            params: self.params,
            seed: self.config().seed,
        }
    }

    /// Changes the parameters, if there is a gradient. Nothing here waits for the device.
    pub(super) fn step(
        &mut self,
        gradient: Option<&Gradient>,
        steps: u64,
        read: Read,
    ) -> Result<()> {
        let step = self.progress.step;
        self.progress.step += 1;
        let Some((loss, grads)) = gradient else {
            self.log.step_without_loss();
            return Ok(());
        };
        let config = &self.identity.config;
        let rate = optimizer::learning_rate(config, step, steps);
        let norm = self.adam.step(config, self.params, grads, step, rate)?;
        self.log.step(step + 1, read, loss, &norm);
        Ok(())
    }

    /// Keeps the parameters if they are the best so far, by the mean of the objectives' scores. Without
    /// a score the last ones are the best.
    pub(super) fn validated(&mut self, point: Point, scores: &[(Task, Scores)]) -> Result<()> {
        let Some((_, together)) = metrics::together(scores) else {
            return checkpoint::save_best(&self.paths.best(), self.params);
        };
        let best = self.progress.best;
        let best = best.is_none_or(|best| together.score() > best.score);
        self.progress.stale += 1;
        if best {
            self.progress.stale = 0;
            self.progress.best = Some(Best {
                step: point.step,
                score: together.score(),
            });
            checkpoint::save_best(&self.paths.best(), self.params)?;
        }
        self.log.tasks("validation", point, scores, best)
    }

    /// Where this was the last step of a run with early stopping: logs what no line tells of, unless it is of few steps.
    pub(super) fn log_rest(&mut self, point: Point) -> Result<()> {
        let steps = self.progress.unlogged.map_or(0, |unlogged| unlogged.steps);
        if self.is_over() && 2 * steps >= self.config().log_every {
            self.log.train(point)?;
            self.progress.unlogged = None;
        }
        Ok(())
    }

    /// Whether the scores have not risen for as long as the settings allow.
    pub(super) fn is_over(&self) -> bool {
        let patience = self.config().early_stopping_patience;
        patience.is_some_and(|patience| self.progress.stale >= patience)
    }

    pub(super) fn remember(&mut self) {
        self.good.take(self.params, &self.adam, self.progress);
    }

    pub(super) fn restore(&mut self) {
        self.progress = self.good.restore(self.params, &mut self.adam);
    }

    pub(super) fn save(&mut self) -> Result<()> {
        let training = self.paths.checkpoints();
        let Self {
            identity,
            params,
            adam,
            progress,
            ..
        } = self;
        checkpoint::save(&training, identity, params, adam, *progress)
    }
}
