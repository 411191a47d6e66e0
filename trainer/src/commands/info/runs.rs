//! What a run, or the folder above several, holds.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::commands::info::weights::{count, tensors};
use crate::config::{Objective, Variant};
use crate::files::adapter_config::AdapterConfig;
use crate::files::checkpoint_folder;
use crate::files::paths::Paths;

/// What the folder above several runs has.
pub(super) const TABLE: &str = "rows.json";

/// An adapter, or a backbone, that this program trained.
pub(super) fn trained(dir: &Path) -> Result<Value> {
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

/// The folder above the runs of a sweep.
pub(super) fn table(dir: &Path) -> Result<Value> {
    let path = dir.join(TABLE);
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
