//! `ktrain import-adapter`: an adapter from K-Adapter's release, as a folder that every command takes.

use std::path::PathBuf;

use crate::config::{Config, Preset, Task};
use crate::files::adapter_shapes::{AdapterShape, Head};
use crate::files::backbone_config::BackboneConfig;
use crate::files::class_names;
use crate::files::identity::{BackboneIdentity, DatasetIdentity, Identity};
use crate::files::paths::Paths;
use crate::libtorch::device::Precision;
use crate::model::adapter;
use crate::model::initial_weights::Start;
use crate::train::imported;
use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::thousands;
use serde_json::json;

use crate::commands::flags::{BackboneFlag, Printing, checksums};
use crate::commands::print::print;
use crate::commands::usage::{Usage, usage};

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `pytorch_model.bin` of a released adapter, or adapter.safetensors
    #[arg(help_heading = "Input")]
    file: PathBuf,
    /// Recipe of the adapter [default: the one that the shapes have]
    #[arg(long, value_enum, help_heading = "Input")]
    preset: Option<Preset>,
    /// Task of its training [default: that of the prediction head in the file]
    #[arg(long, value_enum, help_heading = "Input")]
    task: Option<Task>,
    /// Names of the relations in label order: `utils_glue.py` of the release, a JSON list or
    /// object, or a name a line
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// Folder for the adapter
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    /// Replace an adapter in the output folder
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    #[command(flatten)]
    printing: Printing,
    /// Any other setting by its name; may be repeated. `ktrain settings` lists them
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Advanced")]
    set: Vec<String>,
}

/// Imports.
pub(crate) fn run(args: &Args) -> Result<()> {
    let paths = Paths {
        dir: args.out.clone(),
    };
    let _claim = paths.claim(false, args.overwrite)?; // to the end of the command
    let start = Start::new(&args.file)?;
    let shapes = start.tensors().iter();
    let shapes = shapes
        .map(|(name, tensor)| (name.clone(), tensor.size()))
        .collect();
    let shape = AdapterShape::new(&args.file, &shapes)?;
    let config = args.config(&shape)?;
    let backbone = args.backbone(&config, &shape)?;
    start.check(&adapter::specs(&config, backbone.hidden_size))?;
    let class_names = args.class_names(shape.head)?;
    let name = args.out.file_name().unwrap_or_default().to_string_lossy();
    let identity = Identity {
        config,
        backbone,
        dataset: DatasetIdentity {
            name: name.into_owned(),
            manifest_sha256: String::new(), // what it was trained on is not known
        },
        second: None,
        adapter_weights_sha256: Some(start.sha256.clone()),
        adapters: Vec::new(),
    };
    imported::write(&paths, args.overwrite, &identity, &class_names, &start)?;
    report(args, &identity, &class_names)
}

impl Args {
    /// The settings: those of the preset, with what the shapes say and what --set changes.
    fn config(&self, shape: &AdapterShape) -> Result<Config> {
        for (key, instead) in [
            ("task", "name it with --task"),
            ("preset", "name it with --preset"),
            ("variant", "an adapter is imported"),
            ("adapter_fuse", "the shapes say it"),
        ] {
            let named = |set: &String| set.split_once('=').is_some_and(|(name, _)| name == key);
            let is_set = self.set.iter().any(named);
            ensure!(!is_set, Usage(format!("--set {key}: {instead}")));
        }
        let (file, found) = (self.file.display(), shape.preset());
        let name = json!(found);
        let name = name.as_str().unwrap_or_default();
        ensure!(
            self.preset.is_none_or(|preset| preset == found),
            "{file}: its adapter layers have the shapes of the other preset: give --preset {name}"
        );
        let task = self.task.or(shape.head.map(Head::task)).with_context(|| {
            format!("{file}: no head in it, which would say what the adapter was trained on: give --task relation or dependency")
        })?;
        let mut config = shape.settings(Config::preset(found, task));
        config.precision = Precision::Fp32;
        let config = config.with_all(&self.set).map_err(usage)?;
        config.check().map_err(usage)?;
        Ok(config)
    }

    /// The backbone, which must fit.
    fn backbone(&self, config: &Config, shape: &AdapterShape) -> Result<BackboneIdentity> {
        let dir = self.backbone.dir();
        let backbone = BackboneConfig::read(&dir)?;
        ensure!(
            backbone.hidden_size == shape.backbone_width,
            "{}: the adapter is for a backbone of width {}, and {} has width {}: name the right one with --backbone \
             (the released adapters are for roberta-large)",
            self.file.display(),
            shape.backbone_width,
            dir.display(),
            backbone.hidden_size
        );
        config.check_plug_points(backbone.num_hidden_layers)?;
        ensure!(
            config.max_length <= backbone.max_length(),
            "max_length is {}, but the backbone reads at most {} tokens",
            config.max_length,
            backbone.max_length()
        );
        Ok(BackboneIdentity::new(&dir, &backbone, &checksums(&dir)?)?)
    }

    /// The names of the relations, none without --labels.
    fn class_names(&self, head: Option<Head>) -> Result<Vec<String>> {
        match (&self.labels, head) {
            (None, _) => Ok(Vec::new()),
            (Some(labels), Some(Head::Relation { classes, .. })) => {
                Ok(class_names::read(labels, classes)?)
            }
            (Some(labels), _) => bail!(
                "--labels {}: {} has no head for relations, whose names these would be",
                labels.display(),
                self.file.display()
            ),
        }
    }
}

/// Says what it is, and what of it was assumed.
fn report(args: &Args, identity: &Identity, class_names: &[String]) -> Result<()> {
    let (config, backbone, console) = (
        &identity.config,
        &identity.backbone,
        args.printing.console(),
    );
    let preset = json!(config.preset);
    let points = config.plug_points(backbone.layers);
    console.say(&format!(
        "{}  {}, preset {} by its shapes: {} adapter layers of {} transformer layers, width {}",
        args.file.display(),
        imported::what(config.task),
        preset.as_str().unwrap_or_default(),
        config.adapter_layers,
        config.adapter_transformer_layers,
        config.adapter_hidden_size,
    ));
    let pads = config
        .pads_to()
        .map(|length| format!(", inputs padded to {length} tokens (max_length)"));
    console.say(&format!(
        "no shape says these, which are the preset's unless --set changes them: hidden states {points:?} (adapter_plug), \
         {} attention heads (adapter_attention_heads){}",
        config.adapter_attention_heads,
        pads.unwrap_or_default()
    ));
    if class_names.is_empty() && config.task == Task::Relation {
        console.say("without names of the relations, which --labels would give");
    } else if !class_names.is_empty() {
        console.say(&format!(
            "{} relations",
            thousands(class_names.len() as u64)
        ));
    }
    console.say(&format!("adapter in {}", args.out.display()));
    if args.printing.json {
        let summary = json!({
            "out": args.out, "task": config.task, "preset": config.preset, "backbone": backbone.name,
            "plug_points": points, "pads_to": config.pads_to(), "class_names": class_names.len(),
        });
        print(&format!("{summary}\n"))?;
    }
    Ok(())
}
