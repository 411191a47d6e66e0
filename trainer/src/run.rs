//! Runs: a dataset, a backbone, and the folders where the adapters will lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use indicatif::MultiProgress;
use kprep_schemas::{Dataset, MANIFEST, sha256_file};
use serde::Serialize;
use serde_json::{Value, json};
use tch::Device;

use crate::backbone::Backbone;
use crate::batch;
use crate::cache::{Cache, Source};
use crate::card;
use crate::checkpoint::{self, Progress};
use crate::config::{Config, Task};
use crate::curve;
use crate::data::Data;
use crate::frozen::Frozen;
use crate::identity::{BackboneIdentity, DatasetIdentity, Identity};
use crate::log::{Log, Point, Talk};
use crate::metrics::{self, Scores};
use crate::model::{self, Model};
use crate::optim::AdamW;
use crate::params::Params;
use crate::paths::Paths;
use crate::records;
use crate::snapshot::Snapshot;
use crate::start::Start;
use crate::stop::Stop;
use crate::store::Store;
use crate::tokens::Vocabulary;
use crate::train::{self, Trainer, Training};
use crate::weights::{write_atomically, write_json};
use crate::{Error, Result};

/// The task that a dataset's records are for; `None` for tables that nothing is trained on.
pub fn task(dataset: &Dataset) -> Option<Task> {
    match dataset.manifest.record.as_str() {
        "RelationExample" => Some(Task::Relation),
        "HeadExample" => Some(Task::Heads),
        _ => None,
    }
}

/// What all runs of a command share.
pub struct Shared {
    /// The backbone, in memory.
    pub backbone: Rc<Backbone>,
    /// Which one it is.
    pub identity: BackboneIdentity,
    /// Its tokenizer.
    pub vocabulary: Vocabulary,
    /// Where tensors live.
    pub device: Device,
    /// What the adapters start from, if not at random.
    pub start: Option<Start>,
    /// Where hidden states are cached, if they are.
    pub cache: Option<PathBuf>,
    /// Threads that tokenise.
    pub threads: usize,
    /// Talk on standard error.
    pub talk: Talk,
    /// Whether runs are to stop.
    pub stop: Stop,
}

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The dataset's name.
    pub dataset: String,
    /// The adapter's folder.
    pub out: PathBuf,
    /// The run's seed.
    pub seed: u64,
    /// Steps done.
    pub steps: u64,
    /// Numbers trained.
    pub parameters: usize,
    /// The best weights on the validation examples that training scored.
    pub validation: Option<Scores>,
    /// The best weights on the whole test split.
    pub test: Option<Scores>,
}

/// A run to be: settings, a folder, and what the log calls it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Every setting.
    pub config: Config,
    /// Where its files go.
    pub paths: Paths,
    /// Its name.
    pub name: String,
}

/// A run that is ready.
struct Run<'a> {
    job: &'a Job,
    identity: Identity,
    params: Params,
    model: Model,
    log: Log,
}

/// Trains one adapter for each job, all on the same pass through the backbone, and publishes their
/// folders. Their settings agree in what makes the batches: see [`Config::shares_batches`].
///
/// # Errors
/// Whatever reading, training or writing fails with.
pub fn run(dataset: &Dataset, jobs: &[Job], shared: &Shared) -> Result<Vec<Summary>> {
    let Some(config) = jobs.first().map(|job| &job.config) else {
        return Ok(Vec::new());
    };
    let data = Data::read(dataset, config, shared)?;
    let all = jobs.iter();
    let mut all = all.map(|job| Frozen::new(&job.config, Rc::clone(&shared.backbone)));
    let Some(frozen) = all
        .next()
        .map(|first| all.fold(first, |all, one| all.and(&one)))
    else {
        return Ok(Vec::new());
    };
    let cache = match &shared.cache {
        Some(dir) => {
            let source = Source {
                store: &data.train,
                config,
                frozen: &frozen,
                backbone: &shared.identity,
                vocabulary: &shared.vocabulary,
                name: &dataset.manifest.name,
            };
            Some(Arc::new(Cache::open(
                dir,
                &source,
                &shared.stop,
                shared.talk,
            )?))
        }
        None => None,
    };
    let manifest_sha256 =
        sha256_file(&dataset.dir.join(MANIFEST)).map_err(Error::io(&dataset.dir))?;
    let bars = MultiProgress::new();
    let mut runs = Vec::new();
    let mut states = Vec::new();
    for job in jobs {
        let identity = Identity {
            config: job.config.clone(),
            backbone: shared.identity.clone(),
            dataset: DatasetIdentity {
                name: dataset.manifest.name.clone(),
                manifest_sha256: manifest_sha256.clone(),
            },
            adapter_weights_sha256: shared.start.as_ref().map(|start| start.sha256.clone()),
        };
        let (run, adam, progress) = open(dataset, job, identity, shared, &data, &bars)?;
        runs.push(run);
        states.push((adam, progress));
    }
    let trainer = Trainer {
        train: &data.train,
        frozen: &frozen,
        cache,
        validation: data.validation.as_ref(),
        majority: data.train.majority(),
        stop: &shared.stop,
        records: &|step| {
            let examples = batch::of_step(&data.train, config, step);
            records::ids(dataset, config, &shared.vocabulary, &examples)
        },
    };
    let trainings = runs.iter_mut().zip(states);
    let mut trainings: Vec<Training> = trainings
        .map(|(run, (adam, progress))| Training {
            identity: &run.identity,
            paths: &run.job.paths,
            model: &run.model,
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
        summaries.push(finish(dataset, run, progress, &data)?);
    }
    Ok(summaries)
}

/// Parameters, optimiser and progress of a run, as they start or as a checkpoint has them.
fn open<'a>(
    dataset: &Dataset,
    job: &'a Job,
    identity: Identity,
    shared: &Shared,
    data: &Data,
    bars: &MultiProgress,
) -> Result<(Run<'a>, AdamW, Progress)> {
    let (config, paths) = (&job.config, &job.paths);
    let params = model::params(
        config,
        shared.identity.hidden_size,
        dataset.manifest.class_names.len(),
        shared.device,
    );
    if let Some(start) = &shared.start {
        start.fill(&params)?;
    }
    let pad = shared.vocabulary.pad;
    let model = Model::new(config, Rc::clone(&shared.backbone), &params, pad)?;
    let adam = AdamW::new(&params);
    let progress = train::resume(paths, &identity, &params, &adam)?;
    let steps = train::steps(config, data.train.len());
    let metrics = paths.training("metrics.jsonl");
    let first = progress.step;
    let mut log = Log::open(&metrics, &job.name, shared.talk, bars, first, steps)?;
    write_json(&paths.training("config.json"), &identity)?;
    announce(&mut log, data, &params, first, steps)?;
    let run = Run {
        job,
        identity,
        params,
        model,
        log,
    };
    Ok((run, adam, progress))
}

