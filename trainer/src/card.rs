//! The adapter's card: what it is, what it was trained on, how good it is.

use std::fmt::Write;

use kprep_schemas::{Dataset, thousands};

use crate::config::{Task, Variant};
use crate::identity::Identity;
use crate::log::in_words;
use crate::metrics;
use crate::run::Summary;

/// `README.md` of an adapter's folder.
pub fn render(dataset: &Dataset, identity: &Identity, summary: &Summary) -> String {
    let Identity {
        config,
        backbone,
        dataset: data,
        adapter_weights_sha256,
    } = identity;
    let what = match (config.variant, config.task) {
        (Variant::Adapter, Task::Relation) => "Factual knowledge adapter",
        (Variant::Adapter, Task::Heads) => "Linguistic knowledge adapter",
        (Variant::Backbone, Task::Relation) => "Relation head without an adapter",
        (Variant::Backbone, Task::Heads) => "Head-prediction head without an adapter",
    };
    let names = metrics::names(config.task);
    let mut card = format!(
        "---\nlibrary_name: ktrain\ntags:\n- adapter\n- k-adapter\n---\n\n# {what} on {}\n\n\
         {} trained parameters on a frozen {} of {} layers and width {}; the backbone's own weights\nare not in this folder.\n\n\
         | | |\n|---|---|\n",
        backbone.name,
        thousands(summary.parameters as u64),
        backbone.model_type,
        backbone.layers,
        backbone.hidden_size,
    );
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(card, "| {name} | {value} |"); // writing to a String cannot fail
    };
    for (split, scores) in [("validation", &summary.validation), ("test", &summary.test)] {
        if let Some(scores) = scores {
            let decisions = thousands(scores.decisions);
            row(
                split,
                &format!("{}, {decisions} decisions", in_words(&names, scores)),
            );
        }
    }
    row(
        "dataset",
        &format!("{} ({})", data.name, dataset.manifest.generator),
    );
    row(
        "dataset manifest SHA-256",
        &format!("`{}`", data.manifest_sha256),
    );
    row("backbone SHA-256", &format!("`{}`", backbone.sha256));
    if let Some(sha256) = adapter_weights_sha256 {
        row("started from weights, SHA-256", &format!("`{sha256}`"));
    }
    row("steps", &thousands(summary.steps));
    row("seed", &config.seed.to_string());
    if !dataset.manifest.class_names.is_empty() {
        row("relations", &dataset.manifest.class_names.len().to_string());
    }
    card += "\nEvery setting is in `adapter_config.json`, the course of the training in `training/metrics.jsonl` and\n\
             `training/curve.svg`. The architecture is that of K-Adapter (Wang et al., Findings of ACL 2021).\n";
    card
}
