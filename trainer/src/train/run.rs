//! Runs: a dataset, a backbone, and the folders where the adapters will lie.

use std::iter;
use std::rc::Rc;

use indicatif::MultiProgress;
use kprep_schemas::{Dataset, MANIFEST, Split, sha256_file};
use serde_json::json;

use crate::files::identity::{DatasetIdentity, Identity, Second};
use crate::files::weights::write_json;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::trainable;
use crate::tasks::model;
use crate::train::checkpoint::Progress;
use crate::train::finish::finish;
use crate::train::job::Run;
use crate::train::last_good_state::Snapshot;
use crate::train::metrics_log::Log;
use crate::train::objective::{self, Objective};
use crate::train::optimizer::AdamW;
use crate::train::shared::Shared;
use crate::train::training::{self, Training};
use crate::train::training_loop::{self, Objectives, Trainer};
use crate::{Error, Result};

pub use crate::report::summary::Summary;
pub use crate::train::job::Job;

/// Trains one adapter for each job, all on the same pass through the backbone, and publishes their
/// folders. Their settings agree in what makes the batches: see [`crate::config::Config::shares_batches`]. With
/// several datasets each job has settings for each, and learns them by turns.
///
/// # Errors
/// Whatever reading, training or writing fails with.
pub fn run(datasets: &[&Dataset], jobs: &[Job], shared: &Shared) -> Result<Vec<Summary>> {
    let mut all = jobs
        .iter()
        .map(|job| FrozenBackbone::new(job.config(), Rc::clone(&shared.backbone)));
    let Some(first) = all.next() else {
        return Ok(Vec::new());
    };
    let frozen = all.fold(first, |all, one| all.and(&one));
    let mut objectives = Vec::new();
    for (dataset, config) in iter::zip(datasets, &jobs[0].configs) {
        objectives.push(objective::open(dataset, config, &frozen, shared)?);
    }
    let bars = MultiProgress::new();
    let mut runs = Vec::new();
    let mut states = Vec::new();
    for (number, job) in jobs.iter().enumerate() {
        let (run, adam, progress) = open(&objectives, (number, job), shared, &bars)?;
        for objective in &mut objectives {
            objective.add_run(&run.encoder, &job.configs, &run.params)?;
        }
        runs.push(run);
        states.push((adam, progress));
    }
    let trainer = Trainer {
        objectives: &objectives,
        frozen: &frozen,
        stop: &shared.stop,
    };
    let trainings = runs.iter_mut().zip(states);
    let mut trainings: Vec<Training> = trainings
        .map(|(run, (adam, progress))| Training {
            identity: &run.identity,
            paths: &run.job.paths,
            number: run.number,
            params: &run.params,
            good: Snapshot::new(&run.params, &adam, progress),
            adam,
            progress,
            log: &mut run.log,
        })
        .collect();
    trainer.run(&mut trainings)?;
    let ends: Vec<Progress> = trainings.iter().map(|training| training.progress).collect();
    drop(trainings);
    let mut summaries = Vec::new();
    for (run, progress) in runs.iter_mut().zip(ends) {
        summaries.push(finish(&objectives, run, progress, shared)?);
    }
    Ok(summaries)
}

/// Parameters, optimiser and progress of a run, as they start or as a checkpoint has them.
fn open<'a>(
    objectives: &Objectives,
    (number, job): (usize, &'a Job),
    shared: &Shared,
    bars: &MultiProgress,
) -> Result<(Run<'a>, AdamW, Progress)> {
    let (configs, paths) = (&job.configs, &job.paths);
    let datasets: Vec<&Dataset> = objectives.iter().map(|one| one.dataset()).collect();
    let identity = identity(&datasets, job, shared)?;
    let classes = datasets.iter();
    let classes = classes.map(|dataset| dataset.manifest.class_names.len());
    let params = model::params(
        configs,
        shared.backbone.config(),
        classes.max().unwrap_or(0),
        shared.device,
    );
    if job.config().variant.trains_backbone() {
        trainable::fill(&params, &shared.dir)?;
    }
    if let Some(start) = &shared.start {
        start.fill(&params)?;
    }
    let backbone = Rc::clone(&shared.backbone);
    let encoder = model::encoder(configs, backbone, &params, &job.knowledge)?;
    let adam = AdamW::new(&params);
    let progress = training::resume(paths, &identity, &params, &adam)?;
    let metrics = paths.training("metrics.jsonl");
    let (first, steps) = (progress.step, training_loop::steps(objectives));
    // First of the run's files: by it the folder is known as ours.
    write_json(&paths.training("config.json"), &identity)?;
    let mut log = Log::open(&metrics, &job.name, shared.console, bars, first, steps)?;
    for objective in objectives {
        announce(&mut log, objective.as_ref(), first)?;
    }
    let from = if first > 0 {
        format!(
            ", going on from step {first} (checkpoint, settings, backbone and dataset were compared with those of the \
             run; what metrics.jsonl says of earlier steps was not)"
        )
    } else {
        String::new()
    };
    log.say(&format!(
        "{} trained parameters, {steps} steps{from}",
        params.numel()
    ));
    let run = Run {
        job,
        identity,
        params,
        number,
        encoder: Rc::new(encoder),
        log,
    };
    Ok((run, adam, progress))
}

/// Which run a job on these datasets is.
///
/// # Errors
/// [`Error::Io`] if a manifest cannot be read.
pub fn identity(datasets: &[&Dataset], job: &Job, shared: &Shared) -> Result<Identity> {
    let configs = &job.configs;
    let dataset = |dataset: &Dataset| {
        Ok::<_, Error>(DatasetIdentity {
            name: dataset.manifest.name.clone(),
            manifest_sha256: sha256_file(&dataset.dir.join(MANIFEST))
                .map_err(Error::io(&dataset.dir))?,
        })
    };
    let second = match (datasets.get(1), configs.get(1)) {
        (Some(second), Some(config)) => Some(Second {
            config: config.clone(),
            dataset: dataset(second)?,
        }),
        _ => None,
    };
    Ok(Identity {
        config: configs[0].clone(),
        backbone: shared.identity.clone(),
        dataset: dataset(datasets[0])?,
        second,
        adapter_weights_sha256: shared.start.as_ref().map(|start| start.sha256.clone()),
        adapters: job
            .knowledge
            .iter()
            .map(|one| one.identity.clone())
            .collect(),
    })
}

/// Says what will be trained on, and notes the counts.
fn announce(log: &mut Log, objective: &dyn Objective, first: u64) -> Result<()> {
    let splits = objective.splits();
    for size in &splits {
        let (split, counts) = (size.split.name(), size.counts);
        let share = size.tokens as f64 / size.examples as f64;
        log.say(&format!(
            "{split:<10} {} rows: {} kept ({} truncated), {} too long, {} without a target; {share:.1} tokens each",
            counts.read, counts.kept, counts.truncated, counts.too_long, counts.no_target
        ));
        if first == 0 {
            let line =
                json!({"kind": "data", "split": split, "rows": counts, "tokens": size.tokens});
            log.write(&line)?;
        }
    }
    if splits.iter().all(|size| size.split != Split::Validation) {
        log.say("no validation split: the last weights count as the best");
    }
    Ok(())
}
