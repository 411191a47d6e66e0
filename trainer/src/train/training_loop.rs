//! The training loop: one run, or several on the same pass through the backbone.

use std::time::Instant;

use kprep_schemas::Split;
use serde_json::json;

use crate::config::Config;
use crate::files::weights::write_json;
use crate::stop::Stop;
use crate::train::checkpoint_files;
use crate::train::metrics_log::Point;
use crate::train::objective::Objective;
use crate::train::optimizer;
use crate::train::steps::Steps;
use crate::train::training::Training;
use crate::train::unlogged_steps::NotFinite;
use crate::{Error, Result};

/// What runs learn, in alternating batches.
pub type Objectives<'a> = [&'a dyn Objective];

/// How many steps it takes to learn some objectives in alternating batches: until the one with the most batches
/// is through with its epochs.
pub fn steps(objectives: &Objectives) -> u64 {
    let turns = objectives.len() as u64;
    let all = objectives.iter().map(|objective| {
        let config = objective.config();
        let all = turns * config.epochs * objective.batches();
        match config.max_steps {
            0 => all,
            most if config.epochs == 0 => most,
            most => all.min(most),
        }
    });
    all.max().unwrap_or(0)
}

/// Steps until the objective with the most batches has been gone through once.
pub fn steps_per_epoch(objectives: &Objectives) -> u64 {
    let batches = objectives.iter().map(|objective| objective.batches()).max();
    batches.unwrap_or(0).max(1) * objectives.len() as u64
}

/// Whether the log has a line after so many steps. A line averages `every` steps; the last one of a run has up to half as
/// many more, or less, so that no line is of a step or two beside lines of many.
fn is_logged(step: u64, every: u64, steps: u64) -> bool {
    let left = steps.saturating_sub(step);
    left == 0 || (step.is_multiple_of(every) && 2 * left >= every)
}

/// What all runs share: batches, and how they are watched.
pub struct Trainer<'a> {
    /// What is learnt, in alternating batches.
    pub objectives: &'a Objectives<'a>,
    /// Whether the runs are to stop.
    pub stop: &'a Stop,
}

impl Trainer<'_> {
    /// Trains each run from where it stands to the end. The parameters are then those of the last
    /// step; the best ones are on disk. A run that was stopped later than another waits for it.
    ///
    /// # Errors
    /// [`Error::Diverged`], with the last good state as the run's last checkpoint;
    /// [`Error::Stopped`], [`Error::LoaderDied`], and what writing files can fail with.
    pub fn run(&self, runs: &mut [Training]) -> Result<()> {
        let Some(config) = self.objectives.first().map(|one| one.config()) else {
            return Ok(());
        };
        let steps = steps(self.objectives);
        let per_epoch = steps_per_epoch(self.objectives);
        let turns = self.objectives.len() as u64;
        for run in &mut *runs {
            run.log.carry(run.progress.unlogged.take());
        }
        let first = runs.iter().map(|run| run.progress.step).min();
        let first = first.unwrap_or(steps);
        let mut ahead = self.ahead(first, steps);
        for step in first..steps {
            if runs.iter().all(Training::is_over) {
                break; // early: the best weights are on disk
            }
            let mut runs: Vec<_> = runs
                .iter_mut()
                .filter(|run| run.progress.step == step && !run.is_over())
                .collect();
            let learning: Vec<_> = runs.iter().map(|run| run.learning()).collect();
            let own = &mut ahead[(step % turns) as usize];
            let started = Instant::now();
            let (read, gradients) = own.next(&learning, step)?;
            for (i, run) in runs.iter_mut().enumerate() {
                run.step(gradients.get(i), steps, read)?;
            }
            if let Some(run) = runs.first().filter(|_| step == first) {
                run.log.estimate(step + 1, started);
            }
            self.after(&mut runs, config, step + 1, [steps, per_epoch])?;
        }
        Ok(())
    }

    /// Logs, scores and saves what is due after so many steps; stops where a signal asks to.
    fn after(
        &self,
        runs: &mut [&mut Training],
        config: &Config,
        step: u64,
        [steps, per_epoch]: [u64; 2],
    ) -> Result<()> {
        let due = |every: u64| step == steps || (every > 0 && step.is_multiple_of(every));
        let score = due(config.eval_every) || step.is_multiple_of(per_epoch);
        let save = score || due(config.save_every);
        let log = is_logged(step, config.log_every, steps);
        let point = |run: &Training| Point {
            step,
            epoch: step as f64 / per_epoch as f64,
            rate: optimizer::learning_rate(run.config(), step - 1, steps),
        };
        let signal = self.stop.signal().filter(|_| step < steps);
        if log {
            self.each(runs, |run| run.log.train(point(run)))?;
        }
        if log || save || signal.is_some() {
            // Steps that no line tells of yet are looked at, too, before anything is made of them; none where a line was
            // just written.
            self.each(runs, |run| {
                run.progress.unlogged = run.log.unlogged()?;
                Ok(())
            })?;
        }
        if score {
            for run in &mut *runs {
                run.log.pause();
            }
            self.validate(runs, point)?;
            self.each(runs, |run| run.log_rest(point(run)))?;
        }
        if log || save || signal.is_some() {
            for run in &mut *runs {
                run.remember();
            }
        }
        if save || signal.is_some() {
            self.each(runs, |run| {
                run.save()?;
                run.log.go_on();
                Ok(())
            })?;
        }
        match signal {
            Some(signal) => Err(Error::Stopped {
                signal,
                step,
                steps,
            }),
            None => Ok(()),
        }
    }

    /// The steps of each objective among these.
    fn ahead(&self, first: u64, steps: u64) -> Vec<Box<dyn Steps + '_>> {
        let turns = self.objectives.len() as u64;
        let ahead = (0..).zip(self.objectives).map(|(turn, objective)| {
            // Of the steps before one, so many were this objective's.
            let own = |step: u64| (step + turns - 1 - turn) / turns;
            objective.steps(own(first), own(steps))
        });
        ahead.collect()
    }

    /// The ids of the records that a step reads.
    fn records(&self, step: u64) -> Result<Vec<String>> {
        let turns = self.objectives.len() as u64;
        self.objectives[(step % turns) as usize].records(step / turns)
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
            match run.log.unlogged() {
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
        let numbers: Vec<usize> = runs.iter().map(|run| run.number).collect();
        for objective in self.objectives {
            let config = objective.config();
            let (split, most) = (Split::Validation, config.eval_examples);
            let of_runs = objective.evaluate(&numbers, split, most)?;
            for (scores, of_run) in scores.iter_mut().zip(of_runs) {
                scores.push((config.task, of_run));
            }
        }
        for (run, scores) in runs.iter_mut().zip(&scores) {
            run.validated(point(run), scores)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_the_log_averages_few_steps() {
        let lines = |steps: u64| -> Vec<u64> {
            (1..=steps)
                .filter(|&step| is_logged(step, 10, steps))
                .collect()
        };
        assert_eq!(lines(40), [10, 20, 30, 40]);
        assert_eq!(lines(41), [10, 20, 30, 41]);
        assert_eq!(lines(35), [10, 20, 30, 35]);
        assert_eq!(lines(3), [3]);
        assert!((1..=3).all(|step| is_logged(step, 1, 3)));
    }
}
