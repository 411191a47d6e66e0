//! `ktrain bench`: how fast the data loader and the training step are.

use std::path::PathBuf;
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::{Config, Variant};
use crate::data::ahead;
use crate::data::batch::Batch;
use crate::data::dataset::Data;
use crate::data::examples::TrainingRow;
use crate::data::sampler;
use crate::libtorch::device::Precision;
use crate::model::params::Params;
use crate::tasks::model::{self, Model};
use crate::tasks::{TaskDefinition, WithTask};
use crate::train::gradients::{self, Learner};
use crate::train::optimizer::{self, AdamW};
use crate::train::shared::Shared;
use anyhow::{Result, ensure};
use kprep_schemas::Dataset;
use serde::Serialize;
use serde_json::json;
use tch::{Cuda, Device, Tensor};

use crate::commands::computing::Computing;
use crate::commands::flags::{Printing, checksums};
use crate::commands::print::print;
use crate::commands::training_flags::{Input, More, Settings, Training};

mod export;
mod work;

/// Steps before the clock starts.
const WARM_UP: usize = 2;

/// The flags.
#[derive(clap::Args)]
#[command(mut_arg("precision", |precision| precision.default_value("auto")))]
#[command(mut_arg("preset", |preset| preset.default_value("scaled")))]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    settings: Settings,
    /// Steps to measure
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        help_heading = "Training"
    )]
    steps: usize,
    #[command(flatten)]
    pub(super) computing: Computing,
    #[command(flatten)]
    more: More,
    /// Folder for the batches of the steps and the initial parameters, for the same steps in
    /// another framework
    #[arg(long, value_name = "DIR", help_heading = "Advanced")]
    export: Option<PathBuf>,
}

/// Measures, for each dataset.
pub(crate) fn run(args: &Args) -> Result<()> {
    let training = Training {
        input: &args.input,
        settings: &args.settings,
        computing: &args.computing,
        more: &args.more,
        console: args.printing.console(),
    };
    ensure!(
        args.settings.variant != Variant::Multitask,
        "ktrain bench measures one task at a time, not --variant multitask"
    );
    ensure!(
        args.more.cache.is_none(),
        "ktrain bench measures steps through the backbone: --cache is of no use"
    );
    let opened = training.open()?;
    let files = checksums(&args.input.backbone.dir())?;
    let configs: Vec<&Config> = opened.datasets.iter().map(|(_, config)| config).collect();
    let shared = training.load(&configs, opened.device, &files)?;
    let mut results = Vec::new();
    for (dataset, config) in &opened.datasets {
        let result = config.task.dispatch(Measure {
            dataset,
            config,
            shared: &shared,
            args,
        })?;
        training.console.say(&in_words(&result));
        results.push(result);
    }
    if args.printing.json {
        print(&format!("{}\n", json!({"bench": results})))?;
    }
    Ok(())
}

/// What was measured on a dataset.
#[derive(Serialize)]
struct Measured {
    dataset: String,
    rows: u64,
    tokenise_rows_per_second: f64,
    assemble_examples_per_second: f64,
    loader_examples_per_second: f64,
    /// Share of the positions that hold pads.
    padding: f64,
    step_examples_per_second: f64,
    step_tokens_per_second: f64,
    /// Share of the steps' time that went into waiting for batches.
    waited_for_data: f64,
    loader_over_step: f64,
    /// Products with weights alone.
    operations_per_second: f64,
    /// What one large product reaches on this machine.
    matmul_operations_per_second: f64,
    peak_memory_mb: Option<f64>,
    /// One a step, the warm-up's included.
    losses: Vec<f32>,
    precision: Precision,
    device: String,
    threads: usize,
}

/// What is measured.
struct Measure<'a> {
    dataset: &'a Dataset,
    config: &'a Config,
    shared: &'a Shared,
    args: &'a Args,
}

impl WithTask for Measure<'_> {
    type Output = Result<Measured>;

    fn with<T: TaskDefinition>(self) -> Result<Measured> {
        measure::<T>(self.dataset, self.config, self.shared, self.args)
    }
}

