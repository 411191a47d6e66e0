//! `ktrain info`: an adapter, a backbone, a preset or a device in numbers.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::config::{BackboneShape, Config, Preset, Task};
use crate::files::adapter_config;
use crate::files::backbone_config::BackboneConfig;
use crate::files::checkpoint_folder;
use crate::libtorch::device::{self, Precision};
use crate::libtorch::processor;
use crate::tasks::size::Size;
use anyhow::{Result, anyhow, ensure};
use kprep_schemas::{Dataset, MANIFEST, Split, is_dataset, printable, thousands};
use serde_json::{Value, json};

use crate::commands::print::print;
use crate::commands::scaling::Scaling;
use crate::commands::usage::usage;

mod runs;
mod weights;

/// The flags. The defaults are the shape of RoBERTa-large and the paper's relations.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of an adapter, a backbone, a dataset or a table of runs, or a file of weights
    #[arg(help_heading = "Input")]
    path: Option<PathBuf>,
    /// Recipe of the adapter [default: scaled to the folder of a backbone, else paper]
    #[arg(long, value_enum, help_heading = "Input")]
    preset: Option<Preset>,
    /// Hidden size of the backbone, if no folder defines it
    #[arg(long, value_name = "N", default_value_t = 1024, help_heading = "Input")]
    width: i64,
    /// Transformer layers of the backbone, if no folder defines them
    #[arg(long, value_name = "N", default_value_t = 24, help_heading = "Input")]
    layers: usize,
    /// Number of relation classes
    #[arg(long, value_name = "N", default_value_t = 430, help_heading = "Input")]
    relations: i64,
    /// Describe a device instead, and the precision that --precision auto has there: cpu, cuda or
    /// cuda:N
    #[arg(
        long,
        value_name = "DEVICE",
        num_args = 0..=1,
        default_missing_value = "cpu",
        conflicts_with = "path",
        help_heading = "Input"
    )]
    device: Option<String>,
    /// Print the results as JSON on standard output
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Any other setting by its name; may be repeated. `ktrain settings` lists them
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Advanced")]
    set: Vec<String>,
}

impl Args {
    /// The backbone that the flags define, with heads as wide as most have.
    fn shape(&self) -> BackboneShape {
        BackboneShape {
            hidden_size: self.width,
            attention_heads: (self.width / 64).max(1),
            layers: self.layers,
        }
    }
}

/// Prints it.
pub(crate) fn run(args: &Args) -> Result<()> {
    let facts = match (&args.path, &args.device) {
        (_, Some(name)) => on_device(name)?,
        (None, None) => adapter_on(args, args.preset.unwrap_or(Preset::Paper), args.shape())?,
        (Some(path), None) if adapter_config::is_in(path) => runs::trained(path)?,
        (Some(path), None) if is_dataset(path) => dataset(path)?,
        (Some(path), None) if path.join(runs::TABLE).is_file() => runs::table(path)?,
        (Some(path), None) if path.is_file() => {
            weights::tensors(&checkpoint_folder::shapes_of_file(path)?)
        }
        (Some(path), None) => {
            let found = checkpoint_folder::shapes(path).map_err(|error| match error {
                Error::NoBackbone { .. } => anyhow!(nothing(path)),
                other => other.into(),
            })?;
            // The released adapters are in one folder with their backbone's config.json, so names decide.
            if found.keys().any(|name| name.starts_with("adapter.")) {
                weights::tensors(&found)
            } else {
                backbone(args, path)?
            }
        }
    };
    let text = if args.json {
        format!("{facts}\n")
    } else {
        table(&facts)
    };
    print(&text)?;
    Ok(())
}

/// What a device can, and how it computes.
fn on_device(name: &str) -> Result<Value> {
    let device = device::open(name)?;
    Ok(json!({
        "what": "device",
        "device": name,
        "processor_features": processor::features(),
        "libtorch_kernels": processor::capability(),
        "bf16_products": device::bf16_products(device),
        "auto": Precision::Auto.in_words(device),
    }))
}

