//! The flags of pre-training, and what they open: datasets, settings, backbone.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::config::{Config, Task, Variant};
use crate::libtorch::device;
use crate::model::initial_weights::Start;
use crate::report::console::Talk;
use crate::train::shared::Shared;
use anyhow::{Result, bail, ensure};
use kprep_schemas::Dataset;
use tch::Device;

use crate::commands::flags::{Checksums, Flags, named};

/// What is learnt, and of what.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// Folder with datasets, at any depth
    #[arg(long, value_name = "DIR", required = true)]
    shards: Option<PathBuf>,
    /// Only the dataset of this name
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
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
    #[command(flatten)]
    pub(crate) flags: Flags,
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
        let device = device::open(&self.flags.device)?; // before anything else asks libtorch for CUDA
        let talk = Talk {
            quiet: self.flags.quiet,
        };
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
            match Task::of_dataset(&dataset).filter(|task| task.is_knowledge()) {
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

    fn config(&self, task: Task, device: Device) -> crate::Result<Config> {
        let instead = [
            ("variant", "name it with --variant"),
            ("cached_states", "--cache says it"),
        ];
        let mut config = Config::preset(self.flags.preset, task);
        config.variant = self.variant;
        config.seed = self.flags.seed;
        config.cached_states = self.cache.is_some();
        self.flags.config(config, &instead, device)
    }

    /// Loads the backbone for these settings, which share a precision.
    pub(crate) fn load(&self, opened: &Opened, checksums: &Checksums) -> Result<Shared> {
        let why = match self.variant {
            Variant::Adapter => "",
            Variant::Backbone | Variant::Multitask | Variant::Finetune => "which has no adapter",
            Variant::Random => "whose adapter keeps its initial values",
        };
        let variant = serde_json::to_value(self.variant)?;
        let variant = variant.as_str().unwrap_or_default();
        ensure!(
            self.variant != Variant::Finetune,
            "--variant finetune is what ktrain finetune does: see ktrain finetune --help"
        );
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
        let configs: Vec<&Config> = opened.datasets.iter().map(|(_, config)| config).collect();
        let dir = self.flags.backbone();
        let shared = self.flags.load(&dir, &configs, opened.device, checksums)?;
        Ok(Shared {
            start,
            cache: self.cache.clone(),
            ..shared
        })
    }
}
