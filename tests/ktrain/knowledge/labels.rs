//! Labels of spans.

use kprep_schemas::{LabelExample, stable_id};
use tempfile::{TempDir, tempdir};

use super::{share, test_scores};
use crate::datasets::write_for;
use crate::{fail, json, ktrain, succeed};

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
    succeed(ktrain(dir.path()).args(["--epochs", "12"]));
    let config = json(&dir.path().join("runs/labels/config.json"));
    assert_eq!(config["config"]["mask_words"], 0.15);
    assert_eq!(config["config"]["span_pooling"], "first");
    let scores = test_scores(dir.path(), "labels");
    // Some words that give the class away are masked, too.
    assert!(share(&scores["baseline"]) < 0.55, "{scores}");
    assert!(share(&scores["accuracy"]) > 0.5, "{scores}");
    // Of the 160 spans of the test split, the masked ones are scored.
    assert!(
        (80..100).contains(&scores["decisions"].as_i64().unwrap()),
        "{scores}"
    );

    for figure in [
        "accuracy_visible",
        "macro_f1_visible",
        "accuracy_ambiguous_words",
        "accuracy_gold",
    ] {
        assert!(share(&scores["more"][figure]) > 0.3, "{figure} {scores}");
    }
    assert!(scores["macro_f1"].is_number(), "{scores}");
    let validation = &config["scores"]["validation"]["more"];
    assert!(validation["accuracy_visible"].is_null(), "{validation}");

    // With all spans and the text visible, and from cached states.
    let visible = [
        "--epochs",
        "20",
        "--set",
        "mask_words=0",
        "--out",
        "visible",
    ];
    succeed(ktrain(dir.path()).args(visible));
    let config = json(&dir.path().join("visible/labels/config.json"));
    assert_eq!(config["scores"]["test"]["decisions"], 160);
    assert!(
        share(&config["scores"]["test"]["accuracy"]) > 0.85,
        "{config}"
    );
    assert!(config["scores"]["test"]["more"]["accuracy_visible"].is_null());
    let cached = ["--epochs", "2", "--cache", "cache", "--out", "cached"];
    succeed(ktrain(dir.path()).args(cached));
    let config = json(&dir.path().join("cached/labels/config.json"));
    assert_eq!(config["scores"]["test"]["decisions"], scores["decisions"]);
    assert_eq!(config["config"]["cached_states"], true);
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
