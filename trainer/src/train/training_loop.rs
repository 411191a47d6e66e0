//! The training loop: one run, or several on the same pass through the backbone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use serde_json::json;

use crate::config::{Config, Task};
use crate::data::batch::{self, Batch};
use crate::data::dataset::Lesson;
use crate::data::record_ids;
use crate::data::sampler;
use crate::data::tokenizer::Vocabulary;
use crate::evaluate::metrics::{self, Scores};
use crate::files::weights::write_json;
use crate::model::frozen::Frozen;
use crate::model::params::Params;
use crate::model::task_model::Model;
use crate::report::metrics_log::{Log, Point};
use crate::train::checkpoint::{self, Best, Progress};
use crate::train::checkpoint_files;
use crate::train::gradients::{self, Gradient, Learner};
use crate::train::identity::Identity;
use crate::train::last_good_state::Snapshot;
use crate::train::optimizer::{self, AdamW};
use crate::train::paths::Paths;
use crate::train::stop::Stop;
use crate::train::unlogged_steps::NotFinite;
use crate::{Error, Result};

/// How many steps it takes to learn some lessons by turns: until the one with the most batches is
/// through with its epochs.
pub fn steps(lessons: &[Lesson]) -> u64 {
    let turns = lessons.len() as u64;
    let all = lessons.iter().map(|lesson| {
        let all = turns * lesson.config.epochs * lesson.batches();
        match lesson.config.max_steps {
            0 => all,
            most if lesson.config.epochs == 0 => most,
            most => all.min(most),
        }
    });
    all.max().unwrap_or(0)
}

/// Steps until the lesson with the most batches has been gone through once.
pub fn steps_per_epoch(lessons: &[Lesson]) -> u64 {
    let batches = lessons.iter().map(Lesson::batches).max();
    batches.unwrap_or(0).max(1) * lessons.len() as u64
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
        let rate = optimizer::learning_rate(config, step, steps);
        let norm = self.adam.step(config, self.params, grads, step, rate)?;
        self.log.step(parts, loss, &norm, waited);
        self.progress.step += 1;
        Ok(())
    }

    /// Keeps the parameters if they are the best so far, by the mean of the lessons' scores. Without
    /// a score the last ones are the best.
    fn validated(&mut self, point: Point, scores: &[(Task, Scores)]) -> Result<()> {
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

    /// Whether the scores have not risen for as long as the settings allow.
    fn is_over(&self) -> bool {
        let patience = self.config().early_stopping_patience;
        patience.is_some_and(|patience| self.progress.stale >= patience)
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
    /// What is learnt, by turns.
    pub lessons: &'a [Lesson<'a>],
    /// What all runs read of the backbone.
    pub frozen: &'a Frozen,
    /// Whether the runs are to stop.
    pub stop: &'a Stop,
    /// The tokenizer, for the pad token and to find the records of a step.
    pub vocabulary: &'a Vocabulary,
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
        let steps = steps(self.lessons);
        let per_epoch = steps_per_epoch(self.lessons);
        let turns = self.lessons.len() as u64;
        let due =
            |step: u64, every: u64| step == steps || (every > 0 && step.is_multiple_of(every));
        for run in &mut *runs {
            run.log.carry(run.progress.unlogged.take());
        }
        let first = runs.iter().map(|run| run.progress.step).min();
        let first = first.unwrap_or(steps);
        let batches = self.ahead(first, steps);
        for step in first..steps {
            if runs.iter().all(Training::is_over) {
                break; // early: the best weights are on disk
            }
            let asked = Instant::now();
            let batches = &batches[(step % turns) as usize];
            let parts = batches.recv().map_err(|_| Error::LoaderDied)??;
            let waited = asked.elapsed();
            let mut runs: Vec<_> = runs
                .iter_mut()
                .filter(|run| run.progress.step == step && !run.is_over())
                .collect();
            let learners: Vec<_> = runs.iter().map(|run| run.learner()).collect();
            let gradients = gradients::gradients(self.frozen, &learners, &parts, step)?;
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
                rate: optimizer::learning_rate(run.config(), step - 1, steps),
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

    /// The batches of each lesson for its turns of these steps.
    fn ahead(&self, first: u64, steps: u64) -> Vec<Receiver<Result<Vec<Batch>>>> {
        let turns = self.lessons.len() as u64;
        let lessons = (0..).zip(self.lessons);
        let ahead = lessons.map(|(turn, lesson)| {
            // Of the steps before one, so many were this lesson's.
            let own = |step: u64| (step + turns - 1 - turn) / turns;
            batch::ahead(
                Arc::clone(&lesson.data.train),
                lesson.config.clone(),
                self.vocabulary.pad,
                lesson.cache.clone(),
                own(first),
                own(steps),
            )
        });
        ahead.collect()
    }

    /// The ids of the records that a step reads.
    fn records(&self, step: u64) -> Result<Vec<String>> {
        let turns = self.lessons.len() as u64;
        let lesson = &self.lessons[(step % turns) as usize];
        let examples = sampler::of_step(&lesson.data.train, lesson.config, step / turns);
        record_ids::ids(lesson.dataset, lesson.config, self.vocabulary, &examples)
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
        let records = self.records(reason.step - 1)?;
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
        let mut scores = vec![Vec::new(); runs.len()];
        for lesson in self.lessons {
            let Some(validation) = &lesson.data.validation else {
                continue;
            };
            let models: Vec<&Model> = runs.iter().map(|run| run.model).collect();
            let most = lesson.config.eval_examples;
            let of_runs = metrics::evaluate(self.frozen, &models, lesson, validation, most)?;
            for (scores, of_run) in scores.iter_mut().zip(of_runs) {
                scores.push((lesson.config.task, of_run));
            }
        }
        for (run, scores) in runs.iter_mut().zip(&scores) {
            run.validated(point(run), scores)?;
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
