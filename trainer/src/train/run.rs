//! Runs: a dataset, a backbone, and the folders where the adapters will lie.

use std::collections::BTreeMap;
use std::iter;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use indicatif::MultiProgress;
use kprep_schemas::{Dataset, MANIFEST, sha256_file};
use serde::Serialize;
use serde_json::json;

use crate::config::Config;
use crate::data::cache::{Cache, Source};
use crate::data::dataset::{Data, Lesson};
use crate::data::examples::Counts;
use crate::data::store::Store;
use crate::evaluate::metrics::{self, Scores};
use crate::files::weights::write_json;
use crate::model::frozen::Frozen;
use crate::model::knowledge::Knowledge;
use crate::model::params::Params;
use crate::model::task_model::{self, Model};
use crate::model::trained;
use crate::report::metrics_log::{Log, Point};
use crate::report::splits::Splits;
use crate::train::checkpoint::{self, Progress};
use crate::train::identity::{DatasetIdentity, Identity, Second};
use crate::train::last_good_state::Snapshot;
use crate::train::optimizer::AdamW;
use crate::train::paths::Paths;
use crate::train::publish::publish;
use crate::train::shared::Shared;
use crate::train::training_loop::{self, Trainer, Training};
use crate::{Error, Result};

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
    /// What became of each split's rows.
    pub rows: BTreeMap<&'static str, Counts>,
    /// The best weights' scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
    /// Those of the task that took turns with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondSummary>,
}

/// What a run came to in its second task.
#[derive(Debug, Clone, Serialize)]
pub struct SecondSummary {
    /// The dataset's name.
    pub dataset: String,
    /// Scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
}

/// A run to be: settings, a folder, and what the log calls it.
#[derive(Clone)]
pub struct Job {
    /// Every setting, of each task that takes turns.
    pub configs: Vec<Config>,
    /// Where its files go.
    pub paths: Paths,
    /// Its name.
    pub name: String,
    /// The frozen adapters of a fine-tuning run.
    pub knowledge: Vec<Rc<Knowledge>>,
}

impl Job {
    /// The settings of a job with one task.
    pub fn config(&self) -> &Config {
        &self.configs[0]
    }
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
/// folders. Their settings agree in what makes the batches: see [`Config::shares_batches`]. With
/// several datasets each job has settings for each, and learns them by turns.
///
/// # Errors
/// Whatever reading, training or writing fails with.
pub fn run(datasets: &[&Dataset], jobs: &[Job], shared: &Shared) -> Result<Vec<Summary>> {
    let mut all = jobs
        .iter()
        .map(|job| Frozen::new(job.config(), Rc::clone(&shared.backbone)));
    let Some(first) = all.next() else {
        return Ok(Vec::new());
    };
    let frozen = all.fold(first, |all, one| all.and(&one));
    let mut lessons = Vec::new();
    for (dataset, config) in iter::zip(datasets, &jobs[0].configs) {
        lessons.push(lesson(dataset, config, &frozen, shared)?);
    }
    let bars = MultiProgress::new();
    let mut runs = Vec::new();
    let mut states = Vec::new();
    for job in jobs {
        let (run, adam, progress) = open(&lessons, job, shared, &bars)?;
        runs.push(run);
        states.push((adam, progress));
    }
    let trainer = Trainer {
        lessons: &lessons,
        frozen: &frozen,
        stop: &shared.stop,
        vocabulary: &shared.vocabulary,
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
        summaries.push(finish(&lessons, run, progress, shared)?);
    }
    Ok(summaries)
}

/// Reads a dataset, and its hidden states where they are cached.
fn lesson<'a>(
    dataset: &'a Dataset,
    config: &'a Config,
    frozen: &Frozen,
    shared: &Shared,
) -> Result<Lesson<'a>> {
    let data = Data::read(dataset, config, shared)?;
    let cache = match &shared.cache {
        Some(dir) => {
            let source = Source {
                store: &data.train,
                config,
                frozen,
                backbone: &shared.identity,
                vocabulary: &shared.vocabulary,
                name: &dataset.manifest.name,
            };
            let cache = Cache::open(dir, &source, &shared.stop, shared.console)?;
            Some(Arc::new(cache))
        }
        None => None,
    };
    Ok(Lesson {
        dataset,
        config,
        data,
        cache,
    })
}