/// An adapter that is still to be trained.
fn adapter_on(args: &Args, preset: Preset, shape: BackboneShape) -> Result<Value> {
    let (width, layers) = (shape.hidden_size, shape.layers);
    let scaling = Scaling::to(shape, &args.set);
    let settings = |task| {
        let config = Config::preset(preset, task).with_all(&args.set)?;
        let config = scaling.apply(config, &[]);
        config.check().map(|()| config)
    };
    let (relation, words) = (
        settings(Task::Relation).map_err(usage)?,
        settings(Task::Dependency).map_err(usage)?,
    );
    ensure!(
        width > 0 && layers > 0 && args.relations > 0,
        "width, layers and relations must be at least 1"
    );
    relation.check_plug_points(layers)?;
    let size = Size::new(&relation, &words, width, args.relations);
    Ok(json!({
        "what": "adapter settings",
        "preset": preset,
        "backbone_width": width,
        "backbone_layers": layers,
        "reads_hidden_states": relation.plug_points(layers),
        "transformer_layers": size.transformer_layers,
        "adapter": size.adapter,
        "relations": args.relations,
        "relation_head": size.relation_head,
        "parser_head": size.parser,
    }))
}

/// A backbone, and the adapter that the settings put on it.
fn backbone(args: &Args, dir: &Path) -> Result<Value> {
    let config = BackboneConfig::read(dir)?;
    Ok(json!({
        "what": "backbone",
        "model_type": config.model_type,
        "tokens": config.vocab_size,
        "longest_input": config.max_length(),
        "parameters": config.parameters(),
        "with_adapter": adapter_on(args, args.preset.unwrap_or(Preset::Scaled), config.shape())?,
    }))
}

/// A dataset of kprep.
fn dataset(dir: &Path) -> Result<Value> {
    let dataset = Dataset::open(dir)?;
    let task = Task::of_dataset(&dataset).map(Task::name);
    let manifest = &dataset.manifest;
    let rows =
        Split::ALL.map(|split| (split.name().to_owned(), json!(manifest.rows(split.name()))));
    let mut facts = json!({
        "what": "dataset",
        "name": manifest.name,
        "record": manifest.record,
        "task": task.unwrap_or("none of ktrain's"),
        "classes": manifest.class_names.len(),
        "rows": Value::Object(rows.into_iter().collect()),
    });
    if let Some(objective) = &manifest.objective {
        facts["objective"] = objective.as_str().into();
    }
    Ok(facts)
}

/// Why a path is none of all that can be described.
fn nothing(path: &Path) -> String {
    let shown = path.display();
    if !path.exists() {
        return format!("{shown}: no such file or folder");
    }
    if path.join("training").is_dir() {
        return format!(
            "{shown}: an unfinished run: the command that started it continues it with --resume"
        );
    }
    let folders = fs::read_dir(path).into_iter().flatten().flatten();
    let known = folders.filter(|folder| {
        let has = |file: &str| folder.path().join(file).is_file();
        [adapter_config::FILE, MANIFEST, runs::TABLE]
            .into_iter()
            .any(has)
    });
    let mut known: Vec<String> = known
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect();
    known.sort();
    let advice = if known.is_empty() {
        String::new()
    } else {
        format!("; in it there are {}", known.join(", "))
    };
    format!(
        "{shown} holds no adapter and no backbone (config.json and weights), no dataset ({MANIFEST}) and no table of \
         runs ({}){advice}",
        runs::TABLE
    )
}

/// One line a fact.
fn table(facts: &Value) -> String {
    let mut text = String::new();
    for (name, value) in facts.as_object().into_iter().flatten() {
        let shown = match value {
            Value::Object(_) => {
                text += "\n";
                text += &table(value);
                continue;
            }
            Value::Number(number) => match number.as_f64() {
                Some(share) if number.is_f64() => format!("{share:.4}"),
                _ => number.as_u64().map_or(number.to_string(), thousands),
            },
            Value::Array(all) => all
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect::<Vec<_>>()
                .join(", "),
            Value::String(string) => printable(string).into_owned(),
            other => other.to_string(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<20} {shown:>14}", name.replace('_', " "));
    }
    text
}