/// Scores the best weights and publishes them.
fn finish(dataset: &Dataset, run: &mut Run, progress: Progress, data: &Data) -> Result<Summary> {
    let (config, paths, log) = (&run.job.config, &run.job.paths, &mut run.log);
    checkpoint::load_weights(&paths.best(), &run.params)?;
    let score = |store: &Option<Store>, most: usize| -> Result<Option<Scores>> {
        let Some(store) = store else { return Ok(None) };
        let (frozen, majority) = (run.model.frozen(), data.train.majority());
        let models = [&run.model];
        let examples = store.sample(most);
        Ok(metrics::evaluate(frozen, &models, config, store, examples, majority)?.pop())
    };
    let validation = score(&data.validation, config.eval_examples)?;
    let test = score(&data.test, 0)?;
    if let Some(scores) = &test {
        let per_epoch = batch::batches_per_epoch(data.train.len(), config);
        let step = progress.best.map_or(progress.step, |best| best.step);
        let point = Point {
            step: progress.step,
            epoch: progress.step as f64 / per_epoch as f64,
            rate: 0.0,
        };
        log.scores("test", point, &metrics::names(config.task), scores, false)?;
        log.say(&format!("tested with the weights of step {step}"));
    }
    log.finish();
    let summary = Summary {
        dataset: dataset.manifest.name.clone(),
        out: paths.dir.clone(),
        seed: config.seed,
        steps: progress.step,
        parameters: run.params.numel(),
        validation,
        test,
    };
    let metrics = paths.training("metrics.jsonl");
    publish(dataset, &run.identity, &summary, paths, &metrics)?;
    Ok(summary)
}

/// Says what will be trained on what, and notes the counts.
fn announce(log: &mut Log, data: &Data, params: &Params, first: u64, steps: u64) -> Result<()> {
    for (split, store) in data.splits() {
        let counts = store.counts;
        let share = store.pieces() as f64 / store.len() as f64;
        log.say(&format!(
            "{:<10} {} rows: {} kept ({} truncated), {} too long, {} without a target; {share:.1} pieces each",
            split.name(), counts.read, counts.kept, counts.truncated, counts.too_long, counts.no_target
        ));
        if first == 0 {
            let line = json!({"kind": "data", "split": split.name(), "rows": counts, "pieces": store.pieces()});
            log.write(&line)?;
        }
    }
    if data.validation.is_none() {
        log.say("no validation split: the last weights count as the best");
    }
    let from = if first > 0 {
        format!(", going on from step {first}")
    } else {
        String::new()
    };
    log.say(&format!(
        "{} trained parameters, {steps} steps{from}",
        params.numel()
    ));
    Ok(())
}

/// Puts the best weights in their place, with card, picture and, last, the configuration.
fn publish(
    dataset: &Dataset,
    identity: &Identity,
    summary: &Summary,
    paths: &Paths,
    metrics: &Path,
) -> Result<()> {
    let adapter = paths.adapter();
    if adapter.exists() {
        fs::remove_file(&adapter).map_err(Error::io(&adapter))?;
    }
    // The same bytes twice: one copy on disk where the file system allows it.
    if fs::hard_link(paths.best(), &adapter).is_err() {
        fs::copy(paths.best(), &adapter).map_err(Error::io(&adapter))?;
    }
    curve::draw(
        metrics,
        &paths.training("curve.svg"),
        &metrics::names(identity.config.task),
    )?;
    write_atomically(
        &paths.dir.join("README.md"),
        card::render(dataset, identity, summary).as_bytes(),
    )?;
    let config = &identity.config;
    let adapter_config: Value = json!({
        "format": "ktrain adapter",
        "version": env!("CARGO_PKG_VERSION"),
        "plug_points": config.plug_points(identity.backbone.layers),
        "parameters": summary.parameters,
        "class_names": dataset.manifest.class_names,
        "config": config,
        "backbone": identity.backbone,
        "dataset": identity.dataset,
        "adapter_weights_sha256": identity.adapter_weights_sha256,
        "scores": {"validation": summary.validation, "test": summary.test},
    });
    write_json(&paths.adapter_config(), &adapter_config)
}
