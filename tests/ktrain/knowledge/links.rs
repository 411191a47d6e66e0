//! Entities of spans, and vectors of entities.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::{Concept, Fact, LinkExample, stable_id};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use super::pairs::pair;
use super::share;
use crate::datasets::{write, write_for};
use crate::{fail, json, ktrain, succeed};

pub(super) const FORMS: [&str; 4] = ["gold", "capital", "novel", "language"];

/// Entities that words may mean, two for each.
fn concepts() -> Vec<Concept> {
    let each = FORMS.iter().enumerate();
    let each = each.flat_map(|(form, word)| {
        ["river", "paris"]
            .iter()
            .enumerate()
            .map(move |(sense, what)| Concept {
                id: format!("{word}-{sense}"),
                label: (*word).to_owned(),
                description: format!("the {what} of {}", FORMS[(form + 1) % 4]),
                ..Concept::default()
            })
    });
    each.collect()
}

/// A span whose word before it says which of two senses it has, or with `of` none of them.
fn link(i: usize, listed: bool) -> LinkExample {
    let cues = ["the", "in", "of"];
    let (form, sense) = (FORMS[i / 3 % 4], if listed { i % 3 } else { i % 2 });
    let text = format!(
        "a {} {form} {}",
        cues[sense],
        ["is", "capital", "river"][i / 12 % 3]
    );
    let senses = [0, 1].map(|sense| format!("{form}-{sense}"));
    let mut row = LinkExample {
        id: stable_id([&i.to_le_bytes()[..]]),
        token: text.split(' ').collect(),
        text,
        span_start: vec![2],
        span_end: vec![2],
        entity: [senses.get(sense).map_or("", String::as_str)].into(),
        ..LinkExample::default()
    };
    if listed {
        row.candidate_span = vec![0, 0];
        row.candidate = senses.iter().map(String::as_str).collect();
        row.prior = vec![0.6, 0.4];
    }
    row
}

fn links(objective: &str, listed: bool) -> TempDir {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(|i| link(i, listed)).collect();
    let splits = [rows(0..480), rows(480..560), rows(560..640)];
    let data = dir.path().join("shards/links");
    write_for(Some(objective), &data, &[], splits, |writer| {
        writer.write_table("entities.parquet", &concepts()).unwrap();
    });
    dir
}

#[test]
fn an_adapter_learns_which_candidate_a_span_means() {
    let dir = links("knowbert", true);
    let args = ["--epochs", "8", "--sweep", "variant=adapter,backbone"];
    succeed(ktrain(dir.path()).args(args));
    let table = json(&dir.path().join("runs/links-variant/rows.json"));
    assert!(share(&table["baseline"]["test"]) < 0.4, "{table}");
    let accuracy = |row: usize| share(&table["rows"][row]["test"]["accuracy"]["mean"]);
    assert!(accuracy(0) > 0.5, "{table}");
    assert!(accuracy(0) > accuracy(1) + 0.05, "{table}");
    let run = dir.path().join("runs/links-variant/variant-adapter");
    let config = json(&run.join("config.json"));
    assert_eq!(config["config"]["span_pooling"], "attention");
    assert!(
        config["files"]["entity_vectors.safetensors"].is_string(),
        "{config}"
    );
    let (tensors, _) =
        ktrain::files::weights::read(&run.join("entity_vectors.safetensors")).unwrap();
    assert_eq!(tensors["vectors"].size(), [8, 32]);

    let sets = ["link_loss=margin", "link_prior=none", "span_pooling=mean"];
    let mut margin = ktrain(dir.path());
    margin.args(sets.iter().flat_map(|set| ["--set", set]));
    succeed(margin.args(["--epochs", "8", "--out", "margin"]));
    let config = json(&dir.path().join("margin/links/config.json"));
    assert!(
        share(&config["scores"]["test"]["accuracy"]) > 0.4,
        "{config}"
    );
}

