//! Adapters that learn what other systems learn: pairs of phrases, labels of spans, entities of spans.

use std::path::Path;

use serde_json::Value;

use crate::json;

mod labels;
mod links;
mod pairs;

pub(crate) use links::graph;

/// The scores of a run's test split.
fn test_scores(dir: &Path, run: &str) -> Value {
    json(&dir.join("runs").join(run).join("config.json"))["scores"]["test"].clone()
}

fn share(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
