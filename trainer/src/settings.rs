//! The flags that every training command shares, and what they open: datasets, settings, backbone.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::{Dataset, sha256_file};
use ktrain::Error;
use ktrain::backbone::Backbone;
use ktrain::config::{Config, Preset, Task, Variant};
use ktrain::data;
use ktrain::device::{self, Precision};
use ktrain::folder;
use ktrain::identity::BackboneIdentity;
use ktrain::shared::{SETTINGS_FILES, Shared};
use ktrain::start::Start;
use ktrain::stop::Stop;
use ktrain::talk::Talk;
use ktrain::tokens::Vocabulary;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use tch::Device;

/// Those without a default keep the preset's value.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// Folder with datasets, at any depth
    #[arg(long, value_name = "DIR", required = true)]
    shards: Option<PathBuf>,
    /// Folder of a Hugging Face checkpoint [default: `$KTRAIN_BACKBONE`, else what `make backbone` fetched]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
    /// Only the dataset of this name
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Whose recipe the settings follow: paper or released
    #[arg(long, default_value = "paper", value_parser = named::<Preset>)]
    preset: Preset,
    /// adapter; backbone: a head on the frozen backbone alone; or random: a head on an adapter
    /// without knowledge, whose initial values stay; multitask: the whole backbone, on relations
    /// and heads by turns
    #[arg(long, default_value = "adapter", value_parser = named::<Variant>)]
    pub(crate) variant: Variant,
    /// Start the adapter from this file: `adapter.safetensors` of a run, or `pytorch_model.bin` of a
    /// released adapter (with `--preset released`)
    #[arg(long, value_name = "FILE")]
    adapter_weights: Option<PathBuf>,
    /// Keep the backbone's hidden states of the training split in this folder, so that only the first
    /// pass over it goes through the backbone; the size is said first, and the file serves later runs
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Passes over the training split
    #[arg(long)]
    epochs: Option<u64>,
    /// Examples a step
    #[arg(long)]
    batch_size: Option<usize>,
    /// Most pieces a step, pads included, instead of a number of examples: similar lengths fill a
    /// batch, so that there are almost no pads
    #[arg(long, value_name = "PIECES", conflicts_with = "batch_size")]
    batch_pieces: Option<usize>,
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
    pub(crate) seed: u64,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(crate) device: String,
    /// Of the frozen backbone and the matrix products: auto, fp32 or bf16
    #[arg(long, default_value = "auto", value_parser = named::<Precision>)]
    precision: Precision,
    /// Any other setting by its name in config.json; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Threads of the CPU [default: all]
    #[arg(long)]
    threads: Option<usize>,
    /// Say nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Print a summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A value by its name in `config.json`.
pub(crate) fn named<T: for<'a> Deserialize<'a>>(name: &str) -> std::result::Result<T, ValueError> {
    let name: StrDeserializer<'_, ValueError> = name.into_deserializer();
    T::deserialize(name)
}

/// What the flags name, opened.
pub(crate) struct Opened {
    /// The datasets to train on, with their settings.
    pub(crate) datasets: Vec<(Dataset, Config)>,
    /// Where tensors live.
    pub(crate) device: Device,
    /// Talk on standard error.
    pub(crate) talk: Talk,
}

impl Settings {
    /// Opens the device and the datasets, and checks the settings.
    pub(crate) fn open(&self) -> Result<Opened> {
        let device = device::open(&self.device)?; // before anything else asks libtorch for CUDA
        let talk = Talk { quiet: self.quiet };
        let mut datasets = Vec::new();
        for (dataset, task) in self.datasets(talk)? {
            datasets.push((dataset, self.config(task, device)?));
        }
        Ok(Opened {
            datasets,
            device,
            talk,
        })
    }

    /// The datasets that something can be trained on.
    fn datasets(&self, talk: Talk) -> Result<Vec<(Dataset, Task)>> {
        let shards = self.shards.as_deref().unwrap_or(Path::new("."));
        let only = self.only.as_deref();
        let mut chosen = Vec::new();
        let mut names = Vec::new();
        for dataset in Dataset::find(shards).map_err(Error::from)? {
            let name = dataset.manifest.name.clone();
            match data::task(&dataset) {
                Some(kind) if only.is_none_or(|only| only == name) => chosen.push((dataset, kind)),
                Some(_) => {}
                None => talk.say(&format!(
                    "{name}  holds {}: nothing to train on",
                    dataset.manifest.record
                )),
            }
            names.push(name);
        }
        match only {
            Some(only) if chosen.is_empty() && !names.is_empty() => {
                bail!(
                    "no dataset named {only} below {}; there are {}",
                    shards.display(),
                    names.join(", ")
                )
            }
            _ if chosen.is_empty() => Err(Error::NoDataset(shards.to_owned()).into()),
            _ => Ok(chosen),
        }
    }

