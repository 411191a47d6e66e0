//! Which examples stand in which batch.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use kprep_schemas::{Dataset, RelationExample, Split};
use ktrain::config::{Config, Task};
use ktrain::data::ahead;
use ktrain::data::sampler;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use tch::Tensor;
use tempfile::tempdir;

use crate::batches::config;
use crate::datasets::{backbone, easy_relations};
use crate::{assert_same, cut_off, ktrain, lines, shards, succeed};

fn store(threads: usize) -> Store<RelationExample> {
    let dir = tempdir().unwrap();
    easy_relations(&dir.path().join("rc"));
    let dataset = Dataset::open(&dir.path().join("rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    Store::read(&dataset, Split::Train, &vocabulary, 40, threads).unwrap()
}

#[test]
fn an_epoch_holds_every_example_once_with_little_padding_in_an_order_of_its_own() {
    let (store, config) = (store(2), config(Task::Relation));
    let batches = sampler::epoch(&store, &config, 0);
    assert_eq!(
        batches.len() as u64,
        sampler::batches_per_epoch(&store, &config)
    );
    assert!(batches.iter().all(|batch| batch.len() == 8));
    let all: BTreeSet<usize> = batches.iter().flatten().copied().collect();
    assert_eq!(all.len(), store.len());
    let widest = |batch: &Vec<usize>| batch.iter().map(|&i| store.length(i)).max().unwrap();
    let padded: usize = batches
        .iter()
        .map(|batch| batch.len() * widest(batch))
        .sum();
    assert!(
        (padded as f64) < 1.1 * store.tokens() as f64,
        "{padded} {}",
        store.tokens()
    );
    assert_eq!(batches, sampler::epoch(&store, &config, 0));
    assert_ne!(batches, sampler::epoch(&store, &config, 1));
    assert_ne!(
        batches,
        sampler::epoch(&store, &Config { seed: 1, ..config }, 0)
    );
}

#[test]
fn batches_made_ahead_go_on_anywhere_and_do_not_depend_on_threads() {
    let (one, three) = (Arc::new(store(1)), Arc::new(store(3)));
    let config = config(Task::Relation);
    let ids = |store: &Arc<Store<RelationExample>>, first| -> Vec<Tensor> {
        ahead::batches(Arc::clone(store), config.clone(), 0, None, first, 160)
            .iter()
            .flat_map(Result::unwrap)
            .map(|batch| batch.input.ids_bt)
            .collect()
    };
    let whole = ids(&one, 0);
    assert_eq!(whole.len(), 160); // two epochs of 75 and a part of the third
    assert_eq!(whole[70..], ids(&three, 70));
}

/// Positions of a batch, pads included.
fn positions(store: &Store<RelationExample>, config: &Config, batch: &[usize]) -> usize {
    let longest = batch.iter().map(|&i| store.length(i)).max().unwrap();
    batch.len() * config.pads_to().unwrap_or(longest)
}

#[test]
fn a_budget_of_tokens_fills_batches_and_no_batch_is_over_it() {
    let store = store(2);
    let longest = (0..store.len()).map(|i| store.length(i)).max().unwrap();
    for (batch_tokens, preset) in [(200, "masked"), (200, "attended"), (longest - 1, "masked")] {
        let config = Config {
            batch_tokens,
            ..config(Task::Relation)
                .with(&format!("adapter_pads={preset}"))
                .unwrap()
        };
        let batches = sampler::epoch(&store, &config, 0);
        let mut all: Vec<usize> = batches.iter().flatten().copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..store.len()).collect::<Vec<_>>());
        let over = |batch: &&Vec<usize>| positions(&store, &config, batch) > batch_tokens;
        let over: Vec<_> = batches.iter().filter(over).collect();
        assert_eq!(over.is_empty(), batch_tokens > longest);
        assert!(over.iter().all(|batch| batch.len() == 1));
        // Full: one more example of the longest length would not fit, but for the last batch.
        let full = |batch: &&Vec<usize>| {
            let width = positions(&store, &config, batch) / batch.len();
            (batch.len() + 1) * (width + 1) > batch_tokens
        };
        assert!(batches.iter().filter(full).count() + 1 >= batches.len());
        for epoch in 0..3 {
            let per_epoch = sampler::batches_per_epoch(&store, &config);
            let of_epoch = sampler::epoch(&store, &config, epoch);
            assert_eq!(of_epoch.len() as u64, per_epoch);
            let step = epoch * per_epoch + 2;
            assert_eq!(sampler::of_step(&store, &config, step), of_epoch[2]);
        }
        assert_eq!(batches, sampler::epoch(&store, &config, 0));
        assert_ne!(batches, sampler::epoch(&store, &config, 1));
        let other = Config { seed: 1, ..config };
        assert_ne!(batches, sampler::epoch(&store, &other, 0));
    }
}

