//! `ktrain --shards DIR`: one adapter for each dataset.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, ensure};
use kprep_schemas::{Dataset, sha256_file};
use ktrain::Error;
use ktrain::backbone::Backbone;
use ktrain::config::{Config, Preset, Task, Variant};
use ktrain::device::{self, Precision};
use ktrain::log::Talk;
use ktrain::run::{self, BackboneIdentity, Paths, Shared};
use ktrain::tokens::Vocabulary;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use tch::Device;

/// The flags. Those without a default keep the preset's value.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with datasets, at any depth
    #[arg(long, value_name = "DIR", required = true)]
    shards: Option<PathBuf>,
    /// Folder of a Hugging Face checkpoint [default: $KTRAIN_BACKBONE, else what `make backbone` fetched]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
    /// Where the adapters go, one folder a dataset
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// Only the dataset of this name
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Whose recipe the settings follow: paper
    #[arg(long, default_value = "paper", value_parser = named::<Preset>)]
    preset: Preset,
    /// adapter, or backbone: a head on the frozen backbone alone
    #[arg(long, default_value = "adapter", value_parser = named::<Variant>)]
    variant: Variant,
    /// Passes over the training split
    #[arg(long)]
    epochs: Option<u64>,
    /// Examples a step
    #[arg(long)]
    batch_size: Option<usize>,
    /// Highest learning rate
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// Steps over which the learning rate rises
    #[arg(long, value_name = "STEPS")]
    warmup_steps: Option<u64>,
    /// Stop after so many steps
    #[arg(long, value_name = "STEPS")]
    max_steps: Option<u64>,
    /// Longest input in pieces
    #[arg(long, value_name = "PIECES")]
    max_length: Option<usize>,
    /// Steps between validations, beside those at the end of each epoch
    #[arg(long, value_name = "STEPS")]
    eval_every: Option<u64>,
    /// Steps between checkpoints, beside those at each validation
    #[arg(long, value_name = "STEPS")]
    save_every: Option<u64>,
    /// Seed of the initial values, the order of the data and the dropout
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Of the frozen backbone and the matrix products: auto, fp32 or bf16
    #[arg(long, default_value = "auto", value_parser = named::<Precision>)]
    precision: Precision,
    /// Any other setting by its name in config.json; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Go on with runs that were cut off
    #[arg(long)]
    resume: bool,
    /// Replace runs that are there
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Threads of the CPU [default: all]
    #[arg(long)]
    threads: Option<usize>,
    /// Say nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

/// A value by its name in `config.json`.
fn named<T: for<'a> Deserialize<'a>>(name: &str) -> std::result::Result<T, ValueError> {
    let name: StrDeserializer<'_, ValueError> = name.into_deserializer();
    T::deserialize(name)
}

/// Trains.
pub(crate) fn run(args: &Args) -> Result<()> {
    let device = device::open(&args.device)?; // before anything else asks libtorch for CUDA
    let talk = Talk { quiet: args.quiet };
    let datasets = datasets(args.shards.as_deref().unwrap_or(Path::new(".")), args.only.as_deref(), talk)?;
    let mut runs = Vec::new();
    for (dataset, task) in &datasets {
        let paths = Paths::new(&args.out, dataset, args.variant);
        runs.push((dataset, config(args, *task, device)?, paths));
    }
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    ensure!(threads > 0, "--threads must be at least 1");
    tch::set_num_threads(threads as i32);

    let dir = args.backbone.clone().unwrap_or_else(default_backbone);
    let checksums = checksums(&dir)?;
    let shared = load(&dir, &checksums, device, threads, talk, runs[0].1.precision)?;
    let before = shared.backbone.checksum()?;
    let mut summaries = Vec::new();
    for (dataset, config, paths) in &runs {
        ensure!(
            config.max_length <= shared.backbone.config().max_length(),
            "max_length is {}, but the backbone reads at most {} pieces",
            config.max_length, shared.backbone.config().max_length()
        );
        if paths.prepare(args.resume, args.overwrite)? {
            talk.say(&format!("{}  finished already: {}", dataset.manifest.name, paths.dir.display()));
            continue;
        }
        let summary = run::run(dataset, config, &shared, paths)
            .with_context(|| format!("training on {}", dataset.dir.display()))?;
        talk.say(&format!("{}  adapter in {}", summary.dataset, summary.out.display()));
        summaries.push(summary);
    }
    unchanged("parameters in memory", before, shared.backbone.checksum()?)?;
    for (file, after) in self::checksums(&dir)? {
        unchanged(&file, checksums[&file].clone(), after)?;
    }
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::json!({"runs": summaries}))?;
    }
    Ok(())
}