    fn config(&self, task: Task, device: Device) -> ktrain::Result<Config> {
        let mut config = Config::preset(self.preset, task);
        config.variant = self.variant;
        config.seed = self.seed;
        for (key, instead) in [
            ("task", "the dataset says it"),
            ("preset", "name it with --preset"),
            ("variant", "name it with --variant"),
            ("precision", "name it with --precision"),
            ("cached_states", "--cache says it"),
        ] {
            let named = |set: &String| set.split_once('=').is_some_and(|(name, _)| name == key);
            if self.set.iter().any(named) {
                return Err(Error::Config(format!("--set {key}: {instead}")));
            }
        }
        config = config.with_all(&self.set)?;
        config.epochs = self.epochs.unwrap_or(config.epochs);
        config.batch_size = self.batch_size.unwrap_or(config.batch_size);
        config.batch_pieces = self.batch_pieces.unwrap_or(config.batch_pieces);
        config.learning_rate = self.lr.unwrap_or(config.learning_rate);
        config.warmup_steps = self.warmup_steps.unwrap_or(config.warmup_steps);
        config.max_steps = self.max_steps.unwrap_or(config.max_steps);
        config.max_length = self.max_length.unwrap_or(config.max_length);
        config.eval_every = self.eval_every.unwrap_or(config.eval_every);
        config.save_every = self.save_every.unwrap_or(config.save_every);
        config.cached_states = self.cache.is_some();
        config.precision = self.precision.resolve(device);
        config.check()?;
        Ok(config)
    }

    /// The backbone's folder.
    pub(crate) fn backbone(&self) -> PathBuf {
        self.backbone.clone().unwrap_or_else(default_backbone)
    }

    /// Loads the backbone for these settings, which share a precision.
    pub(crate) fn load(&self, opened: &Opened, checksums: &Checksums) -> Result<Shared> {
        let threads = use_threads(self.threads)?;
        let precision = opened
            .datasets
            .first()
            .map_or(Precision::Fp32, |(_, config)| config.precision);
        let why = match self.variant {
            Variant::Adapter => "",
            Variant::Backbone | Variant::Multitask => "which has no adapter",
            Variant::Random => "whose adapter keeps its initial values",
        };
        let variant = serde_json::to_value(self.variant)?;
        let variant = variant.as_str().unwrap_or_default();
        ensure!(
            why.is_empty() || self.adapter_weights.is_none(),
            "--adapter-weights is of no use with --variant {variant}, {why}"
        );
        ensure!(
            self.cache.is_none() || self.variant != Variant::Multitask,
            "--cache is of no use with --variant multitask, which changes the backbone with each step"
        );
        let start = self
            .adapter_weights
            .as_deref()
            .map(Start::new)
            .transpose()?;
        let dir = self.backbone();
        let backbone = Backbone::load(&dir, opened.device, precision.kind())?;
        let config = backbone.config();
        for (_, settings) in &opened.datasets {
            ensure!(
                settings.max_length <= config.max_length(),
                "max_length is {}, but the backbone reads at most {} pieces",
                settings.max_length,
                config.max_length()
            );
        }
        let identity = BackboneIdentity::new(&dir, config, checksums)?;
        opened.talk.say(&format!(
            "backbone  {} ({}, {} layers, width {}), {:?}, {precision:?}, {threads} threads",
            identity.name,
            identity.model_type,
            identity.layers,
            identity.hidden_size,
            opened.device
        ));
        Ok(Shared {
            backbone: Rc::new(backbone),
            identity,
            vocabulary: Vocabulary::load(&dir)?,
            dir,
            device: opened.device,
            start,
            cache: self.cache.clone(),
            threads,
            talk: opened.talk,
            stop: Stop::default(),
        })
    }
}

/// Sets the number of CPU threads, and gives it.
pub(crate) fn use_threads(threads: Option<usize>) -> Result<usize> {
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    ensure!(threads > 0, "--threads must be at least 1");
    tch::set_num_threads(threads as i32);
    Ok(threads)
}

/// Where `make backbone` puts the small backbone, unless the environment names another.
pub(crate) fn default_backbone() -> PathBuf {
    if let Some(dir) = env::var_os("KTRAIN_BACKBONE") {
        return dir.into();
    }
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    cache.join("ktrain/backbone/all-minilm-l6-v2")
}

/// SHA-256 by file name.
pub(crate) type Checksums = BTreeMap<String, String>;

/// SHA-256 of the backbone's files, by name.
pub(crate) fn checksums(dir: &Path) -> Result<Checksums> {
    let names = SETTINGS_FILES.iter();
    let mut paths: Vec<PathBuf> = names.map(|name| dir.join(name)).collect();
    // Loading the backbone says what is wrong where its weights cannot be found.
    if let Ok((first, shards)) = folder::files(dir) {
        paths.push(first);
        paths.extend(shards);
    }
    let mut all = BTreeMap::new();
    for path in paths.into_iter().filter(|path| path.is_file()) {
        let sha256 = sha256_file(&path).with_context(|| path.display().to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        all.insert(name.into_owned(), sha256);
    }
    Ok(all)
}
