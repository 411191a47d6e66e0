//! The adapter's card: what it is, what it was trained on, how good it is.

use std::fmt::Write;
use std::iter;

use kprep_schemas::{Dataset, thousands};

use crate::config::{Config, Variant};
use crate::model::encoder;
use crate::model::params::Spec;
use crate::report::comparison::{Comparison, Row};
use crate::report::metrics_log::in_words;
use crate::train::identity::{Identity, Second};
use crate::train::paths::all_of;
use crate::train::summary::Summary;

/// `README.md` of an adapter's folder.
pub fn render(dataset: &Dataset, identity: &Identity, summary: &Summary) -> String {
    let Identity {
        config, backbone, ..
    } = identity;
    let what = what(config);
    let own = config.variant.trains_backbone();
    let mut card = format!(
        "---\nlibrary_name: ktrain\ntags:\n- adapter\n- k-adapter\n---\n\n# {what} on {}\n\n\
         {} trained parameters {} {} of {} layers and width {}{}.\n\n\
         {}| | |\n|---|---|\n",
        backbone.name,
        thousands(summary.parameters as u64),
        if own { "of a" } else { "on a frozen" },
        backbone.model_type,
        backbone.layers,
        backbone.hidden_size,
        if own {
            " and its heads. The folder `backbone` is a checkpoint\nthat Hugging Face's libraries and `--backbone` read; it knows what it was trained on, and has\nforgotten some of what it knew"
        } else {
            "; the backbone's own weights\nare not in this folder"
        },
        without_knowledge(config, backbone.hidden_size),
    );
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(card, "| {name} | {value} |"); // writing to a String cannot fail
    };
    let second = summary.second.iter().zip(&identity.second);
    let second = second.map(|(summary, second)| (second.config.task, &summary.scores));
    for (task, scores) in iter::once((config.task, &summary.scores)).chain(second) {
        for (split, scores) in [("validation", &scores.validation), ("test", &scores.test)] {
            if let Some(scores) = scores {
                let decisions = thousands(scores.decisions);
                let scores = in_words(&task.facts().figures, scores);
                row(split, &format!("{scores}, {decisions} decisions"));
            }
        }
    }
    row("steps", &thousands(summary.steps));
    row("seed", &config.seed.to_string());
    card += &origin(dataset, identity, "seed");
    card += "\nEvery setting is in `adapter_config.json`, the course of the training in `training/metrics.jsonl` and\n\
             `training/curve.svg`. The architecture is that of K-Adapter (Wang et al., Findings of ACL 2021).\n";
    card
}

/// `README.md` above several runs that differ in one setting; `table` has their scores.
pub fn render_comparison(
    dataset: &Dataset,
    identity: &Identity,
    runs: &Comparison,
    table: &str,
) -> String {
    let (what, key) = (what(&identity.config), &runs.key);
    let all: Vec<String> = runs.runs.iter().map(Row::value).collect();
    let scores = [&runs.runs[0].scores.validation, &runs.runs[0].scores.test];
    let baselines = scores.into_iter().flatten();
    let baselines: Vec<String> = baselines
        .map(|scores| format!("{:.2}", 100.0 * scores.baseline))
        .collect();
    let (many, deviation) = if runs.sample.is_some() {
        (
            format!("{} seeds", all.len()),
            "; the standard deviation is the sample's",
        )
    } else {
        (format!("{} values of {key}", all.len()), "")
    };
    format!(
        "# {what} on {}: {many}\n\nScores of each run's best weights in per cent{deviation}. The baseline\n\
         ({}) has {}.\n\n{table}\n| | |\n|---|---|\n| {} | {} |\n{}",
        identity.backbone.name,
        identity.config.task.facts().figures.baseline,
        baselines.join(" and "),
        all_of(key),
        all.join(", "),
        origin(dataset, identity, key)
    )
}

fn what(config: &Config) -> &'static str {
    match (config.variant, config.task.facts().knowledge) {
        (Variant::Adapter, Some(titles)) => titles.adapter,
        (Variant::Backbone, Some(titles)) => titles.backbone,
        (Variant::Random, Some(titles)) => titles.random,
        (Variant::Finetune, _) => "Model fine-tuned for a task,",
        (Variant::Multitask, _) => "Backbone trained on relations and heads by turns,",
        (_, None) => "Run",
    }
}

/// What there is to know of an adapter that was not trained; nothing for other variants.
fn without_knowledge(config: &Config, hidden: i64) -> String {
    let fixed: i64 = encoder::fixed_specs(config, hidden)
        .iter()
        .map(Spec::numel)
        .sum();
    if fixed == 0 {
        return String::new();
    }
    format!(
        "The {} parameters of the adapter have the random values that the seed gives them: only the head was\n\
         trained. This is a row to compare adapters with, not one that knows anything.\n\n",
        thousands(fixed.unsigned_abs())
    )
}

/// The rows that say what a run was made from, and how: all that its result depends on but the
/// setting `key`.
fn origin(dataset: &Dataset, identity: &Identity, key: &str) -> String {
    let Identity {
        config,
        backbone,
        dataset: data,
        second,
        adapter_weights_sha256,
        adapters,
    } = identity;
    let mut rows = format!(
        "| dataset | {} ({}) |\n| dataset manifest SHA-256 | `{}` |\n| backbone SHA-256 | `{}` |\n| settings | {} |\n",
        data.name,
        dataset.manifest.generator,
        data.manifest_sha256,
        backbone.sha256,
        settings(config, key)
    );
    if let Some(Second { config, dataset }) = second {
        let (settings, sha256) = (settings(config, key), &dataset.manifest_sha256);
        let _ = writeln!(rows, "| second dataset | {} |", dataset.name);
        let _ = writeln!(rows, "| second manifest SHA-256 | `{sha256}` |");
        let _ = writeln!(rows, "| its settings | {settings} |");
    }
    if let Some(sha256) = adapter_weights_sha256 {
        let _ = writeln!(rows, "| started from weights, SHA-256 | `{sha256}` |");
    }
    for adapter in adapters {
        let (name, sha256) = (&adapter.dataset, &adapter.sha256);
        let _ = writeln!(rows, "| frozen adapter, SHA-256 | {name}, `{sha256}` |");
    }
    let relations = dataset.manifest.class_names.len();
    if relations > 0 {
        let _ = writeln!(rows, "| relations | {relations} |"); // writing to a String cannot fail
    }
    rows
}

/// The preset, and the settings that are not its own.
fn settings(config: &Config, left_out: &str) -> String {
    let fields = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let (ours, preset) = (
        fields(config),
        fields(&Config::preset(config.preset, config.task)),
    );
    let changed = ours.as_object().into_iter().flatten();
    let changed = changed
        .filter(|(key, value)| *key != left_out && preset.get(key) != Some(value))
        .map(|(key, value)| {
            format!(
                ", `{key}={}`",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            )
        });
    let name = ours["preset"].as_str().unwrap_or_default();
    format!("preset {name}{}", changed.collect::<String>())
}