fn unchanged(what: &str, before: String, after: String) -> ktrain::Result<()> {
    if before == after {
        return Ok(());
    }
    Err(Error::BackboneChanged { what: what.to_owned(), before, after })
}

/// The datasets that something can be trained on.
fn datasets(shards: &Path, only: Option<&str>, talk: Talk) -> Result<Vec<(Dataset, Task)>> {
    let found = Dataset::find(shards).map_err(Error::from)?;
    let mut chosen = Vec::new();
    let mut names = Vec::new();
    for dataset in found {
        let name = dataset.manifest.name.clone();
        match run::task(&dataset) {
            Some(task) if only.is_none_or(|only| only == name) => chosen.push((dataset, task)),
            Some(_) => {}
            None => talk.say(&format!("{name}  holds {}: nothing to train on", dataset.manifest.record)),
        }
        names.push(name);
    }
    match only {
        Some(only) if chosen.is_empty() && !names.is_empty() => {
            anyhow::bail!("no dataset named {only} below {}; there are {}", shards.display(), names.join(", "))
        }
        _ if chosen.is_empty() => Err(Error::NoDataset(shards.to_owned()).into()),
        _ => Ok(chosen),
    }
}

fn config(args: &Args, task: Task, device: Device) -> ktrain::Result<Config> {
    let mut config = Config::preset(args.preset, task);
    config.variant = args.variant;
    config.seed = args.seed;
    for set in &args.set {
        config = config.with(set)?;
    }
    config.epochs = args.epochs.unwrap_or(config.epochs);
    config.batch_size = args.batch_size.unwrap_or(config.batch_size);
    config.learning_rate = args.lr.unwrap_or(config.learning_rate);
    config.warmup_steps = args.warmup_steps.unwrap_or(config.warmup_steps);
    config.max_steps = args.max_steps.unwrap_or(config.max_steps);
    config.max_length = args.max_length.unwrap_or(config.max_length);
    config.eval_every = args.eval_every.unwrap_or(config.eval_every);
    config.save_every = args.save_every.unwrap_or(config.save_every);
    config.precision = args.precision.resolve(device);
    config.check()?;
    Ok(config)
}

/// Where `make backbone` puts the small backbone, unless the environment names another.
fn default_backbone() -> PathBuf {
    if let Some(dir) = env::var_os("KTRAIN_BACKBONE") {
        return dir.into();
    }
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    cache.join("ktrain/backbone/all-minilm-l6-v2")
}

/// SHA-256 of the backbone's files, by name.
fn checksums(dir: &Path) -> Result<BTreeMap<String, String>> {
    let names = ["config.json", "model.safetensors", "tokenizer.json", "vocab.json", "merges.txt"];
    let mut all = BTreeMap::new();
    for name in names {
        let path = dir.join(name);
        if path.is_file() {
            let sha256 = sha256_file(&path).with_context(|| path.display().to_string())?;
            all.insert(name.to_owned(), sha256);
        }
    }
    Ok(all)
}

fn load(
    dir: &Path,
    checksums: &BTreeMap<String, String>,
    device: Device,
    threads: usize,
    talk: Talk,
    precision: Precision,
) -> Result<Shared> {
    let backbone = Backbone::load(dir, device, precision.kind())?;
    let config = backbone.config();
    let identity = BackboneIdentity {
        name: dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        model_type: config.model_type.clone(),
        hidden_size: config.hidden_size,
        layers: config.num_hidden_layers,
        sha256: checksums.get("model.safetensors").cloned().unwrap_or_default(),
    };
    talk.say(&format!(
        "backbone  {} ({}, {} layers, width {}), {device:?}, {precision:?}, {threads} threads",
        identity.name, identity.model_type, identity.layers, identity.hidden_size
    ));
    Ok(Shared {
        backbone: Arc::new(backbone),
        identity,
        vocabulary: Vocabulary::load(dir)?,
        device,
        threads,
        talk,
    })
}
