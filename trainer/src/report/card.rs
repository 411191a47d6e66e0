//! The adapter's card: what it is, what it was trained on, how good it is.

use std::fmt::Write;
use std::iter;

use kprep_schemas::{Dataset, thousands};
use serde_json::Value;

use crate::config::{Config, Task, Variant};
use crate::evaluate::metrics;
use crate::files::identity::{Identity, Second};
use crate::model::encoder;
use crate::model::params::Spec;
use crate::report::summary::Summary;
use crate::report::table_page::distinct;

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
            " and its prediction heads. The folder `backbone` is a checkpoint\nthat Hugging Face's libraries and `--backbone` read"
        } else {
            "; the backbone's own weights\nare not in this folder"
        },
        of_random_adapter(config, backbone.hidden_size),
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
                let scores = metrics::in_words(&task.facts().figures, scores);
                row(split, &format!("{scores}, {decisions} decisions"));
            }
        }
    }
    if config.objective.system().is_some() {
        row("objective", &config.objective.to_string());
    }
    row("steps", &thousands(summary.steps));
    row("seed", &config.seed.to_string());
    card += &origin(dataset, &[identity], &["seed"]);
    card += &of_objective(config);
    card += "\nEvery setting is in `config.json`, the course of the training in `training/metrics.jsonl` and\n\
             `training/curve.svg`. The architecture is that of K-Adapter (Wang et al., Findings of ACL 2021).\n";
    card
}

fn what(config: &Config) -> &'static str {
    match (config.variant, config.task.facts().knowledge) {
        (Variant::Adapter, Some(titles)) => titles.adapter,
        (Variant::Backbone, Some(titles)) => titles.backbone,
        (Variant::Random, Some(titles)) => titles.random,
        (Variant::Finetune, _) => "Model fine-tuned for a task,",
        (Variant::Multitask, _) => {
            "Backbone trained on alternating batches of relations and dependencies,"
        }
        (_, None) => "Run",
    }
}

/// What there is to know of an adapter that was not trained; nothing for other variants.
fn of_random_adapter(config: &Config, hidden: i64) -> String {
    let fixed: i64 = encoder::fixed_specs(config, hidden)
        .iter()
        .map(Spec::numel)
        .sum();
    if fixed == 0 {
        return String::new();
    }
    format!(
        "The {} parameters of the adapter have the random values that the seed gives them: only the\n\
         prediction head was trained. It is a baseline for trained adapters (K-Adapter's row \"w/o knowledge\").\n\n",
        thousands(fixed.unsigned_abs())
    )
}

/// What tells an adapter with the objective of another system from that system; nothing for K-Adapter's own.
fn of_objective(config: &Config) -> String {
    let Some(system) = config.objective.system() else {
        return String::new();
    };
    format!(
        "\nThe objective is that of {system}, from the same kind of source, on a frozen encoder. This is not {system}, which\n\
         trained its encoder: compare it with the rows of its own table (`backbone`, `random`), not with the paper's\n\
         figures. The learning rate is that of an adapter; the paper's is for a whole model.\n"
    )
}

/// The rows that say what runs on a dataset were made from, and how: all that their results depend on but the
/// settings `left_out`.
pub(super) fn origin(dataset: &Dataset, runs: &[&Identity], left_out: &[&str]) -> String {
    let Some(first) = runs.first() else {
        return String::new();
    };
    let each =
        |value: fn(&Identity) -> Vec<String>| distinct(runs.iter().flat_map(|run| value(run)));
    let backbones = each(|run| vec![format!("`{}`", run.backbone.sha256)]);
    let configs: Vec<&Config> = runs.iter().map(|run| &run.config).collect();
    let mut rows = format!(
        "| dataset | {} ({}) |\n| dataset manifest SHA-256 | `{}` |\n| backbone SHA-256 | {} |\n| settings | {} |\n",
        first.dataset.name,
        dataset.manifest.generator,
        first.dataset.manifest_sha256,
        backbones.join(", "),
        settings(&configs, left_out)
    );
    if let Some(Second { dataset, .. }) = &first.second {
        let seconds = runs.iter().filter_map(|run| run.second.as_ref());
        let configs: Vec<&Config> = seconds.map(|second| &second.config).collect();
        let settings = settings(&configs, left_out);
        let _ = writeln!(rows, "| second dataset | {} |", dataset.name);
        let sha256 = &dataset.manifest_sha256;
        let _ = writeln!(rows, "| second manifest SHA-256 | `{sha256}` |");
        let _ = writeln!(rows, "| its settings | {settings} |");
    }
    for sha256 in each(|run| Vec::from_iter(run.adapter_weights_sha256.clone())) {
        let _ = writeln!(rows, "| started from weights, SHA-256 | `{sha256}` |");
    }
    let adapters = each(|run| {
        let adapters = run.adapters.iter();
        adapters
            .map(|adapter| format!("{}, `{}`", adapter.dataset, adapter.sha256))
            .collect()
    });
    for adapter in adapters {
        let _ = writeln!(rows, "| frozen adapter, SHA-256 | {adapter} |");
    }
    let relations = dataset.manifest.class_names.len();
    if relations > 0 {
        let what = match first.config.task {
            Task::Pair | Task::Labels => "classes",
            _ => "relations",
        };
        let _ = writeln!(rows, "| {what} | {relations} |"); // writing to a String cannot fail
    }
    rows
}

/// The preset, and the settings that are not its own but that all runs have.
fn settings(configs: &[&Config], left_out: &[&str]) -> String {
    let fields = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let all: Vec<Value> = configs.iter().map(|config| fields(config)).collect();
    let (Some(config), Some(first)) = (configs.first(), all.first()) else {
        return String::new();
    };
    let preset = fields(&Config::of_objective(
        config.preset,
        config.task,
        config.objective,
    ));
    let changed = first.as_object().into_iter().flatten();
    let changed = changed
        .filter(|(key, value)| {
            let shared = all.iter().all(|other| other.get(*key) == Some(*value));
            shared && !left_out.contains(&key.as_str()) && preset.get(*key) != Some(*value)
        })
        .map(|(key, value)| format!(", `{key}={}`", in_words(value)));
    let name = in_words(&first["preset"]);
    format!("preset {name}{}", changed.collect::<String>())
}

/// A value for people: text without quotation marks.
pub(super) fn in_words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