#[test]
fn an_adapter_learns_which_of_all_entities_a_span_means() {
    let dir = links("ernie", false);
    let vectors = ["text", "learned", "vectors.txt"];
    let lines = concepts();
    let lines = lines.iter().enumerate().map(|(i, concept)| {
        let numbers = (0..8).map(|k| if k == i { "1" } else { "0" });
        format!("{} {}\n", concept.id, numbers.collect::<Vec<_>>().join(" "))
    });
    fs::write(dir.path().join("vectors.txt"), lines.collect::<String>()).unwrap();
    for vectors in vectors {
        let mut command = ktrain(dir.path());
        command.args(["--epochs", "14", "--out", &format!("{vectors}-runs")]);
        let vectors = format!("vectors={vectors}");
        succeed(command.args(["--set", &vectors, "--set", "vector_size=8"]));
        let run = vectors.replace("vectors=", "") + "-runs/links";
        let config = json(&dir.path().join(&run).join("config.json"));
        let test = &config["scores"]["test"];
        assert!(share(&test["baseline"]) < 0.7, "{run} {test}");
        assert!(share(&test["accuracy"]) > 0.7, "{run} {test}");
        assert!(share(&test["more"]["mrr"]) > 0.75, "{run} {test}");
        assert_eq!(test["more"]["hits_at_10"], 1.0);
        assert_eq!(test["more"]["accuracy_ambiguous_forms"], test["accuracy"]);
        let settings = &config["config"];
        assert_eq!(settings["mask_mentions"], 0.15);
        assert_eq!(settings["extra_candidates"], 1024);
        assert_eq!(
            dir.path()
                .join(run)
                .join("entity_vectors.safetensors")
                .is_file(),
            vectors != "vectors=learned"
        );
    }
    let mut narrow = ktrain(dir.path());
    let message = fail(narrow.args(["--out", "narrow", "--set", "vectors=vectors.txt"]));
    assert!(
        message.contains("vectors of 8 numbers, but vector_size is 100: give --set vector_size=8"),
        "{message}"
    );
}

#[test]
fn a_folder_of_datasets_trains_the_adapter_of_each_and_an_entity_that_is_missing_is_named() {
    let dir = links("ernie", false);
    let rows = |range: std::ops::Range<usize>| range.map(pair).collect();
    let data = dir.path().join("shards/synonyms");
    let names = ["unrelated", "related"];
    write_for(
        Some("libert"),
        &data,
        &names,
        [rows(0..40), rows(40..60), rows(60..80)],
        |_| {},
    );
    let output = succeed(ktrain(dir.path()).args(["--max-steps", "2", "--json"]));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = summary["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["dataset"]);
    assert_eq!(runs.collect::<Vec<_>>(), ["links", "synonyms"]);

    let data = dir.path().join("shards/lacking");
    let rows = |range: std::ops::Range<usize>| range.map(|i| link(i, false)).collect();
    write_for(
        Some("ernie"),
        &data,
        &[],
        [rows(0..40), Vec::new(), Vec::new()],
        |writer| {
            writer
                .write_table("entities.parquet", &concepts()[..5])
                .unwrap();
        },
    );
    let message = fail(ktrain(dir.path()).args(["--only", "lacking"]));
    let expected =
        "the train split names an entity that entities.parquet lacks: rebuild the dataset";
    assert!(message.contains(expected), "{message}");
}

/// A small knowledge graph.
pub(crate) fn graph(dir: &Path) {
    let each = FORMS.iter().enumerate();
    let facts = each.flat_map(|(i, form)| {
        let other = FORMS[(i + 1) % 4];
        [("next", 0, 0), ("next", 1, 1), ("other", 0, 1)].map(|(relation, head, tail)| Fact {
            head: format!("{form}-{head}"),
            relation: relation.to_owned(),
            tail: format!("{other}-{tail}"),
            source: String::new(),
        })
    });
    let mut facts: Vec<Fact> = facts.collect();
    let test = facts.split_off(facts.len() - 2);
    write(&dir.join("facts"), &[], [facts, Vec::new(), test]);
}

#[test]
fn vectors_of_a_graph_are_learned_and_read_by_training() {
    let dir = links("ernie", false);
    graph(&dir.path().join("graph"));
    let embed = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command
            .current_dir(dir.path())
            .args(["embed", "--graph", "graph", "--dimension", "16"]);
        command.args(["--out", "e.safetensors", "--json", "--threads", "1"]);
        command
    };
    let output = succeed(&mut embed());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["entities"], &found["relations"]),
        (&json!(8), &json!(2))
    );
    let mut train = ktrain(dir.path());
    let sets = ["vectors=e.safetensors", "vector_size=16"];
    train.args(sets.iter().flat_map(|set| ["--set", set]));
    succeed(train.args(["--max-steps", "2"]));
}

#[test]
fn masked_mentions_and_drawn_candidates_are_a_function_of_the_seed() {
    let dir = links("ernie", false);
    let adapter = |out: &str, sets: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args(["--max-steps", "3", "--batch-size", "3", "--out", out]);
        succeed(command.args(sets.iter().flat_map(|set| ["--set", set])));
        fs::read(dir.path().join(out).join("links/adapter.safetensors")).unwrap()
    };
    let one = adapter("one", &[]);
    assert_eq!(one, adapter("again", &[]));
    assert_ne!(one, adapter("visible", &["mask_mentions=0"]));
    assert_ne!(one, adapter("batch", &["extra_candidates=0"]));
    assert_ne!(one, adapter("few", &["extra_candidates=2"]));
}
