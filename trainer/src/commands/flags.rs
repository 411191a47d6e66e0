//! The flags that commands share, in groups: the backbone, what is printed, what happens to earlier runs, and the
//! settings of a training.

use std::env;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::config::{Config, Preset};
use crate::console::{Console, printable_lines};
use crate::data::tokenizer::Vocabulary;
use crate::files::backbone_config::BackboneConfig;
pub(crate) use crate::files::checkpoint_folder::{Checksums, checksums};
use crate::files::identity::BackboneIdentity;
use crate::files::paths::Paths;
use crate::libtorch::device::Precision;
use crate::model::backbone::Backbone;
use crate::stop::Stop;
use crate::train::checkpoint_files;
use crate::train::shared::Shared;
use anyhow::{Result, ensure};
use kprep_report::counted;
use tch::Device;

use crate::commands::computing::Computing;
use crate::commands::print::print;
use crate::commands::scaling::{self, Scaling};
use crate::commands::usage::{Usage, usage};

/// The backbone.
#[derive(clap::Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct BackboneFlag {
    /// Folder of a Hugging Face checkpoint, the backbone
    /// [default: `$KTRAIN_BACKBONE`, else the one of `ktrain setup`]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
}

impl BackboneFlag {
    /// Its folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.backbone.clone().unwrap_or_else(default_backbone)
    }

    /// Its folder, and which one it is, for models that have no backbone of their own.
    pub(crate) fn identity(&self) -> crate::Result<(PathBuf, BackboneIdentity)> {
        let dir = self.dir();
        let config = BackboneConfig::read(&dir)?;
        let identity = BackboneIdentity::new(&dir, &config, &checksums(&dir)?)?;
        Ok((dir, identity))
    }
}

/// What is printed.
#[derive(clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Printing {
    /// Print the results as JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    quiet: Quiet,
}

impl Printing {
    /// Messages on standard error.
    pub(crate) fn console(&self) -> Console {
        self.quiet.console()
    }

    /// Prints a table of results on standard output or, where --json has that, on standard error.
    pub(crate) fn table(&self, text: &str) -> Result<()> {
        if self.json {
            self.console().say(text);
        } else {
            print(&printable_lines(&format!("{text}\n")))?;
        }
        Ok(())
    }
}

/// Whether there are messages.
#[derive(clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Quiet {
    /// Print errors only, no messages and no progress
    #[arg(long, short)]
    quiet: bool,
}

impl Quiet {
    /// Messages on standard error.
    pub(crate) fn console(&self) -> Console {
        Console { quiet: self.quiet }
    }
}

/// What happens to runs in the output folder.
#[derive(clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Existing {
    /// Continue unfinished runs from their last checkpoints, and keep finished ones
    #[arg(long)]
    pub(crate) resume: bool,
    /// Replace runs in the output folder
    #[arg(long, conflicts_with = "resume")]
    pub(crate) overwrite: bool,
}

/// What happens to a damaged checkpoint.
#[derive(clap::Args)]
#[command(next_help_heading = "Advanced")]
pub(crate) struct SkipDamaged {
    /// With --resume: if the last checkpoint is damaged, continue from the one before
    #[arg(long, requires = "resume")]
    skip_damaged: bool,
}

impl Existing {
    /// Makes a run's folder ready.
    pub(crate) fn prepare(
        &self,
        paths: &Paths,
        skip: &SkipDamaged,
        console: Console,
    ) -> Result<()> {
        paths.prepare(self.overwrite)?;
        if skip.skip_damaged
            && let Some(aside) = checkpoint_files::skip_damaged(&paths.checkpoints())?
        {
            console.say(&format!("skipping a checkpoint, now {}", aside.display()));
        }
        Ok(())
    }
}

/// The settings of a training. Those without a value keep the preset's.
#[derive(clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct Flags {
    /// Recipe that the settings follow; the table below lists its defaults, `ktrain settings` all
    #[arg(long, value_enum, default_value_t = Preset::Paper)]
    pub(crate) preset: Preset,
    /// Passes over the training split [default: see below]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<u64>,
    /// Examples a step [default: see below]
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,
    /// Most tokens a step, padding included, instead of a number of examples. Batches hold
    /// examples of similar length, almost without padding
    #[arg(long, value_name = "TOKENS", conflicts_with = "batch_size")]
    batch_tokens: Option<usize>,
    /// Peak learning rate [default: see below]
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// Steps of linear warm-up; then the rate falls linearly to 0 [default: see below]
    #[arg(long, value_name = "STEPS")]
    warmup_steps: Option<u64>,
    /// Stop after this number of steps [default: no limit]
    #[arg(long, value_name = "STEPS")]
    max_steps: Option<u64>,
    /// Longest input in tokens [default: see below]
    #[arg(long, value_name = "TOKENS")]
    max_length: Option<usize>,
    /// Seed of the initial values, the order of the data and the dropout
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
}

