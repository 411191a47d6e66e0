//! `ktrain probe`: facts with a gap, against Python's ranks.

mod learnt;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::{ClozeExample, stable_id};
use ktrain::files::weights;
use serde_json::Value;
use tempfile::tempdir;

use crate::datasets::{self, backbone};
use crate::finetune::prepared;
use crate::{fail, succeed};

fn data(name: &str) -> PathBuf {
    backbone("../mlm").join(name)
}

/// What `make_mlm.py` found.
fn expected() -> Value {
    serde_json::from_slice(&fs::read(data("ranks.json")).unwrap()).unwrap()
}

/// The texts and words of `make_mlm.py`, as `facts` and `words.txt`.
pub(crate) fn facts(dir: &Path) {
    let expected = expected();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = expected["bert-tiny"].as_array().unwrap().iter();
    let rows = rows.map(|fact| ClozeExample {
        id: stable_id([text(&fact["text"]).as_bytes()]),
        relation: text(&fact["relation"]),
        subj_id: String::new(),
        obj_id: String::new(),
        subj_label: String::new(),
        obj_label: text(&fact["answer"]),
        text: text(&fact["text"]),
        source: "template".into(),
    });
    let mut rows: Vec<_> = rows.collect();
    let long = format!("{} [MASK]", "first ".repeat(100));
    for (obj_label, text, source) in [
        ("unbelievable", "in the [MASK]", "template"),
        ("France", long.as_str(), "template"),
        ("France", "in [MASK]", "evidence"),
    ] {
        rows.push(ClozeExample {
            id: stable_id([text.as_bytes()]),
            obj_label: obj_label.into(),
            text: text.into(),
            source: source.into(),
            ..rows[0].clone()
        });
    }
    datasets::write(&dir.join("facts"), &[], [rows, Vec::new(), Vec::new()]);
    let words = expected["words"].as_array().unwrap();
    let words: Vec<_> = words.iter().map(text).collect();
    fs::write(dir.join("words.txt"), words.join("\n")).unwrap();
}

pub(crate) fn probe(dir: &Path, backbone: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("probe").env("HOME", dir);
    command.env("KTRAIN_BACKBONE", backbone);
    command.args(["--data", "facts", "--precision", "fp32", "--threads", "1"]);
    command.args(args);
    command
}

/// A folder with a tiny checkpoint that ships its layer.
fn with_layer(dir: &Path, name: &str) -> PathBuf {
    let whole = dir.join("whole");
    fs::create_dir(&whole).unwrap();
    for file in ["config.json", "tokenizer.json"] {
        fs::copy(backbone(name).join(file), whole.join(file)).unwrap();
    }
    let (mut named, _) = weights::read(&backbone(name).join("model.safetensors")).unwrap();
    let layer = data(&format!("{name}.safetensors"));
    named.extend(weights::read(&layer).unwrap().0);
    weights::write(&whole.join("model.safetensors"), &named, &[]).unwrap();
    whole
}

fn report(dir: &Path, out: &str) -> Value {
    serde_json::from_slice(&fs::read(dir.join(out).join("probe.json")).unwrap()).unwrap()
}

#[test]
fn a_layer_that_a_backbone_ships_ranks_words_as_in_python() {
    for name in ["bert-tiny", "roberta-tiny"] {
        let dir = tempdir().unwrap();
        facts(dir.path());
        let whole = with_layer(dir.path(), name);
        let args = ["--vocabulary", "words.txt", "--out", "out"];
        succeed(&mut probe(dir.path(), &whole, &args));

        let report = report(dir.path(), "out");
        let lost = &report["lost"];
        assert_eq!(lost["object is no word of the vocabulary"], 1, "{name}");
        assert_eq!(lost["text that is too long"], 1, "{name}");
        assert_eq!(lost["text of another source"], 1, "{name}");
        let examples = report["examples"].as_array().unwrap();
        let facts = &expected()[name];
        for fact in facts.as_array().unwrap() {
            let ours = examples.iter().find(|e| e["text"] == fact["text"]);
            let ours = ours.unwrap_or_else(|| panic!("{name}: {fact}"));
            assert_eq!(ours["ranks"]["backbone"], fact["rank"], "{name}: {fact}");
            assert_eq!(ours["guesses"]["backbone"], fact["first"], "{name}");
        }
        let all = &report["models"][0]["macro"];
        let first = |relation: &str| {
            let facts = facts.as_array().unwrap().iter();
            let ranks = facts.filter(|fact| fact["relation"] == relation);
            let ranks: Vec<_> = ranks.map(|fact| fact["rank"].as_u64().unwrap()).collect();
            let reciprocal = ranks.iter().map(|&rank| 1.0 / rank as f64);
            reciprocal.sum::<f64>() / ranks.len() as f64
        };
        let mrr = f64::midpoint(first("P36"), first("P50"));
        assert!((all["reciprocal"].as_f64().unwrap() - mrr).abs() < 1e-12);
        let table = fs::read_to_string(dir.path().join("out/probe.md")).unwrap();
        assert!(table.contains("| relation | facts | backbone |\n|---|---|---|\n| P36 | 2 |"));
    }
}

