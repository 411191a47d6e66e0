//! The end of a run: its best weights are scored and published.

use std::iter;

use kprep_schemas::Split;

use crate::Result;
use crate::config::Task;
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::report::summary::{SecondSummary, Summary};
use crate::train::checkpoint;
use crate::train::metrics_log::Point;
use crate::train::objective::{DatasetObjective, Objective};
use crate::train::publish::publish;
use crate::train::run_spec::RunSpec;
use crate::train::shared::Shared;
use crate::train::training::Training;
use crate::train::training_loop;

/// The scores of a run on both splits.
type BothSplits = Splits<Option<Scores>>;

/// Scores the best weights and publishes them.
pub(super) fn finish(
    objectives: &[Box<dyn DatasetObjective + '_>],
    spec: &RunSpec,
    mut run: Training,
    shared: &Shared,
) -> Result<Summary> {
    checkpoint::load_best(&run.paths.best(), run.params)?;
    let mut scores = Vec::new();
    for objective in objectives {
        let score = |split: Split, most: usize| -> Result<Option<Scores>> {
            Ok(objective.evaluate(&[run.number], split, most)?.pop())
        };
        scores.push(Splits {
            validation: score(Split::Validation, objective.config().eval_examples)?,
            test: score(Split::Test, 0)?,
        });
    }
    log_test(objectives, &mut run, &scores)?;
    run.log.finish();
    let summary = summary(objectives, &run, scores);
    for (i, knowledge) in spec.knowledge.iter().enumerate() {
        knowledge.save(&run.paths.fused(i))?;
    }
    publish(
        objectives,
        run.identity,
        run.params,
        run.paths,
        &summary,
        &shared.dir,
    )?;
    if let Some(left) = run.paths.forget_replaced()? {
        let left = left.display();
        run.log.say(&format!(
            "{left} is left: it holds files that ktrain did not write"
        ));
    }
    Ok(summary)
}

/// Logs the scores on the test splits, if there are any.
fn log_test(
    objectives: &[Box<dyn DatasetObjective + '_>],
    run: &mut Training,
    scores: &[BothSplits],
) -> Result<()> {
    let tasks = objectives.iter().map(|objective| objective.config().task);
    let test: Vec<(Task, Scores)> = iter::zip(tasks, scores)
        .filter_map(|(task, scores)| Some((task, scores.test.clone()?)))
        .collect();
    if test.is_empty() {
        return Ok(());
    }
    let learnt: Vec<&dyn Objective> = objectives
        .iter()
        .map(|one| &**one as &dyn Objective)
        .collect();
    let progress = run.progress;
    let point = Point {
        step: progress.step,
        epoch: progress.step as f64 / training_loop::steps_per_epoch(&learnt) as f64,
        rate: 0.0,
    };
    run.log.tasks("test", point, &test, false)?;
    for (task, scores) in &test {
        if scores.accuracy < scores.baseline {
            let (name, baseline) = (task.name(), task.facts().figures.baseline);
            run.log.say(&format!(
                "{name}: below the baseline ({baseline}): it has learnt nothing that helps. Train longer or at a higher --lr; docs/training.md has settings for small data"
            ));
        }
    }
    let step = progress.best.map_or(progress.step, |best| best.step);
    run.log
        .say(&format!("tested with the weights of step {step}"));
    Ok(())
}

fn summary(
    objectives: &[Box<dyn DatasetObjective + '_>],
    run: &Training,
    scores: Vec<BothSplits>,
) -> Summary {
    let mut scores = scores.into_iter();
    let none = Splits {
        validation: None,
        test: None,
    };
    Summary {
        dataset: objectives[0].dataset().manifest.name.clone(),
        out: run.paths.dir.clone(),
        seed: run.config().seed,
        steps: run.progress.step,
        parameters: run.params.numel(),
        rows: objectives[0]
            .splits()
            .iter()
            .map(|size| (size.split.name(), size.counts))
            .collect(),
        scores: scores.next().unwrap_or(none),
        second: objectives
            .get(1)
            .zip(scores.next())
            .map(|(objective, scores)| SecondSummary {
                dataset: objective.dataset().manifest.name.clone(),
                scores,
            }),
    }
}
