//! The flags of training, and what they open: datasets, settings, backbone.

use std::path::PathBuf;

use crate::Error;
use crate::config::reference::Setting;
use crate::config::{Config, Objective, Task, Variant};
use crate::console::Console;
use crate::libtorch::device;
use crate::model::initial_weights::Start;
use crate::train::shared::Shared;
use anyhow::{Result, ensure};
use kprep_schemas::{Dataset, MANIFEST};
use tch::Device;

use crate::commands::computing::Computing;
use crate::commands::flags::{Advanced, BackboneFlag, Checksums, Flags, Recipe};
use crate::commands::scaling::Scaling;
use crate::commands::usage::Usage;

/// Settings that no `--set` and no `--sweep` changes, each with the flag that does.
pub(crate) const INSTEAD: [(&str, &str); 6] = [
    ("variant", "name it with --variant"),
    ("cached_states", "--cache says it"),
    ("objective", "the dataset's manifest names it"),
    ("benchmark", FINETUNE),
    ("adapters", FINETUNE),
    ("fusion", FINETUNE),
];
const FINETUNE: &str = "only fine-tuning uses it: set it with ktrain finetune";

/// The datasets, and what the adapters start from.
#[derive(clap::Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct Input {
    /// Folder with datasets of kprep, at any depth: an adapter is trained on each
    #[arg(long, value_name = "DIR", alias = "data")]
    shards: PathBuf,
    /// Only the datasets with these names
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    pub(crate) backbone: BackboneFlag,
}

/// What is trained, and how.
#[derive(clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct Settings {
    /// Model that is trained
    #[arg(long, value_enum, default_value_t = Variant::Adapter)]
    pub(crate) variant: Variant,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// Flags of training that are rarely used.
#[derive(clap::Args)]
#[command(next_help_heading = "Advanced")]
pub(crate) struct More {
    #[command(flatten)]
    pub(crate) advanced: Advanced,
    /// Folder for the backbone's hidden states of the training split: later passes and runs read
    /// them from there. The size is printed first
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Initial weights of the adapter: `adapter.safetensors` of a run, or `pytorch_model.bin` of a
    /// released adapter (with --preset released) [default: random]
    #[arg(long, value_name = "FILE")]
    adapter_weights: Option<PathBuf>,
}

/// All flags of a training.
#[derive(Clone, Copy)]
pub(crate) struct Training<'a> {
    pub(crate) input: &'a Input,
    pub(crate) settings: &'a Settings,
    pub(crate) computing: &'a Computing,
    pub(crate) more: &'a More,
    pub(crate) console: Console,
}

/// What the flags name, opened.
pub(crate) struct Opened {
    /// The datasets to train on, with their settings.
    pub(crate) datasets: Vec<(Dataset, Config)>,
    /// The names of all datasets below --shards, whatever --only chose.
    pub(crate) names: Vec<String>,
    /// Where tensors live.
    pub(crate) device: Device,
    /// The backbone that the adapters follow.
    pub(crate) scaling: Scaling,
}

