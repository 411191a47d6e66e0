//! Runs: several that differ in a setting are trained on the same pass through the backbone, and published.

use std::iter;
use std::rc::Rc;

use indicatif::MultiProgress;
use kprep_schemas::{Dataset, MANIFEST, Split, sha256_file};
use serde_json::json;

use crate::files::identity::{DatasetIdentity, Identity, Second};
use crate::model::encoder::Encoder;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::model::trainable;
use crate::tasks::model;
use crate::train::finish::finish;
use crate::train::metrics_log::Log;
use crate::train::objective::{self, DatasetObjective, Objective};
use crate::train::shared::Shared;
use crate::train::training::Training;
use crate::train::training_loop::{self, Trainer};
use crate::{Error, Result};

pub use crate::report::summary::Summary;
pub use crate::train::run_spec::RunSpec;

/// Trains all of these runs on the same pass through the backbone, and publishes their folders. Their settings agree in
/// what makes the batches: see [`crate::config::Config::shares_batches`]. With several datasets each run has settings for
/// each, and alternates between them.
///
/// # Errors
/// Whatever reading, training or writing fails with.
pub fn run(datasets: &[&Dataset], specs: &[RunSpec], shared: &Shared) -> Result<Vec<Summary>> {
    let mut all = specs
        .iter()
        .map(|spec| FrozenBackbone::new(spec.config(), Rc::clone(&shared.backbone)));
    let Some(first) = all.next() else {
        return Ok(Vec::new());
    };
    let frozen = all.fold(first, |all, one| all.and(&one));
    let mut objectives = Vec::new();
    for (dataset, config) in iter::zip(datasets, &specs[0].configs) {
        objectives.push(objective::open(dataset, config, &frozen, shared)?);
    }
    let mut runs = Vec::new();
    for spec in specs {
        let identity = identity(datasets, spec, shared)?;
        let (params, encoder) = model(&objectives, spec, shared)?;
        let encoder = Rc::new(encoder);
        for objective in &mut objectives {
            objective.add_run(&encoder, &spec.configs, &params)?;
        }
        runs.push((spec, identity, params));
    }
    let learnt: Vec<&dyn Objective> = objectives
        .iter()
        .map(|one| &**one as &dyn Objective)
        .collect();
    let steps = training_loop::steps(&learnt);
    let bars = MultiProgress::new();
    let mut trainings = Vec::new();
    for (number, (spec, identity, params)) in runs.iter().enumerate() {
        let metrics = spec.paths.training("metrics.jsonl");
        let log = |first| {
            let (name, config, console) = (&spec.name, spec.config(), shared.console);
            Log::open(&metrics, name, config, console, &bars, [first, steps])
        };
        let mut training = Training::open(number, identity, &spec.paths, params, log)?;
        for objective in &objectives {
            announce(&mut training, objective.as_ref())?;
        }
        training.announce();
        trainings.push(training);
    }
    let trainer = Trainer {
        objectives: &learnt,
        stop: &shared.stop,
    };
    trainer.run(&mut trainings)?;
    let ended = iter::zip(specs, trainings);
    ended
        .map(|(spec, training)| finish(&objectives, spec, training, shared))
        .collect()
}

/// The parameters of a run as they start, and its encoder.
fn model(
    objectives: &[Box<dyn DatasetObjective + '_>],
    spec: &RunSpec,
    shared: &Shared,
) -> Result<(Params, Encoder)> {
    let configs = &spec.configs;
    let classes = objectives.iter().map(|objective| objective.classes());
    let params = model::params(
        configs,
        shared.backbone.config(),
        classes.max().unwrap_or(0),
        shared.device,
    );
    if spec.config().variant.trains_backbone() {
        trainable::fill(&params, &shared.dir)?;
    }
    if let Some(start) = &shared.start {
        start.fill(&params)?;
    }
    let backbone = Rc::clone(&shared.backbone);
    let encoder = model::encoder(configs, backbone, &params, &spec.knowledge)?;
    Ok((params, encoder))
}

/// The identity of a run on these datasets.
///
/// # Errors
/// [`Error::Io`] if a manifest cannot be read.
pub fn identity(datasets: &[&Dataset], spec: &RunSpec, shared: &Shared) -> Result<Identity> {
    let configs = &spec.configs;
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
        adapters: spec
            .knowledge
            .iter()
            .map(|one| one.identity.clone())
            .collect(),
    })
}

/// Says what will be trained on, and notes the counts.
fn announce(training: &mut Training, objective: &dyn DatasetObjective) -> Result<()> {
    let (log, first) = (&mut training.log, training.progress.step);
    let most = objective.config().max_length;
    let splits = objective.splits();
    for size in &splits {
        let (split, counts) = (size.split.name(), size.counts);
        let share = size.tokens as f64 / size.examples as f64;
        let cut = match counts.spans_cut {
            0 => String::new(),
            cut => format!("; {cut} spans left out"),
        };
        log.say(&format!(
            "{split:<10} {} rows: {} kept ({} truncated at {most} tokens), {} too long for these, {} without a target; {share:.1} tokens each{cut}",
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
