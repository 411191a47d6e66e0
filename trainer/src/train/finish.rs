//! The end of a run: its best weights are scored and published.

use std::iter;

use kprep_schemas::Split;

use crate::Result;
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::report::summary::{SecondSummary, Summary};
use crate::train::checkpoint::{self, Progress};
use crate::train::job::Run;
use crate::train::metrics_log::Point;
use crate::train::publish::publish;
use crate::train::shared::Shared;
use crate::train::training_loop::{self, Objectives};

/// Scores the best weights and publishes them.
pub(super) fn finish(
    objectives: &Objectives,
    run: &mut Run,
    progress: Progress,
    shared: &Shared,
) -> Result<Summary> {
    let (config, paths, log) = (run.job.config(), &run.job.paths, &mut run.log);
    checkpoint::load_best(&paths.best(), &run.params)?;
    let mut all = Vec::new();
    for objective in objectives {
        let score = |split: Split, most: usize| -> Result<Option<Scores>> {
            let frozen = run.encoder.shared();
            Ok(objective
                .evaluate(frozen, &[run.number], split, most)?
                .pop())
        };
        all.push(Splits {
            validation: score(Split::Validation, objective.config().eval_examples)?,
            test: score(Split::Test, 0)?,
        });
    }
    let tasks = objectives.iter().map(|objective| objective.config().task);
    let test: Vec<_> = iter::zip(tasks, &all)
        .filter_map(|(task, scores)| Some((task, scores.test.clone()?)))
        .collect();
    if !test.is_empty() {
        let step = progress.best.map_or(progress.step, |best| best.step);
        let point = Point {
            step: progress.step,
            epoch: progress.step as f64 / training_loop::steps_per_epoch(objectives) as f64,
            rate: 0.0,
        };
        log.tasks("test", point, &test, false)?;
        log.say(&format!("tested with the weights of step {step}"));
    }
    log.finish();
    let mut all = all.into_iter();
    let none = Splits {
        validation: None,
        test: None,
    };
    let summary = Summary {
        dataset: objectives[0].dataset().manifest.name.clone(),
        out: paths.dir.clone(),
        seed: config.seed,
        steps: progress.step,
        parameters: run.params.numel(),
        rows: objectives[0]
            .splits()
            .iter()
            .map(|size| (size.split.name(), size.counts))
            .collect(),
        scores: all.next().unwrap_or(none),
        second: objectives
            .get(1)
            .zip(all.next())
            .map(|(objective, scores)| SecondSummary {
                dataset: objective.dataset().manifest.name.clone(),
                scores,
            }),
    };
    let (identity, params) = (&run.identity, &run.params);
    for (i, knowledge) in run.job.knowledge.iter().enumerate() {
        knowledge.save(&paths.fused(i))?;
    }
    publish(objectives, identity, params, paths, &summary, &shared.dir)?;
    if let Some(left) = paths.forget_replaced()? {
        let left = left.display();
        log.say(&format!(
            "{left} is left: it holds files that ktrain did not write"
        ));
    }
    Ok(summary)
}