/// Settings that are rarely changed.
#[derive(clap::Args)]
#[command(next_help_heading = "Advanced")]
pub(crate) struct Advanced {
    /// Steps between validations [default: one after each epoch]
    #[arg(long, value_name = "STEPS")]
    eval_every: Option<u64>,
    /// Steps between checkpoints [default: one after each validation]
    #[arg(long, value_name = "STEPS")]
    save_every: Option<u64>,
    /// Any other setting by its name; may be repeated. `ktrain settings` lists them
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Advanced {
    /// The settings that --set names.
    pub(crate) fn set_keys(&self) -> impl Iterator<Item = &str> {
        let names = self.set.iter().filter_map(|set| set.split_once('='));
        names.map(|(name, _)| name)
    }
}

/// All flags that the settings of a training come from.
#[derive(Clone, Copy)]
pub(crate) struct Recipe<'a> {
    pub(crate) flags: &'a Flags,
    pub(crate) computing: &'a Computing,
    pub(crate) advanced: &'a Advanced,
}

impl Recipe<'_> {
    /// A preset with what the flags change, and what follows from the backbone. `instead` are more settings that no
    /// `--set` may change, each with what does.
    pub(crate) fn config(
        self,
        mut config: Config,
        instead: &[(&str, &str)],
        scaling: &Scaling,
        device: Device,
    ) -> Result<Config> {
        let always = [
            ("task", "the dataset says it"),
            ("preset", "name it with --preset"),
            ("precision", "name it with --precision"),
        ];
        let (flags, advanced) = (self.flags, self.advanced);
        for (key, instead) in always.iter().chain(instead) {
            let is_set = advanced.set_keys().any(|name| name == *key);
            ensure!(!is_set, Usage(format!("--set {key}: {instead}")));
        }
        config = config.with_all(&advanced.set).map_err(usage)?;
        config = scaling.apply(config, &[]);
        config.epochs = flags.epochs.unwrap_or(config.epochs);
        config.batch_size = flags.batch_size.unwrap_or(config.batch_size);
        config.batch_tokens = flags.batch_tokens.unwrap_or(config.batch_tokens);
        config.learning_rate = flags.lr.unwrap_or(config.learning_rate);
        config.warmup_steps = flags.warmup_steps.unwrap_or(config.warmup_steps);
        config.max_steps = flags.max_steps.unwrap_or(config.max_steps);
        config.max_length = flags.max_length.unwrap_or(config.max_length);
        config.eval_every = advanced.eval_every.unwrap_or(config.eval_every);
        config.save_every = advanced.save_every.unwrap_or(config.save_every);
        config.precision = self.computing.precision.resolve(device);
        config.check().map_err(usage)?;
        Ok(config)
    }

    /// The backbone in a folder, and the settings that do not follow from it.
    pub(crate) fn scaling(self, backbone: &Path) -> Result<Scaling> {
        Ok(Scaling::new(
            self.flags.preset,
            &self.advanced.set,
            backbone,
        )?)
    }

    /// Loads the backbone in a folder for runs with these settings, which share a precision.
    pub(crate) fn load(
        self,
        dir: &Path,
        configs: &[&Config],
        device: Device,
        checksums: &Checksums,
        console: Console,
    ) -> Result<Shared> {
        let threads = self.computing.threads()?;
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
        console.say(&format!(
            "backbone  {} ({}, {} layers, width {}), {device:?}, {}, {}",
            identity.name,
            identity.model_type,
            identity.layers,
            identity.hidden_size,
            self.computing.precision.in_words(device),
            counted(threads as u64, "thread"),
        ));
        let adapter = configs.first();
        if let Some(line) = adapter.and_then(|one| scaling::in_words(one, identity.layers)) {
            console.say(&line);
        }
        Ok(Shared {
            backbone: Rc::new(backbone),
            identity,
            vocabulary: Vocabulary::load(dir)?,
            dir: dir.to_owned(),
            device,
            start: None,
            cache: None,
            threads,
            console,
            stop: Stop::default(),
        })
    }
}

/// Where `ktrain setup` and `make backbone` put the small backbone, unless the environment names another.
fn default_backbone() -> PathBuf {
    if let Some(dir) = env::var_os("KTRAIN_BACKBONE") {
        return dir.into();
    }
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    cache.join("ktrain/backbone/all-minilm-l6-v2")
}
