//! The flags that every command shares which trains: the backbone, the preset and what changes it.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread;

use crate::Error;
use crate::config::{Config, Preset};
use crate::data::tokenizer::Vocabulary;
use crate::files::checkpoint_folder;
use crate::libtorch::device::Precision;
use crate::model::backbone::Backbone;
use crate::report::console::Talk;
use crate::train::identity::BackboneIdentity;
use crate::train::shared::{SETTINGS_FILES, Shared};
use crate::train::stop::Stop;
use anyhow::{Context, Result, ensure};
use kprep_schemas::sha256_file;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use tch::Device;

/// Those without a default keep the preset's value.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Folder of a Hugging Face checkpoint [default: `$KTRAIN_BACKBONE`, else what `make backbone` fetched]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
    /// Whose recipe the settings follow: paper or released
    #[arg(long, default_value = "paper", value_parser = named::<Preset>)]
    pub(crate) preset: Preset,
    /// Passes over the training split
    #[arg(long)]
    pub(crate) epochs: Option<u64>,
    /// Examples a step
    #[arg(long)]
    batch_size: Option<usize>,
    /// Most tokens a step, pads included, instead of a number of examples: similar lengths fill a
    /// batch, so that there are almost no pads
    #[arg(long, value_name = "TOKENS", conflicts_with = "batch_size")]
    batch_tokens: Option<usize>,
    /// Highest learning rate
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// Steps over which the learning rate rises
    #[arg(long, value_name = "STEPS")]
    warmup_steps: Option<u64>,
    /// Stop after so many steps
    #[arg(long, value_name = "STEPS")]
    max_steps: Option<u64>,
    /// Longest input in tokens
    #[arg(long, value_name = "TOKENS")]
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
    /// Of the frozen backbone and the matrix products: auto (bf16 where the hardware is faster in it, else fp32), fp32 or bf16
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

impl Flags {
    /// A preset with what the flags change. `instead` are more settings that no `--set` may change, each with
    /// what does.
    pub(crate) fn config(
        &self,
        mut config: Config,
        instead: &[(&str, &str)],
        device: Device,
    ) -> crate::Result<Config> {
        let always = [
            ("task", "the dataset says it"),
            ("preset", "name it with --preset"),
            ("precision", "name it with --precision"),
        ];
        for (key, instead) in always.iter().chain(instead) {
            let named = |set: &String| set.split_once('=').is_some_and(|(name, _)| name == *key);
            if self.set.iter().any(named) {
                return Err(Error::Config(format!("--set {key}: {instead}")));
            }
        }
        config = config.with_all(&self.set)?;
        config.epochs = self.epochs.unwrap_or(config.epochs);
        config.batch_size = self.batch_size.unwrap_or(config.batch_size);
        config.batch_tokens = self.batch_tokens.unwrap_or(config.batch_tokens);
        config.learning_rate = self.lr.unwrap_or(config.learning_rate);
        config.warmup_steps = self.warmup_steps.unwrap_or(config.warmup_steps);
        config.max_steps = self.max_steps.unwrap_or(config.max_steps);
        config.max_length = self.max_length.unwrap_or(config.max_length);
        config.eval_every = self.eval_every.unwrap_or(config.eval_every);
        config.save_every = self.save_every.unwrap_or(config.save_every);
        config.precision = self.precision.resolve(device);
        config.check()?;
        Ok(config)
    }

    /// Loads the backbone in a folder for runs with these settings, which share a precision.
    pub(crate) fn load(
        &self,
        dir: &Path,
        configs: &[&Config],
        device: Device,
        checksums: &Checksums,
    ) -> Result<Shared> {
        let threads = use_threads(self.threads)?;
        let precision = configs
            .first()
            .map_or(Precision::Fp32, |config| config.precision);
        let backbone = Backbone::load(dir, device, precision.kind())?;
        let shape = backbone.config();
        for config in configs {
            ensure!(
                config.max_length <= shape.max_length(),
                "max_length is {}, but the backbone reads at most {} tokens",
                config.max_length,
                shape.max_length()
            );
            config.check_plug_points(shape.num_hidden_layers)?;
        }
        let identity = BackboneIdentity::new(dir, shape, checksums)?;
        let talk = Talk { quiet: self.quiet };
        talk.say(&format!(
            "backbone  {} ({}, {} layers, width {}), {device:?}, {}, {threads} threads",
            identity.name,
            identity.model_type,
            identity.layers,
            identity.hidden_size,
            self.precision.in_words(device),
        ));
        Ok(Shared {
            backbone: Rc::new(backbone),
            identity,
            vocabulary: Vocabulary::load(dir)?,
            dir: dir.to_owned(),
            device,
            start: None,
            cache: None,
            threads,
            talk,
            stop: Stop::default(),
        })
    }

    /// The backbone's folder.
    pub(crate) fn backbone(&self) -> PathBuf {
        self.backbone.clone().unwrap_or_else(default_backbone)
    }
}

/// A value by its name in `config.json`.
pub(crate) fn named<T: for<'a> Deserialize<'a>>(name: &str) -> std::result::Result<T, ValueError> {
    let name: StrDeserializer<'_, ValueError> = name.into_deserializer();
    T::deserialize(name)
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
    if let Ok((first, shards)) = checkpoint_folder::files(dir) {
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