impl Training<'_> {
    /// Opens the device and the datasets, and checks the settings.
    pub(crate) fn open(self) -> Result<Opened> {
        let device = device::open(&self.computing.device)?; // before anything else asks libtorch for CUDA
        let mut datasets = Vec::new();
        let (chosen, names) = self.input.datasets(self.console)?;
        let scaling = self.recipe().scaling(&self.input.backbone.dir())?;
        for (dataset, task) in chosen {
            let objective = Objective::of_dataset(&dataset, task)?;
            let config = self.config(task, objective, &scaling, device)?;
            datasets.push((dataset, config));
        }
        Ok(Opened {
            datasets,
            names,
            device,
            scaling,
        })
    }

    fn config(
        self,
        task: Task,
        objective: Objective,
        scaling: &Scaling,
        device: Device,
    ) -> Result<Config> {
        let Settings { variant, flags } = self.settings;
        let mut config = Config::of_objective(flags.preset, task, objective);
        config.variant = *variant;
        config.seed = flags.seed;
        config.cached_states = self.more.cache.is_some();
        self.recipe().config(config, &INSTEAD, scaling, device)
    }

    /// Loads the backbone for these settings, which share a precision.
    pub(crate) fn load(
        self,
        configs: &[&Config],
        device: Device,
        checksums: &Checksums,
    ) -> Result<Shared> {
        for config in configs {
            self.check_variant(config.variant)?;
        }
        let start = self
            .more
            .adapter_weights
            .as_deref()
            .map(Start::new)
            .transpose()?;
        let dir = self.input.backbone.dir();
        let recipe = self.recipe();
        let shared = recipe.load(&dir, configs, device, checksums, self.console)?;
        Ok(Shared {
            start,
            cache: self.more.cache.clone(),
            ..shared
        })
    }

    fn recipe(&self) -> Recipe<'_> {
        Recipe {
            flags: &self.settings.flags,
            computing: self.computing,
            advanced: &self.more.advanced,
        }
    }

    /// Refuses flags that mean nothing for a variant.
    fn check_variant(self, variant: Variant) -> Result<()> {
        let why = match variant {
            Variant::Adapter => "",
            Variant::Backbone | Variant::Multitask | Variant::Finetune => "which has no adapter",
            Variant::Random => "whose adapter keeps its initial values",
        };
        let name = serde_json::to_value(variant)?;
        let name = name.as_str().unwrap_or_default();
        ensure!(
            why.is_empty() || self.more.adapter_weights.is_none(),
            "--adapter-weights is of no use with --variant {name}, {why}"
        );
        ensure!(
            self.more.cache.is_none() || variant != Variant::Multitask,
            "--cache is of no use with --variant multitask, which changes the backbone with each step"
        );
        Ok(())
    }
}

/// Refuses settings that no run on these tasks would read.
pub(crate) fn check_used<'a>(
    flag: &str,
    keys: impl Iterator<Item = &'a str>,
    tasks: &[Task],
) -> Result<()> {
    let names = |tasks: &[Task]| {
        let mut names: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    };
    for setting in keys.filter_map(Setting::named) {
        let is_used = tasks.iter().any(|&task| setting.is_used_by(task));
        let (key, own) = (setting.name, names(setting.tasks));
        let message = || {
            Usage(format!(
                "{flag} {key}: a setting of {own}; what is trained here is {}",
                names(tasks)
            ))
        };
        ensure!(is_used, message());
    }
    Ok(())
}

/// Datasets with what is learnt from them.
type Chosen = Vec<(Dataset, Task)>;

impl Input {
    /// The chosen datasets that something can be trained on, and the names of all.
    fn datasets(&self, console: Console) -> Result<(Chosen, Vec<String>)> {
        let shards = &self.shards;
        ensure!(
            !shards.is_file(),
            "{}: a file, expected the folder of a dataset, with its {MANIFEST}, or one above several",
            shards.display()
        );
        let all = Dataset::find(shards).map_err(Error::from)?;
        let names = all.iter().map(|dataset| dataset.manifest.name.clone());
        let names: Vec<String> = names.collect();
        for only in &self.only {
            ensure!(
                names.contains(only) || names.is_empty(),
                "no dataset named {only} below {}; there are {}",
                shards.display(),
                names.join(", ")
            );
        }
        let mut chosen = Vec::new();
        for dataset in all {
            let name = &dataset.manifest.name;
            match Task::of_dataset(&dataset).filter(|task| task.is_knowledge()) {
                Some(task) if self.only.is_empty() || self.only.contains(name) => {
                    chosen.push((dataset, task));
                }
                None if self.only.is_empty() => console.say(&format!(
                    "{name}  holds {}: nothing to train on",
                    dataset.manifest.record
                )),
                Some(_) | None => {}
            }
        }
        if names.is_empty() {
            return Err(Error::NoDataset(shards.to_owned()).into());
        }
        ensure!(
            !chosen.is_empty(),
            "{}: nothing to train on: expected relations, dependencies, pairs, labels or links, as `kprep trex`, `kprep deps` and `kprep knowledge` write them",
            shards.display()
        );
        Ok((chosen, names))
    }
}