#[test]
fn facts_that_a_name_gives_away_are_those_that_python_finds() {
    let dir = tempdir().unwrap();
    let persons: Vec<Value> =
        serde_json::from_slice(&fs::read(data("names.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = persons.iter().map(|person| ClozeExample {
        id: stable_id([person.to_string().as_bytes()]),
        relation: text(&person["relation"]),
        subj_id: String::new(),
        obj_id: String::new(),
        subj_label: text(&person["subject"]),
        obj_label: text(&person["object"]),
        text: "of [MASK]".into(),
        source: "template".into(),
    });
    let rows: Vec<_> = rows.collect();
    datasets::write(
        &dir.path().join("facts"),
        &[],
        [rows, Vec::new(), Vec::new()],
    );
    let whole = with_layer(dir.path(), "bert-tiny");
    succeed(&mut probe(dir.path(), &whole, &["--out", "all"]));
    assert!(
        report(dir.path(), "all")["lost"]
            .as_object()
            .unwrap()
            .is_empty()
    );
    succeed(&mut probe(
        dir.path(),
        &whole,
        &["--out", "uhn", "--uhn-names", "whole"],
    ));
    let report = report(dir.path(), "uhn");
    let dropped = |person: &&Value| person["dropped"] == true;
    assert_eq!(
        report["lost"]["the person's name gives the object away"],
        persons.iter().filter(dropped).count()
    );
    let kept: Vec<_> = persons.iter().filter(|person| !dropped(person)).collect();
    let examples = report["examples"].as_array().unwrap();
    assert_eq!(examples.len(), kept.len());
    for person in kept {
        let is_there = examples.iter().any(|example| {
            example["relation"] == person["relation"] && example["answer"] == person["object"]
        });
        assert!(is_there, "{person}");
    }
}

#[test]
fn a_share_of_nothing_is_no_number_and_other_runs_are_left_alone() {
    let dir = prepared();
    facts(dir.path());
    fs::write(dir.path().join("few.txt"), "the capital\n\n\nof France\n").unwrap();
    let args = [
        "--text",
        "few.txt",
        "--vocabulary",
        "words.txt",
        "--out",
        "runs/rc",
        "--overwrite",
    ];
    succeed(&mut probe(dir.path(), &backbone("bert-tiny"), &args));
    let table = fs::read_to_string(dir.path().join("runs/rc/probe.md")).unwrap();
    let row = table.lines().find(|line| line.starts_with("| backbone |"));
    assert!(row.unwrap().ends_with("| – |"), "{table}");
    assert!(dir.path().join("runs/rc/training/metrics.jsonl").is_file());
    assert!(dir.path().join("runs/rc/adapter.safetensors").is_file());
}

#[test]
fn what_cannot_be_probed_is_said() {
    let dir = tempdir().unwrap();
    facts(dir.path());
    let bert = backbone("bert-tiny");
    let told = |args: &[&str]| fail(&mut probe(dir.path(), &bert, args));
    let none = "no MLM head (cls.predictions or lm_head): train one, with --text";
    assert!(told(&[]).contains(none));
    assert!(told(&["--adapter", "F=a"]).contains("give --text to train MLM heads that can"));
    let text = ["--text", "words.txt"];
    let twice = [&text[..], &["--adapter", "x=a", "--adapter", "x=b"]].concat();
    assert!(told(&twice).contains("--adapter x=b: give it a name of its own, as NAME=b"));
    let web = probe(dir.path(), &bert, &["--source", "web"])
        .output()
        .unwrap();
    let told_of_web = String::from_utf8(web.stderr).unwrap();
    assert_eq!(web.status.code(), Some(2));
    assert!(
        told_of_web.contains("[possible values: template, evidence]"),
        "{told_of_web}"
    );
    fs::write(dir.path().join("rare.txt"), "unbelievable\n").unwrap();
    let rare = [&text[..], &["--vocabulary", "rare.txt"]].concat();
    let none = "no fact can be asked for (";
    assert!(told(&rare).contains(none), "{}", told(&rare));
}
