//! Adapters that learn what other systems learn: pairs of phrases, labels of spans, entities of spans.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::{LabelExample, PairExample, stable_id};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::datasets::write_for;
use crate::{fail, json, ktrain, succeed};

/// Two words that are related where they are of the same group.
fn pair(i: usize) -> PairExample {
    let groups = [["gold", "river", "capital"], ["paris", "novel", "language"]];
    let (one, other) = (i % 2, i / 2 % 2);
    let label = i64::from(one == other);
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

/// The scores of a run's test split.
fn test_scores(dir: &Path, run: &str) -> Value {
    json(&dir.join("runs").join(run).join("adapter_config.json"))["scores"]["test"].clone()
}

fn share(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn an_adapter_learns_whether_words_are_related_and_says_whose_objective_it_is() {
    let dir = pairs();
    succeed(ktrain(dir.path()).args(["--epochs", "40"]));
    let run = dir.path().join("runs/synonyms");
    let config = json(&run.join("adapter_config.json"));
    assert_eq!(config["config"]["objective"], "libert");
    assert_eq!(config["config"]["task"], "pair");
    let scores = test_scores(dir.path(), "synonyms");
    assert!(share(&scores["baseline"]) < 0.6, "{scores}");
    assert!(share(&scores["accuracy"]) > 0.75, "{scores}");
    assert!(share(&scores["more"]["f1_related"]) > 0.7, "{scores}");
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
    let output = succeed(predict.arg(crate::datasets::backbone("bert-tiny")));
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

/// The names of [`label`]'s classes.
const CLASSES: [&str; 3] = ["noun.place", "noun.thing", "verb.motion"];

/// Two spans of one word, whose classes the word before each of them gives away; every fifth may have another class, too.
fn label(i: usize) -> LabelExample {
    let cues = ["the", "in", "of"];
    let words = ["gold", "river", "capital", "paris", "novel", "language"];
    let classes = [i % 3, i / 3 % 3];
    let parts = classes.iter().enumerate();
    let parts = parts.map(|(k, &class)| format!("{} {}", cues[class], words[(i / 9 + 2 * k) % 6]));
    let text = format!("a {} is", parts.collect::<Vec<_>>().join(" "));
    let mut allowed: Vec<(i32, i64)> = vec![(0, classes[0] as i64), (1, classes[1] as i64)];
    if i.is_multiple_of(5) {
        allowed.push((1, (classes[1] as i64 + 1) % 3));
        allowed[1..].sort_unstable();
    }
    LabelExample {
        id: stable_id([&i.to_le_bytes()[..]]),
        token: text.split(' ').collect(),
        text,
        span_start: vec![2, 4],
        span_end: vec![2, 4],
        span_lemma: ["", ""].into(),
        span_id: ["", ""].into(),
        span_was: ["", ""].into(),
        class_span: allowed.iter().map(|&(span, _)| span).collect(),
        label: allowed.iter().map(|&(_, label)| label).collect(),
        class: allowed
            .iter()
            .map(|&(_, label)| CLASSES[label as usize])
            .collect(),
        ..LabelExample::default()
    }
}

fn labels(objective: &str, names: &[&str], label: fn(usize) -> LabelExample) -> TempDir {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(label).collect();
    let splits = [rows(0..480), rows(480..560), rows(560..640)];
    let data = dir.path().join("shards/labels");
    write_for(Some(objective), &data, names, splits, |_| {});
    dir
}

#[test]
fn an_adapter_learns_the_supersenses_of_masked_words() {
    let dir = labels("sensebert", &CLASSES, label);
    succeed(ktrain(dir.path()).args(["--epochs", "15"]));
    let config = json(&dir.path().join("runs/labels/adapter_config.json"));
    assert_eq!(config["config"]["mask_words"], 0.15);
    assert_eq!(config["config"]["span_pooling"], "first");
    let scores = test_scores(dir.path(), "labels");
    // Some words that give the class away are masked, too.
    assert!(share(&scores["baseline"]) < 0.55, "{scores}");
    assert!(share(&scores["accuracy"]) > 0.65, "{scores}");
    // Of the 160 spans of the test split, the masked ones are scored.
    assert!(
        (80..100).contains(&scores["decisions"].as_i64().unwrap()),
        "{scores}"
    );

    // With all spans and the text visible, and from cached states.
    let visible = ["--epochs", "8", "--set", "mask_words=0", "--out", "visible"];
    succeed(ktrain(dir.path()).args(visible));
    let config = json(&dir.path().join("visible/labels/adapter_config.json"));
    assert_eq!(config["scores"]["test"]["decisions"], 160);
    assert!(
        share(&config["scores"]["test"]["accuracy"]) > 0.95,
        "{config}"
    );
    let cached = ["--epochs", "15", "--cache", "cache", "--out", "cached"];
    succeed(ktrain(dir.path()).args(cached));
    let config = json(&dir.path().join("cached/labels/adapter_config.json"));
    assert!(
        share(&config["scores"]["test"]["accuracy"]) > 0.6,
        "{config}"
    );
}

/// One span, which was replaced where `river` is behind it.
fn replaced(i: usize) -> LabelExample {
    let (class, words) = (i % 2, ["gold", "capital", "paris", "novel", "language"]);
    let text = format!("the {} {} is", words[i / 2 % 5], ["of", "river"][class]);
    LabelExample {
        id: stable_id([&i.to_le_bytes()[..]]),
        token: text.split(' ').collect(),
        text,
        span_start: vec![1],
        span_end: vec![1],
        span_lemma: [""].into(),
        span_id: [""].into(),
        span_was: [""].into(),
        class_span: vec![0],
        label: vec![class as i64],
        class: [["kept", "replaced"][class]].into(),
        ..LabelExample::default()
    }
}

#[test]
fn an_adapter_learns_which_entities_were_replaced() {
    let dir = labels("wklm", &["kept", "replaced"], replaced);
    succeed(ktrain(dir.path()).args([
        "--epochs",
        "4",
        "--sweep",
        "variant=adapter,backbone,random",
    ]));
    let table = json(&dir.path().join("runs/labels-variant/rows.json"));
    let test = &table["rows"][0]["test"];
    for figure in ["accuracy", "f1_replaced", "auc"] {
        assert!(share(&test[figure]["mean"]) > 0.95, "{table}");
    }
}

#[test]
fn an_objective_that_is_unknown_or_another_task_s_is_refused() {
    let dir = labels("libert", &CLASSES, label);
    let message = fail(&mut ktrain(dir.path()));
    let expected = "the manifest's objective is libert, whose records are those of the task pair, not of labels";
    assert!(message.contains(expected), "{message}");
    let dir = labels("ernie2", &CLASSES, label);
    let message = fail(&mut ktrain(dir.path()));
    let expected = "the manifest's objective is \"ernie2\", expected libert, bert-mk, sensebert, wklm, knowbert, ernie or none";
    assert!(message.contains(expected), "{message}");
}