fn measure<T: TaskDefinition>(
    dataset: &Dataset,
    config: &Config,
    shared: &Shared,
    args: &Args,
) -> Result<Measured> {
    let start = Instant::now();
    let data = Data::<T::Row>::read(dataset, config, shared)?;
    let tokenise = start.elapsed().as_secs_f64();
    let rows: u64 = data.splits().map(|(_, store)| store.counts.read).sum();

    let store = &data.train;
    let all = sampler::batches_per_epoch(store, config);
    let pad = shared.vocabulary.pad;
    let from_first = || ahead::batches(Arc::clone(store), config.clone(), pad, None, 0, all);
    let start = Instant::now();
    let padded = positions(from_first().into_iter())?;
    let assemble = start.elapsed().as_secs_f64();

    let configs = slice::from_ref(config);
    let params = model::params(
        configs,
        shared.backbone.config(),
        dataset.manifest.class_names.len(),
        shared.device,
    );
    let count = (WARM_UP + args.steps.max(1)).min(all as usize);
    if let Some(dir) = &args.export {
        let steps = from_first().into_iter().take(count);
        let steps = steps.collect::<crate::Result<Vec<_>>>()?;
        let layers = shared.identity.layers;
        export::write::<T>(dir, config, layers, pad, &params, &steps)?;
    }
    let model = Model::<T>::new(configs, Rc::clone(&shared.backbone), &params, &[])?;
    let batches = from_first().into_iter().take(count);
    let steps = Steps::run(config, &model, &params, count as u64, batches)?;
    let loader = 1.0 / (tokenise / rows as f64 + assemble / store.len() as f64);
    let step = steps.examples as f64 / steps.seconds;
    let tokens = steps.tokens as f64 / steps.seconds;
    let operations = work::operations_a_token(config, shared.backbone.config());
    Ok(Measured {
        dataset: dataset.manifest.name.clone(),
        rows,
        tokenise_rows_per_second: rows as f64 / tokenise,
        assemble_examples_per_second: store.len() as f64 / assemble,
        loader_examples_per_second: loader,
        padding: 1.0 - store.tokens() as f64 / padded as f64,
        step_examples_per_second: step,
        step_tokens_per_second: tokens,
        waited_for_data: steps.waited / steps.seconds,
        loader_over_step: loader / step,
        operations_per_second: operations * tokens,
        matmul_operations_per_second: work::operations_a_second(config, shared.device),
        peak_memory_mb: work::peak_memory(),
        losses: steps.losses,
        precision: config.precision,
        device: format!("{:?}", shared.device),
        threads: shared.threads,
    })
}

/// How many positions batches have, pads included.
fn positions<R: TrainingRow>(
    mut batches: impl Iterator<Item = crate::Result<Vec<Batch<R>>>>,
) -> crate::Result<usize> {
    batches.try_fold(0, |sum, parts| {
        let each = parts?.into_iter().map(|part| part.input.ids_bt.numel());
        Ok(sum + each.sum::<usize>())
    })
}

/// The measurements of the steps after the warm-up.
struct Steps {
    examples: usize,
    tokens: usize,
    seconds: f64,
    waited: f64,
    losses: Vec<f32>,
}

impl Steps {
    /// Trains, as the loop does without its log and its validations.
    fn run<T: TaskDefinition>(
        config: &Config,
        model: &Model<T>,
        params: &Params,
        count: u64,
        mut batches: impl Iterator<Item = crate::Result<Vec<Batch<T::Row>>>>,
    ) -> Result<Self> {
        let mut adam = AdamW::new(params);
        let seed = config.seed;
        let learner = [Learner {
            model,
            params,
            seed,
        }];
        let (mut examples, mut tokens) = (0, 0);
        let (mut start, mut waited) = (Instant::now(), Duration::ZERO);
        let mut losses = Vec::new();
        for i in 0.. {
            if i == WARM_UP as u64 {
                synchronize(model.encoder().device());
                (start, waited) = (Instant::now(), Duration::ZERO);
                (examples, tokens) = (0, 0);
            }
            let waiting = Instant::now();
            let Some(parts) = batches.next().transpose()? else {
                break;
            };
            waited += waiting.elapsed();
            let gradients = gradients::gradients(model.frozen(), &learner, &parts, i)?;
            let Some((loss, grads)) = gradients.into_iter().next() else {
                break;
            };
            let rate = optimizer::learning_rate(config, i, count);
            let _norm = adam.step(config, params, &grads, i, rate)?;
            losses.push(loss);
            examples += parts.iter().map(|part| part.examples).sum::<usize>();
            tokens += parts.iter().map(|part| part.tokens).sum::<usize>();
        }
        synchronize(model.encoder().device());
        Ok(Self {
            examples,
            tokens,
            seconds: start.elapsed().as_secs_f64(),
            waited: waited.as_secs_f64(),
            losses: Vec::try_from(Tensor::f_stack(&losses, 0)?)?,
        })
    }
}

fn synchronize(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}

fn in_words(measured: &Measured) -> String {
    let name = &measured.dataset;
    let peak = measured.peak_memory_mb.unwrap_or(f64::NAN);
    format!(
        "{name}  loader {:.0} examples/s (tokenising {:.0} rows/s, batches {:.0} examples/s, {:.1}% padding)\n\
         {name}  step {:.1} examples/s, {:.0} tokens/s ({}, {}, {} threads), {:.1}% of it waiting for data: the loader is {:.0} times as fast\n\
         {name}  {:.0} GFLOP/s, {:.0}% of the {:.0} that one product reaches; {peak:.0} MB at most",
        measured.loader_examples_per_second,
        measured.tokenise_rows_per_second,
        measured.assemble_examples_per_second,
        100.0 * measured.padding,
        measured.step_examples_per_second,
        measured.step_tokens_per_second,
        measured.device,
        format!("{:?}", measured.precision).to_lowercase(),
        measured.threads,
        100.0 * measured.waited_for_data,
        measured.loader_over_step,
        measured.operations_per_second / 1e9,
        100.0 * measured.operations_per_second / measured.matmul_operations_per_second,
        measured.matmul_operations_per_second / 1e9,
    )
}
