//! The YAML at the head of an adapter's card, as Hugging Face's hub reads it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::config::{Config, Task};
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::files::identity::Identity;

/// The library that loads the folder.
pub(crate) const LIBRARY: &str = "kprep";

/// What a card's head says beside what the run itself says.
#[derive(Default)]
pub(crate) struct Origin {
    /// Licence identifier of the hub.
    pub(crate) license: Option<String>,
    /// ISO 639 codes.
    pub(crate) languages: Vec<String>,
}

impl Origin {
    /// Of an adapter that was trained on the dataset in a folder: its licence is that of the dataset's card.
    pub(crate) fn of_dataset(dir: &Path, languages: &[String]) -> Self {
        let card = fs::read_to_string(dir.join("README.md")).unwrap_or_default();
        let head = card
            .strip_prefix("---\n")
            .and_then(|rest| rest.split("\n---\n").next());
        let mut lines = head.unwrap_or_default().lines();
        let license = lines.find_map(|line| line.strip_prefix("license: "));
        Self {
            license: license.map(str::to_owned),
            languages: languages.to_vec(),
        }
    }
}

/// The whole head with its two lines of hyphens. `scores` are those of the run's tasks on its datasets.
pub(crate) fn yaml(
    identity: &Identity,
    origin: &Origin,
    scores: &[(&Config, &str, &Splits<Option<Scores>>)],
) -> String {
    let (config, backbone) = (&identity.config, &identity.backbone);
    let relation = if config.variant.trains_backbone() {
        "finetune"
    } else {
        "adapter"
    };
    let mut out = format!(
        "---\nlibrary_name: {LIBRARY}\nbase_model: {}\nbase_model_relation: {relation}\n",
        quoted(&backbone.name)
    );
    let mut list = |name: &str, items: &mut dyn Iterator<Item = &str>| {
        for (i, item) in items.enumerate() {
            if i == 0 {
                let _ = writeln!(out, "{name}:"); // writing to a String cannot fail
            }
            let _ = writeln!(out, "- {}", quoted(item));
        }
    };
    list(
        "datasets",
        &mut scores.iter().map(|(_, dataset, _)| *dataset),
    );
    list("language", &mut origin.languages.iter().map(String::as_str));
    let task = config.task.name();
    let system = config.objective.to_string();
    let mut tags = vec!["adapter", "k-adapter", "knowledge", task];
    tags.extend((!tags.contains(&system.as_str())).then_some(system.as_str()));
    list("tags", &mut tags.into_iter());
    if let Some(license) = &origin.license {
        let _ = writeln!(out, "license: {}", quoted(license));
    }
    let _ = writeln!(out, "pipeline_tag: {}", pipeline(config.task));
    let results: Vec<Value> = scores.iter().flat_map(|one| results(*one)).collect();
    if !results.is_empty() {
        let name = scores.first().map_or("", |(_, dataset, _)| *dataset);
        // JSON is YAML, and a list of results is read by programs alone.
        let index = json!([{"name": name, "results": results}]);
        let _ = writeln!(out, "model-index: {index}");
    }
    out + "---\n"
}

/// The task on the hub that is nearest to a task.
fn pipeline(task: Task) -> &'static str {
    match task {
        Task::Relation | Task::Typing | Task::Pair => "text-classification",
        Task::Dependency | Task::Labels | Task::Link => "token-classification",
        Task::Choice => "multiple-choice",
        Task::Span => "question-answering",
    }
}

/// The scores on each split as entries of a model index.
fn results((config, dataset, scores): (&Config, &str, &Splits<Option<Scores>>)) -> Vec<Value> {
    let splits = scores.test_first().into_iter();
    let there = splits.filter_map(|(split, scores)| Some((split, scores.as_ref()?)));
    there
        .map(|(split, scores)| {
            json!({
                "task": {"type": pipeline(config.task), "name": config.task.name()},
                "dataset": {"type": dataset, "name": dataset, "split": split},
                "metrics": metrics(config.task, scores),
            })
        })
        .collect()
}

fn metrics(task: Task, scores: &Scores) -> Vec<Value> {
    let score = task.facts().figures.score;
    let metric =
        |kind: &str, name: &str, value: f64| json!({"type": kind, "name": name, "value": value});
    let mut all = Vec::new();
    if let Some(official) = &scores.official {
        all.push(metric(&official.name, &official.name, official.score));
    }
    all.push(metric("accuracy", score, scores.accuracy));
    all.extend(scores.macro_f1.map(|f1| metric("f1", "macro-F1", f1)));
    all
}

/// Text between quotation marks: a string of JSON is one of YAML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
