//! How two datasets were made, as far as it differs.

use std::collections::BTreeMap;

use kprep_schemas::Manifest;
use serde::Serialize;
use serde_json::Value;

/// The differences of two manifests.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Origin {
    pub(crate) settings: Vec<Setting>,
    pub(crate) inputs: Inputs,
    /// Some classes of both have other labels.
    pub(crate) classes_renumbered: bool,
}

/// A setting that differs; null where a dataset does not have it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) a: Value,
    pub(crate) b: Value,
}

/// Inputs by name.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Inputs {
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
    pub(crate) changed: Vec<String>,
}

impl Origin {
    pub(crate) fn of(a: &Manifest, b: &Manifest) -> Self {
        let (in_a, in_b) = (settings(a), settings(b));
        let mut names: Vec<&String> = in_a.keys().chain(in_b.keys()).collect();
        names.sort();
        names.dedup();
        let get = |settings: &BTreeMap<String, Value>, name: &String| {
            settings.get(name).cloned().unwrap_or_default()
        };
        let setting = |name: &String| {
            let (a, b) = (get(&in_a, name), get(&in_b, name));
            let name = name.clone();
            (a != b).then_some(Setting { name, a, b })
        };
        let label = |name, manifest: &Manifest| {
            let mut names = manifest.class_names.iter();
            names.position(|other| other == name)
        };
        let mut labels = (0..).zip(&a.class_names);
        let renumbered = labels.any(|(old, name)| label(name, b).is_some_and(|new| new != old));
        Self {
            settings: names.into_iter().filter_map(setting).collect(),
            inputs: inputs(a, b),
            classes_renumbered: renumbered,
        }
    }
}

fn settings(manifest: &Manifest) -> BTreeMap<String, Value> {
    let arguments = manifest.arguments.iter();
    let mut settings: BTreeMap<String, Value> = arguments
        .map(|(name, value)| (format!("--{name}"), value.clone()))
        .collect();
    let split_by = format!("{:?}", manifest.split_by).to_lowercase();
    settings.insert("command".into(), manifest.command.clone().into());
    settings.insert("generator".into(), manifest.generator.clone().into());
    settings.insert("seed of the split".into(), manifest.seed.into());
    settings.insert("split by".into(), split_by.into());
    settings
}

fn inputs(a: &Manifest, b: &Manifest) -> Inputs {
    let sums = |manifest: &Manifest| {
        let mut sums: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for input in &manifest.inputs {
            let named = sums.entry(input.name.clone()).or_default();
            named.push(input.sha256.clone());
        }
        sums
    };
    let (in_a, in_b) = (sums(a), sums(b));
    // A file that has another name, or lies in another folder, is the same.
    let is_moved = |sums: &Vec<Option<String>>, y: &BTreeMap<String, Vec<Option<String>>>| {
        sums.iter().all(Option::is_some) && y.values().any(|others| others == sums)
    };
    let missing = |x: &BTreeMap<String, Vec<Option<String>>>, y: &BTreeMap<_, _>| {
        let names = x
            .iter()
            .filter(|(name, sums)| !y.contains_key(*name) && !is_moved(sums, y));
        names.map(|(name, _)| name.clone()).collect()
    };
    let changed = in_a.iter().filter(|(name, sums)| {
        let other = in_b.get(*name);
        other.is_some_and(|other| other != *sums)
    });
    Inputs {
        added: missing(&in_b, &in_a),
        removed: missing(&in_a, &in_b),
        changed: changed.map(|(name, _)| name.clone()).collect(),
    }
}
