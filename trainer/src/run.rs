//! One run: a dataset, a backbone, and the folder where the adapter will lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use kprep_schemas::{Dataset, MANIFEST, Split, sha256_file};
use serde::Serialize;
use serde_json::{Value, json};
use tch::Device;

use crate::backbone::Backbone;
use crate::batch;
use crate::card;
use crate::checkpoint;
use crate::config::{Config, Task};
use crate::curve;
use crate::identity::{BackboneIdentity, DatasetIdentity, Identity};
use crate::log::{Log, Point, Talk};
use crate::metrics::{self, Scores};
use crate::model::{self, Model};
use crate::optim::AdamW;
use crate::params::Params;
use crate::paths::Paths;
use crate::records;
use crate::start::Start;
use crate::stop::Stop;
use crate::store::Store;
use crate::tokens::Vocabulary;
use crate::train::{self, Trainer};
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
    /// Threads that tokenise.
    pub threads: usize,
    /// Talk on standard error.
    pub talk: Talk,
    /// Whether runs are to stop.
    pub stop: Stop,
}

/// The examples of a dataset.
pub struct Data {
    /// To learn from.
    pub train: Arc<Store>,
    /// To choose the best checkpoint by.
    pub validation: Option<Store>,
    /// For the final figure.
    pub test: Option<Store>,
}

impl Data {
    /// Reads and tokenises all splits.
    ///
    /// # Errors
    /// [`Error::Dataset`]; [`Error::Unusable`] if nothing is left to train on.
    pub fn read(dataset: &Dataset, config: &Config, shared: &Shared) -> Result<Self> {
        let read = |split| {
            Store::read(
                dataset,
                split,
                config.task,
                &shared.vocabulary,
                config.max_length,
                shared.threads,
            )
        };
        let train = read(Split::Train)?;
        if train.is_empty() {
            let reason = format!(
                "no example to train on: {} rows read, {:?}",
                train.counts.read, train.counts
            );
            return Err(Error::Unusable {
                path: dataset.dir.clone(),
                reason,
            });
        }
        let some = |store: Store| (!store.is_empty()).then_some(store);
        Ok(Self {
            train: Arc::new(train),
            validation: some(read(Split::Validation)?),
            test: some(read(Split::Test)?),
        })
    }

    /// Those that are there, by name.
    pub fn splits(&self) -> impl Iterator<Item = (Split, &Store)> {
        [
            (Split::Train, Some(&*self.train)),
            (Split::Validation, self.validation.as_ref()),
            (Split::Test, self.test.as_ref()),
        ]
        .into_iter()
        .filter_map(|(split, store)| Some((split, store?)))
    }
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

/// Trains one adapter and publishes its folder.
///
/// # Errors
/// Whatever reading, training or writing fails with.
pub fn run(dataset: &Dataset, config: &Config, shared: &Shared, paths: &Paths) -> Result<Summary> {
    let manifest_sha256 =
        sha256_file(&dataset.dir.join(MANIFEST)).map_err(Error::io(&dataset.dir))?;
    let identity = Identity {
        config: config.clone(),
        backbone: shared.identity.clone(),
        dataset: DatasetIdentity {
            name: dataset.manifest.name.clone(),
            manifest_sha256,
        },
        adapter_weights_sha256: shared.start.as_ref().map(|start| start.sha256.clone()),
    };
    let data = Data::read(dataset, config, shared)?;
    let params = model::params(
        config,
        shared.identity.hidden_size,
        dataset.manifest.class_names.len(),
        shared.device,
    );
    if let Some(start) = &shared.start {
        start.fill(&params)?;
    }
    let model = Model::new(
        config,
        Rc::clone(&shared.backbone),
        &params,
        shared.vocabulary.pad,
    )?;
    let adam = AdamW::new(&params);
    let progress = train::resume(paths, &identity, &params, &adam)?;

    let steps = train::steps(config, data.train.len());
    let metrics_path = paths.training("metrics.jsonl");
    let mut log = Log::open(
        &metrics_path,
        &dataset.manifest.name,
        shared.talk,
        progress.step,
        steps,
    )?;
    write_json(&paths.training("config.json"), &identity)?;
    announce(&mut log, &data, &params, progress.step, steps)?;

    let trainer = Trainer {
        identity: &identity,
        paths,
        model: &model,
        params: &params,
        train: &data.train,
        validation: data.validation.as_ref(),
        majority: data.train.majority(),
        stop: &shared.stop,
    };
    let progress = match trainer.run(adam, progress, &mut log) {
        Err(Error::NotFinite(reason)) => {
            let examples = batch::of_step(&data.train, config, reason.step - 1);
            let records = records::ids(dataset, config, &shared.vocabulary, &examples)?;
            return Err(train::diverged(paths, reason, &records)?);
        }
        done => done?,
    };
    checkpoint::load_weights(&paths.best(), &params)?;
    let validation = data
        .validation
        .as_ref()
        .map(|store| trainer.score(store, config.eval_examples))
        .transpose()?;
    let test = data
        .test
        .as_ref()
        .map(|store| trainer.score(store, 0))
        .transpose()?;
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
        parameters: params.numel(),
        validation,
        test,
    };
    publish(dataset, &identity, &summary, paths, &metrics_path)?;
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
