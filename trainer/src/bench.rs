//! `ktrain bench`: how fast the data loader and the training step are, each alone.

use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use kprep_schemas::Dataset;
use ktrain::accumulate;
use ktrain::batch::{self, Batch};
use ktrain::config::Config;
use ktrain::model::{self, Model};
use ktrain::optim::{self, AdamW};
use ktrain::run::{Data, Shared};
use serde_json::{Value, json};
use tch::{Cuda, Device};

use crate::settings::{Settings, checksums};

/// Steps before the clock starts.
const WARM_UP: usize = 2;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Steps to measure
    #[arg(long, value_name = "N", default_value_t = 10)]
    steps: usize,
}

/// Measures, for each dataset.
pub(crate) fn run(args: &Args) -> Result<()> {
    let settings = &args.settings;
    let opened = settings.open()?;
    let files = checksums(&settings.backbone())?;
    let shared = settings.load(&opened, &files)?;
    let mut results = Vec::new();
    for (dataset, config) in &opened.datasets {
        let result = measure(dataset, config, &shared, args.steps.max(1))?;
        opened.talk.say(&in_words(&result));
        results.push(result);
    }
    if settings.json {
        writeln!(io::stdout(), "{}", json!({"bench": results}))?;
    }
    Ok(())
}

fn measure(dataset: &Dataset, config: &Config, shared: &Shared, steps: usize) -> Result<Value> {
    let start = Instant::now();
    let data = Data::read(dataset, config, shared)?;
    let tokenise = start.elapsed().as_secs_f64();
    let stores = [
        Some(&*data.train),
        data.validation.as_ref(),
        data.test.as_ref(),
    ];
    let rows: u64 = stores
        .into_iter()
        .flatten()
        .map(|store| store.counts.read)
        .sum();

    let store = Arc::clone(&data.train);
    let all = batch::batches_per_epoch(store.len(), config);
    let start = Instant::now();
    let batches = batch::ahead(
        Arc::clone(&store),
        config.clone(),
        shared.vocabulary.pad,
        0,
        all,
    );
    let (mut padded, mut kept) = (0, Vec::new());
    for parts in batches {
        padded += parts.iter().map(|part| part.ids_bt.numel()).sum::<usize>();
        if kept.len() < WARM_UP + steps {
            let moved = parts.iter().map(|part| part.to_device(shared.device));
            kept.push(moved.collect());
        }
    }
    let assemble = start.elapsed().as_secs_f64();

    let (examples, pieces, seconds) = step(dataset, config, shared, &kept)?;
    let loader = 1.0 / (tokenise / rows as f64 + assemble / store.len() as f64);
    let step = examples as f64 / seconds;
    Ok(json!({
        "dataset": dataset.manifest.name,
        "rows": rows,
        "tokenise_rows_per_second": rows as f64 / tokenise,
        "assemble_examples_per_second": store.len() as f64 / assemble,
        "loader_examples_per_second": loader,
        "step_examples_per_second": step,
        "step_pieces_per_second": pieces as f64 / seconds,
        "loader_over_step": loader / step,
        "padding": 1.0 - store.pieces() as f64 / padded as f64,
        "precision": config.precision,
        "device": format!("{:?}", shared.device),
        "threads": shared.threads,
    }))
}

/// Examples, pieces and seconds of the steps after the warm-up.
fn step(
    dataset: &Dataset,
    config: &Config,
    shared: &Shared,
    batches: &[Vec<Batch>],
) -> Result<(usize, usize, f64)> {
    let params = model::params(
        config,
        shared.identity.hidden_size,
        dataset.manifest.class_names.len(),
        shared.device,
    );
    let model = Model::new(
        config,
        Rc::clone(&shared.backbone),
        &params,
        shared.vocabulary.pad,
    )?;
    let mut adam = AdamW::new(&params);
    let measured = if batches.len() > WARM_UP { WARM_UP } else { 0 };
    let mut start = Instant::now();
    for (i, parts) in batches.iter().enumerate() {
        if i == measured {
            synchronize(shared.device);
            start = Instant::now();
        }
        tch::manual_seed(batch::step_seed(config.seed, i as u64));
        let (_loss, grads) = accumulate::gradient(&model, &params, parts)?;
        let rate = optim::learning_rate(config, i as u64, batches.len() as u64);
        let _norm = adam.step(config, &params, &grads, i as u64, rate);
    }
    synchronize(shared.device);
    let parts = || batches[measured..].iter().flatten();
    let examples = parts().map(|part| part.examples).sum();
    let pieces = parts().map(|part| part.pieces).sum();
    Ok((examples, pieces, start.elapsed().as_secs_f64()))
}

fn synchronize(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}

fn in_words(result: &Value) -> String {
    let number = |name: &str| result[name].as_f64().unwrap_or(f64::NAN);
    format!(
        "{}  loader {:.0} examples/s (tokenising {:.0} rows/s, batches {:.0} examples/s, {:.1}% padding)\n\
         {}  step {:.1} examples/s, {:.0} pieces/s ({}, {}, {} threads): the loader is {:.0} times as fast",
        result["dataset"].as_str().unwrap_or_default(),
        number("loader_examples_per_second"),
        number("tokenise_rows_per_second"),
        number("assemble_examples_per_second"),
        100.0 * number("padding"),
        result["dataset"].as_str().unwrap_or_default(),
        number("step_examples_per_second"),
        number("step_pieces_per_second"),
        result["device"].as_str().unwrap_or_default(),
        result["precision"].as_str().unwrap_or_default(),
        result["threads"],
        number("loader_over_step"),
    )
}