#[test]
fn a_budget_of_tokens_leaves_almost_no_padding() {
    let (store, config) = (store(1), config(Task::Relation));
    let config = Config {
        batch_tokens: 200,
        ..config
    };
    let batches = sampler::epoch(&store, &config, 0);
    let padded: usize = batches.iter().map(|b| positions(&store, &config, b)).sum();
    assert!(
        (padded as f64) < 1.02 * store.tokens() as f64,
        "{padded} {}",
        store.tokens()
    );
}

/// With dropout, in parts, from a cache, and over the end of an epoch.
#[test]
fn a_run_with_a_budget_of_tokens_goes_on_to_the_same_bytes() {
    let dir = shards();
    for more in [
        &["--cache", "cache", "--set", "gradient_accumulation_steps=3"][..],
        &["--preset", "released"],
    ] {
        let command = |out: &str| -> Command {
            let mut command = ktrain_with_tokens(dir.path(), more);
            command.args(["--epochs", "2", "--save-every", "7", "--out", out]);
            command
        };
        succeed(command("whole").arg("--overwrite"));
        succeed(command("cut").arg("--overwrite"));
        let cut = dir.path().join("cut/rc");
        cut_off(&cut);
        let output = succeed(command("cut").arg("--resume"));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("going on from step "), "{stderr}");
        assert_same(&dir.path().join("whole/rc"), &cut);
        let metrics = lines(&cut.join("training/metrics.jsonl"));
        let last = metrics.iter().rfind(|line| line["kind"] == "train");
        assert_eq!(last.unwrap()["epoch"], 2.0);
    }
}

/// `ktrain` on relations with [`Config::batch_tokens`] in place of the batch size.
fn ktrain_with_tokens(dir: &std::path::Path, more: &[&str]) -> Command {
    let mut command = ktrain(dir);
    command.args(["--only", "rc", "--set", "batch_tokens=600"]);
    command.args(more);
    command
}

#[test]
fn several_runs_share_batches_of_a_budget_or_differ_in_it() {
    let dir = shards();
    let short = ["--max-steps", "6"];
    let run = |args: &[&str]| succeed(ktrain_with_tokens(dir.path(), &short).args(args));
    run(&["--sweep", "learning_rate=1e-3,2e-3"]);
    run(&["--lr", "2e-3", "--out", "alone"]);
    let together = dir.path().join("runs/rc-learning_rate/learning_rate-2e-3");
    assert_same(&dir.path().join("alone/rc"), &together);

    run(&["--sweep", "batch_tokens=300,600"]);
    run(&["--out", "budget"]);
    let swept = dir.path().join("runs/rc-batch_tokens/batch_tokens-600");
    assert_same(&dir.path().join("budget/rc"), &swept);
    let mut both = ktrain(dir.path()); // names a batch size
    let output = both.args(["--batch-tokens", "9"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("'--batch-size <N>' cannot be used with '--batch-tokens <TOKENS>'"),
        "{stderr}"
    );
}
