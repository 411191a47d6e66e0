//! The adapter's card: what it is, what it was trained on, how good it is.

use std::fmt::Write;
use std::iter;

use kprep_schemas::{Dataset, thousands};
use serde_json::{Map, Value};

use crate::config::{Config, Task, Variant};
use crate::evaluate::metrics;
use crate::files::identity::{Identity, Second};
use crate::model::encoder;
use crate::model::params::Spec;
use crate::report::card_metadata::{self, Origin};
use crate::report::summary::Summary;

/// Classes that are listed; `config.json` has all.
const SHOWN_CLASSES: usize = 40;

/// What to cite.
pub(crate) const CITATION: &str = "\n## Citation\n\n```bibtex
@inproceedings{wang-etal-2021-k,
  title = {{K-Adapter}: Infusing Knowledge into Pre-Trained Models with Adapters},
  author = {Wang, Ruize and Tang, Duyu and Duan, Nan and Wei, Zhongyu and Huang, Xuanjing and Ji, Jianshu and Cao, Guihong and Jiang, Daxin and Zhou, Ming},
  booktitle = {Findings of the Association for Computational Linguistics: ACL-IJCNLP 2021},
  year = {2021},
  url = {https://aclanthology.org/2021.findings-acl.121}
}
```
";

/// `README.md` of an adapter's folder. `labels` are what its classes are called in words.
pub fn render(
    dataset: &Dataset,
    identity: &Identity,
    summary: &Summary,
    labels: &Map<String, Value>,
) -> String {
    let config = &identity.config;
    let second = summary.second.iter().zip(&identity.second);
    let second =
        second.map(|(scores, own)| (&own.config, own.dataset.name.as_str(), &scores.scores));
    let first = (config, identity.dataset.name.as_str(), &summary.scores);
    let scores: Vec<_> = iter::once(first).chain(second).collect();
    let from = Origin::of_dataset(&dataset.dir, &dataset.manifest.languages);
    let mut card = card_metadata::yaml(identity, &from, &scores);
    card += &opening(identity, summary.parameters);
    card += "## What it learned from\n\n| | |\n|---|---|\n";
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(card, "| {name} | {value} |"); // writing to a String cannot fail
    };
    for (task, scores) in scores
        .iter()
        .map(|(config, _, scores)| (config.task, scores))
    {
        for (split, scores) in [("validation", &scores.validation), ("test", &scores.test)] {
            if let Some(scores) = scores {
                let decisions = thousands(scores.decisions);
                let shown = metrics::in_words(&task.facts().figures, scores);
                row(split, &format!("{shown}, {decisions} decisions"));
                let others = metrics::others_in_words(scores);
                if !others.is_empty() {
                    row(&format!("{split}, other figures"), &others.join("<br>"));
                }
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
    card += &classes(&dataset.manifest.class_names, labels);
    card + &limits(config, &dataset.manifest.name) + CITATION
}

/// What it is, and how to load it.
fn opening(identity: &Identity, parameters: usize) -> String {
    let Identity {
        config, backbone, ..
    } = identity;
    let own = config.variant.trains_backbone();
    format!(
        "\n# {} on {}\n\n{} trained parameters {} {} of {} layers and width {}{}.\n\n{}{}",
        what(config),
        backbone.name,
        thousands(parameters as u64),
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
        how_to_load(config, &backbone.name),
    )
}

/// How Python loads the folder.
pub(crate) fn how_to_load(config: &Config, backbone: &str) -> String {
    let (what, arguments) = match config.variant {
        Variant::Multitask | Variant::Backbone => return String::new(),
        Variant::Finetune => ("predict", String::new()),
        Variant::Adapter | Variant::Random => {
            // A name without a slash is that of a folder on the machine that trained.
            let path = if backbone.contains('/') {
                ""
            } else {
                "path/to/"
            };
            ("encode", format!("backbone=\"{path}{backbone}\", "))
        }
    };
    let example = match (what, config.task) {
        ("encode", _) => "model.encode([\"Bern is in Switzerland.\"])  # [s ; o] of each token",
        (_, Task::Relation) => "model.predict(\"<e1>Bern</e1> is in <e2>Switzerland</e2>.\")",
        (_, Task::Typing) => "model.predict(\"<e1>Bern</e1> is in Switzerland.\")",
        (_, Task::Choice) => {
            "model.predict({\"context\": ..., \"question\": ..., \"answers\": [...]})"
        }
        _ => "model.predict({\"question\": ..., \"paragraphs\": [...]})",
    };
    format!(
        "## How to load it\n\n`transformers` and `torch` are all that is needed; the code is `modeling_kprep.py` in this folder.\n\n\
         ```python\nfrom transformers import AutoModel\n\
         model = AutoModel.from_pretrained(\"path/to/this/folder\", {arguments}trust_remote_code=True)\n\
         {example}\n```\n\n\
         With `pip install kprep`, `KAdapterModel.from_pretrained(backbone, adapters=[...])` puts several adapters on one\n\
         backbone, and `ktrain encode` and `ktrain predict` compute the same numbers.\n\n"
    )
}

/// The classes with what they are called in words, the first ones of many.
fn classes(names: &[String], labels: &Map<String, Value>) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let mut text = "\n## Classes\n\n| class | in words |\n|---|---|\n".to_owned();
    for name in names.iter().take(SHOWN_CLASSES) {
        let label = labels.get(name).and_then(Value::as_str).unwrap_or("");
        let _ = writeln!(text, "| {name} | {} |", label.replace('|', "\\|"));
    }
    if names.len() > SHOWN_CLASSES {
        let more = names.len() - SHOWN_CLASSES;
        let _ = writeln!(
            text,
            "\nAnd {more} more: `class_labels` in `config.json` has all."
        );
    }
    text
}

/// What a user must know before trusting it.
fn limits(config: &Config, dataset: &str) -> String {
    let backbone = if config.variant.trains_backbone() {
        ""
    } else {
        "- It belongs to one backbone, whose SHA-256 is above: beside another, its outputs mean nothing.\n"
    };
    format!(
        "\n## Limits\n\n{backbone}- The scores are of the splits of `{dataset}` alone. What that dataset has wrong, it has \
         learned: see the\n  dataset's card.\n- Inputs of the prediction head are at most {} tokens long.\n",
        config.max_length
    )
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

/// Values in their order, each once.
pub(super) fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// A value for people: text without quotation marks.
pub(super) fn in_words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
