//! Pairs of phrases.

use std::fs;
use std::process::Command;

use kprep_schemas::{PairExample, stable_id};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use super::{share, test_scores};
use crate::datasets::{backbone, write_for};
use crate::{fail, json, ktrain, misused, succeed};

/// Two phrases that are related where the second is of the first group.
pub(super) fn pair(i: usize) -> PairExample {
    let groups = [["gold", "river", "capital"], ["paris", "novel", "language"]];
    let (one, other) = (i % 2, i / 2 % 2);
    let label = i64::from(other == 0);
    let fillers = ["the", "a", "in", "of"];
    let first = format!("{} {}", fillers[i / 4 % 4], groups[one][i / 3 % 3]);
    let second = format!("{} {}", fillers[i / 7 % 4], groups[other][i / 5 % 3]);
    PairExample {
        id: stable_id([&i.to_le_bytes()[..]]),
        group: i.to_string(),
        first,
        second,
        label,
        class: ["unrelated", "related"][label as usize].into(),
        ..PairExample::default()
    }
}

fn pairs() -> TempDir {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(pair).collect();
    let splits = [rows(0..480), rows(480..560), rows(560..640)];
    let names = ["unrelated", "related"];
    let data = dir.path().join("shards/synonyms");
    write_for(Some("libert"), &data, &names, splits, |_| {});
    dir
}

#[test]
fn an_adapter_learns_whether_words_are_related_and_says_whose_objective_it_is() {
    let dir = pairs();
    succeed(ktrain(dir.path()).args(["--epochs", "10"]));
    let run = dir.path().join("runs/synonyms");
    let config = json(&run.join("config.json"));
    assert_eq!(config["config"]["objective"], "libert");
    assert_eq!(config["config"]["task"], "pair");
    let scores = test_scores(dir.path(), "synonyms");
    assert!(share(&scores["baseline"]) < 0.6, "{scores}");
    assert!(share(&scores["accuracy"]) > 0.9, "{scores}");
    assert!(share(&scores["more"]["f1_related"]) > 0.9, "{scores}");
    let card = fs::read_to_string(run.join("README.md")).unwrap();
    assert!(
        card.contains("# Pair knowledge adapter on bert-tiny"),
        "{card}"
    );
    assert!(card.contains("This is not LIBERT"), "{card}");
    assert!(card.contains("| objective | libert |"), "{card}");

    let mut info = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    let output = succeed(info.current_dir(dir.path()).args(["info", "runs/synonyms"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("libert"), "{text}");

    let lines =
        "the gold\ta river\n{\"id\": 7, \"first\": \"the gold\", \"second\": \"a novel\"}\n";
    fs::write(dir.path().join("pairs.txt"), lines).unwrap();
    let mut predict = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    predict
        .current_dir(dir.path())
        .args(["predict", "--json", "--input", "pairs.txt"]);
    predict.args(["--model", "runs/synonyms", "--backbone"]);
    let output = succeed(predict.arg(backbone("bert-tiny")));
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    let best = |line: &Value| line["models"][0]["labels"][0]["label"].clone();
    assert_eq!(
        lines.iter().map(best).collect::<Vec<_>>(),
        ["related", "unrelated"]
    );
    assert_eq!(
        (&lines[0]["id"], &lines[1]["id"]),
        (&Value::Null, &json!(7))
    );
}

#[test]
fn pairs_have_the_comparison_rows_of_relations() {
    let dir = pairs();
    let args = [
        "--epochs",
        "1",
        "--sweep",
        "variant=adapter,backbone,random",
        "--seeds",
        "1,2",
    ];
    succeed(ktrain(dir.path()).args(args));
    let table = json(&dir.path().join("runs/synonyms-variant/rows.json"));
    let names: Vec<&Value> = table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(
        names,
        ["variant=adapter", "variant=backbone", "variant=random"]
    );
    assert_eq!(table["rows"][0]["seeds"], json!([1, 2]));
    assert!(table["rows"][0]["test"]["f1_related"]["mean"].is_number());
}

/// A fact, or one of two fakes of it: real where the second concept is of the first group.
fn fact(i: usize) -> PairExample {
    let groups = [["gold", "river", "capital"], ["paris", "novel", "language"]];
    let (number, kind) = (i / 3, i % 3);
    let first = groups[number % 2][number / 2 % 3];
    let second = groups[usize::from(kind > 0)][(number / 6 + kind) % 3];
    let id = |i: usize| stable_id([&i.to_le_bytes()[..]]);
    let (positive, replaced, negative) = match kind {
        0 => (String::new(), "", ""),
        _ => (id(i - kind), "second", "slot"),
    };
    PairExample {
        id: id(i),
        group: number.to_string(),
        first: format!("the {first}"),
        second: format!("{} {second}", ["the", "a", "in", "of"][number / 18 % 4]),
        relation: "is near".into(),
        relation_id: "near".into(),
        label: i64::from(kind == 0),
        class: ["fake", "real"][usize::from(kind == 0)].into(),
        positive,
        replaced: replaced.into(),
        negative: negative.into(),
        ..PairExample::default()
    }
}

#[test]
fn an_adapter_learns_a_margin_between_real_and_fake_facts() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(fact).collect();
    let splits = [rows(0..480), rows(480..561), rows(561..642)];
    let data = dir.path().join("shards/facts");
    write_for(Some("bert-mk"), &data, &["fake", "real"], splits, |_| {});
    let margin = |out: &str, epochs: &str| {
        let mut command = ktrain(dir.path());
        command.args([
            "--set",
            "pair_loss=margin",
            "--out",
            out,
            "--epochs",
            epochs,
        ]);
        command
    };
    succeed(&mut margin("margin", "10"));
    let config = json(&dir.path().join("margin/facts/config.json"));
    assert_eq!(config["config"]["pair_loss"], "margin");
    let test = &config["scores"]["test"];
    assert_eq!(test["decisions"], 81);
    assert!(share(&test["accuracy"]) > 0.85, "{test}");
    for figure in ["auc", "mrr", "hits_at_1"] {
        assert!(share(&test["more"][figure]) > 0.85, "{test}");
    }
    assert!(test["more"]["accuracy_negative_slot"].is_number(), "{test}");

    let mut parts = margin("parts", "1");
    parts.args(["--set", "gradient_accumulation_steps=2"]);
    let message = misused(&mut parts);
    assert!(
        message.contains("pair_loss=margin needs gradient_accumulation_steps=1"),
        "{message}"
    );
    // Pairs whose negatives do not name their positives.
    let dir = pairs();
    let message = fail(ktrain(dir.path()).args(["--set", "pair_loss=margin"]));
    let expected = "pair_loss=margin needs a positive with a negative in the training split";
    assert!(message.contains(expected), "{message}");
}
