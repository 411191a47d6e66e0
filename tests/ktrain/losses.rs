//! The first losses of each kind of run, beside those that are stored: a change that should not
//! change results is seen to change none.
//!
//! `KTRAIN_WRITE_LOSSES=1 cargo test -p ktrain --test ktrain losses` writes `data/losses.json`
//! anew, after a change that should.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::{Deserialize, Serialize};

use crate::{ktrain, lines, shards, succeed};

#[derive(Serialize, Deserialize)]
struct Golden {
    /// What wrote the file.
    command: String,
    /// The losses of the first steps of each run.
    losses: BTreeMap<String, Vec<f64>>,
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/losses.json")
}

/// Ten steps without dropout: its random numbers are not the same with every build of libtorch.
/// `ktrain` says fp32 and one thread.
fn losses(dataset: &str, settings: &[&str]) -> Vec<f64> {
    let dir = shards();
    let mut command = ktrain(dir.path());
    command.args(["--only", dataset, "--max-steps", "10", "--lr", "1e-3"]);
    let fixed = ["adapter_dropout=0", "log_every=1"];
    command.args(fixed.iter().chain(settings).flat_map(|set| ["--set", set]));
    succeed(&mut command);
    let metrics = dir.path().join("runs").join(dataset);
    let lines = lines(&metrics.join("training/metrics.jsonl"));
    let train = lines.iter().filter(|line| line["kind"] == "train");
    train.map(|line| line["loss"].as_f64().unwrap()).collect()
}

#[test]
fn losses_are_those_that_are_stored() {
    let runs: [(&str, &str, &[&str]); 5] = [
        ("relation", "rc", &[]),
        (
            "relation, released",
            "rc",
            &[
                "adapter_fuse=add",
                "adapter_plug=before",
                "adapter_pads=attended",
                "entity=marker",
                "relation_head=stacked",
            ],
        ),
        ("heads, linear", "deps", &[]),
        ("heads, biaffine", "deps", &["parser=biaffine"]),
        (
            "heads, biaffine, cross-entropy",
            "deps",
            &["parser=biaffine", "parser_loss=cross_entropy"],
        ),
    ];
    let ours: BTreeMap<String, Vec<f64>> = runs
        .into_iter()
        .map(|(name, dataset, settings)| (name.to_owned(), losses(dataset, settings)))
        .collect();
    if env::var_os("KTRAIN_WRITE_LOSSES").is_some() {
        let command = "KTRAIN_WRITE_LOSSES=1 cargo test -p ktrain --test ktrain losses".to_owned();
        let golden_now = Golden {
            command,
            losses: ours,
        };
        let text = serde_json::to_string_pretty(&golden_now).unwrap();
        fs::write(golden(), text + "\n").unwrap();
        return;
    }
    let stored: Golden = serde_json::from_slice(&fs::read(golden()).unwrap()).unwrap();
    assert_eq!(
        stored.losses.keys().collect::<Vec<_>>(),
        ours.keys().collect::<Vec<_>>()
    );
    for (name, stored) in &stored.losses {
        let ours = &ours[name];
        assert_eq!((stored.len(), ours.len()), (10, 10), "{name}");
        for (step, (a, b)) in stored.iter().zip(ours).enumerate() {
            assert!((a - b).abs() < 1e-4, "{name}, step {}: {a} {b}", step + 1);
        }
    }
}