/// Parameters, optimiser and progress of a run, as they start or as a checkpoint has them.
fn open<'a>(
    lessons: &[Lesson],
    job: &'a Job,
    shared: &Shared,
    bars: &MultiProgress,
) -> Result<(Run<'a>, AdamW, Progress)> {
    let (configs, paths) = (&job.configs, &job.paths);
    let datasets: Vec<&Dataset> = lessons.iter().map(|lesson| lesson.dataset).collect();
    let identity = identity(&datasets, job, shared)?;
    let classes = lessons.iter();
    let classes = classes.map(|lesson| lesson.dataset.manifest.class_names.len());
    let params = task_model::params(
        configs,
        shared.backbone.config(),
        classes.max().unwrap_or(0),
        shared.device,
    );
    if task_model::trains_backbone(job.config().variant) {
        trained::fill(&params, &shared.dir)?;
    }
    if let Some(start) = &shared.start {
        start.fill(&params)?;
    }
    let pad = shared.vocabulary.pad;
    let backbone = Rc::clone(&shared.backbone);
    let model = Model::with_knowledge(configs, backbone, &params, pad, &job.knowledge)?;
    let adam = AdamW::new(&params);
    let progress = training_loop::resume(paths, &identity, &params, &adam)?;
    let metrics = paths.training("metrics.jsonl");
    let (first, steps) = (progress.step, training_loop::steps(lessons));
    // First of the run's files: by it the folder is known as ours.
    write_json(&paths.training("config.json"), &identity)?;
    let mut log = Log::open(&metrics, &job.name, shared.console, bars, first, steps)?;
    for lesson in lessons {
        announce(&mut log, &lesson.data, first)?;
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
        model,
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

/// Scores the best weights and publishes them.
fn finish(
    lessons: &[Lesson],
    run: &mut Run,
    progress: Progress,
    shared: &Shared,
) -> Result<Summary> {
    let (config, paths, log) = (run.job.config(), &run.job.paths, &mut run.log);
    checkpoint::load_best(&paths.best(), &run.params)?;
    let mut all = Vec::new();
    for lesson in lessons {
        let score = |store: &Option<Store>, most: usize| -> Result<Option<Scores>> {
            let Some(store) = store else { return Ok(None) };
            let frozen = run.model.frozen();
            Ok(metrics::evaluate(frozen, &[&run.model], lesson, store, most)?.pop())
        };
        all.push(Splits {
            validation: score(&lesson.data.validation, lesson.config.eval_examples)?,
            test: score(&lesson.data.test, 0)?,
        });
    }
    let tasks = lessons.iter().map(|lesson| lesson.config.task);
    let test: Vec<_> = iter::zip(tasks, &all)
        .filter_map(|(task, scores)| Some((task, scores.test.clone()?)))
        .collect();
    if !test.is_empty() {
        let step = progress.best.map_or(progress.step, |best| best.step);
        let point = Point {
            step: progress.step,
            epoch: progress.step as f64 / training_loop::steps_per_epoch(lessons) as f64,
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
        dataset: lessons[0].dataset.manifest.name.clone(),
        out: paths.dir.clone(),
        seed: config.seed,
        steps: progress.step,
        parameters: run.params.numel(),
        rows: lessons[0]
            .data
            .splits()
            .map(|(split, store)| (split.name(), store.counts))
            .collect(),
        scores: all.next().unwrap_or(none),
        second: lessons
            .get(1)
            .zip(all.next())
            .map(|(lesson, scores)| SecondSummary {
                dataset: lesson.dataset.manifest.name.clone(),
                scores,
            }),
    };
    let (identity, params) = (&run.identity, &run.params);
    for (i, knowledge) in run.job.knowledge.iter().enumerate() {
        knowledge.save(&paths.fused(i))?;
    }
    publish(lessons, identity, params, paths, &summary, &shared.dir)?;
    if let Some(left) = paths.forget_replaced()? {
        let left = left.display();
        log.say(&format!(
            "{left} is left: it holds files that ktrain did not write"
        ));
    }
    Ok(summary)
}

/// Says what will be trained on, and notes the counts.
fn announce(log: &mut Log, data: &Data, first: u64) -> Result<()> {
    for (split, store) in data.splits() {
        let counts = store.counts;
        let share = store.tokens() as f64 / store.len() as f64;
        log.say(&format!(
            "{:<10} {} rows: {} kept ({} truncated), {} too long, {} without a target; {share:.1} tokens each",
            split.name(), counts.read, counts.kept, counts.truncated, counts.too_long, counts.no_target
        ));
        if first == 0 {
            let line = json!({"kind": "data", "split": split.name(), "rows": counts, "tokens": store.tokens()});
            log.write(&line)?;
        }
    }
    if data.validation.is_none() {
        log.say("no validation split: the last weights count as the best");
    }
    Ok(())
}
