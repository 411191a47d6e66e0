//! `ktrain info`: an adapter, a backbone, a preset or a device in numbers.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::config::{BackboneShape, Config, Objective, Preset, Task, Variant};
use crate::files::adapter_config::{self, AdapterConfig};
use crate::files::backbone_config::BackboneConfig;
use crate::files::checkpoint_folder;
use crate::files::header::Shapes;
use crate::files::paths::Paths;
use crate::libtorch::device::{self, Precision};
use crate::libtorch::processor;
use crate::tasks::size::Size;
use anyhow::{Context, Result, anyhow, ensure};
use kprep_schemas::{Dataset, MANIFEST, Split, is_dataset, printable, thousands};
use serde_json::{Value, json};

use crate::commands::print::print;
use crate::commands::scaling::Scaling;
use crate::commands::usage::usage;

/// What the folder above several runs has.
const ROWS: &str = "rows.json";

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
        (Some(path), None) if adapter_config::is_in(path) => trained(path)?,
        (Some(path), None) if is_dataset(path) => dataset(path)?,
        (Some(path), None) if path.join(ROWS).is_file() => runs(path)?,
        (Some(path), None) if path.is_file() => tensors(&checkpoint_folder::shapes_of_file(path)?),
        (Some(path), None) => {
            let found = checkpoint_folder::shapes(path).map_err(|error| match error {
                Error::NoBackbone { .. } => anyhow!(nothing(path)),
                other => other.into(),
            })?;
            // The released adapters are in one folder with their backbone's config.json, so names decide.
            if found.keys().any(|name| name.starts_with("adapter.")) {
                tensors(&found)
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

/// An adapter, or a backbone, that this program trained.
fn trained(dir: &Path) -> Result<Value> {
    let paths = Paths {
        dir: dir.to_owned(),
    };
    let path = paths.adapter_config();
    let in_file = || path.display().to_string();
    let bytes = fs::read(&path).with_context(in_file)?;
    let config: Value = serde_json::from_slice(&bytes).with_context(in_file)?;
    let own = [Variant::Multitask, Variant::Finetune].map(|variant| json!(variant));
    let mut facts = if own.contains(&config["config"]["variant"]) {
        let backbone = checkpoint_folder::shapes(&paths.backbone())?;
        let heads = checkpoint_folder::shapes_of_file(&paths.heads())?;
        json!({
            "what": if config["config"]["variant"] == own[0] { "trained backbone" } else { "fine-tuned model" },
            "tensors": backbone.len() + heads.len(),
            "parameters": count(&backbone, "") + count(&heads, ""),
            "of_the_backbone": count(&backbone, ""),
            "of_the_prediction_heads": count(&heads, "") - count(&heads, "fusion."),
            "of_the_fusion": count(&heads, "fusion."),
        })
    } else {
        let mut facts = tensors(&checkpoint_folder::shapes_of_file(&paths.adapter())?);
        facts["what"] = "trained adapter".into();
        facts
    };
    for (name, at) in [
        ("task", "/config/task"),
        ("second_task", "/second/config/task"),
        ("objective", "/config/objective"),
        ("preset", "/config/preset"),
        ("variant", "/config/variant"),
        ("backbone", "/backbone/name"),
        ("backbone_width", "/backbone/hidden_size"),
        ("backbone_layers", "/backbone/layers"),
        ("reads_hidden_states", "/plug_points"),
        ("benchmark", "/config/benchmark"),
        ("frozen_adapters", "/config/adapters"),
        ("dataset", "/dataset/name"),
        ("second_dataset", "/second/dataset/name"),
    ] {
        let none = [json!([]), Value::Null, json!(Objective::KAdapter)];
        let value = config.pointer(at).filter(|value| !none.contains(value));
        if let Some(value) = value {
            facts[name] = value.clone();
        }
    }
    let scores = AdapterConfig::read(dir)?.scores.unwrap_or_default();
    for (split, scores) in scores.test_first() {
        let Some(scores) = scores else { continue };
        let official = scores.official.iter();
        let official = official.map(|one| (one.name.as_str(), one.score));
        let always = [("accuracy", scores.accuracy), ("baseline", scores.baseline)];
        for (name, score) in official.chain(always) {
            facts[format!("{split}_{name}")] = score.into();
        }
    }
    Ok(facts)
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

/// The folder above the runs of a sweep.
fn runs(dir: &Path) -> Result<Value> {
    let path = dir.join(ROWS);
    let in_file = || path.display().to_string();
    let bytes = fs::read(&path).with_context(in_file)?;
    let table: Value = serde_json::from_slice(&bytes).with_context(in_file)?;
    let rows = table["rows"].as_array().map_or(&[][..], Vec::as_slice);
    let runs = rows.iter().filter_map(|row| row["runs"].as_array());
    let mut facts = json!({
        "what": "table of runs",
        "dataset": table["dataset"],
        "ranked_by": table["ranked_by"],
        "runs": runs.map(Vec::len).sum::<usize>(),
        "rows": rows.iter().map(|row| &row["name"]).collect::<Vec<_>>(),
        "table": dir.join("README.md"),
    });
    for name in ["benchmark", "best"] {
        if let Some(value) = table.get(name).filter(|value| !value.is_null()) {
            facts[name] = value.clone();
        }
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
        [adapter_config::FILE, MANIFEST, ROWS].into_iter().any(has)
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
         runs ({ROWS}){advice}"
    )
}

/// The counts of an adapter's weights.
fn tensors(found: &Shapes) -> Value {
    let adapter = count(found, "adapter.");
    json!({
        "what": "weights",
        "tensors": found.len(),
        "parameters": count(found, ""),
        "transformer_layers": count(found, "encoder.layer."),
        "adapter": adapter,
        "other": count(found, "") - adapter,
    })
}

fn count(found: &Shapes, part: &str) -> i64 {
    let parts = found.iter().filter(|(name, _)| name.contains(part));
    parts.map(|(_, shape)| shape.iter().product::<i64>()).sum()
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
