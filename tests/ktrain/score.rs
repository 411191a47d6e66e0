//! `ktrain score`: files as the benchmarks' own scorers read them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{fail, succeed};

fn score(dir: &Path, task: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).args([
        "score",
        task,
        "--gold",
        "gold",
        "--predictions",
        "predicted",
    ]);
    command
}

fn table(dir: &Path, task: &str) -> String {
    String::from_utf8(succeed(&mut score(dir, task)).stdout).unwrap()
}

fn summary(dir: &Path, task: &str) -> Value {
    let output = succeed(score(dir, task).arg("--json"));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(dir: &Path, gold: &str, predicted: &str) {
    fs::write(dir.join("gold"), gold).unwrap();
    fs::write(dir.join("predicted"), predicted).unwrap();
}

/// By hand, by the rules of TACRED's `scorer.py`: 3 pairs are predicted, 1 of them right, and 4 are gold.
#[test]
fn tacred_s_files_have_a_relation_a_line() {
    let dir = tempdir().unwrap();
    let gold = "per:title\nper:age\nno_relation\norg:founded\nno_relation\nper:age\n";
    let predicted =
        "per:title\r\nper:title\r\norg:founded\r\nno_relation\r\nno_relation\r\nno_relation\r\n";
    write(dir.path(), gold, predicted);
    let expected = "tacred: 6 examples\nmicro-F1                28.6%\nprecision               33.3%\n\
                    recall                  25.0%\naccuracy                33.3%\n";
    assert_eq!(table(dir.path(), "tacred"), expected);
    let summary = summary(dir.path(), "tacred");
    assert_eq!(
        (&summary["task"], &summary["examples"]),
        (&json!("tacred"), &json!(6))
    );
    assert_eq!(summary["official"]["recall"], 0.25);
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-12;
    assert!(near(&summary["official"]["score"], 2.0 / 7.0), "{summary}");
    assert!(
        near(&summary["official"]["precision"], 1.0 / 3.0),
        "{summary}"
    );
    // Where nothing is predicted, the scorer has a precision of 100% and F1 of 0.
    write(dir.path(), gold, &"no_relation\n".repeat(6));
    assert!(
        table(dir.path(), "tacred")
            .contains("micro-F1                 0.0%\nprecision              100.0%\n")
    );
    assert!(
        table(dir.path(), "relation")
            .starts_with("relation: 6 examples\naccuracy                33.3%\n")
    );
}

/// By hand, by the rules of the task's scorer: Cause-Effect has 1 right of 3 predicted (one in the wrong direction) and
/// 2 gold, Message-Topic 1 of 1 and 2; Entity-Origin is not among the labels, and one prediction is missing.
#[test]
fn semeval_s_files_have_ids() {
    let dir = tempdir().unwrap();
    write(
        dir.path(),
        "1\tCause-Effect(e1,e2)\n2\tCause-Effect(e2,e1)\n3\tMessage-Topic(e1,e2)\n4\tMessage-Topic(e1,e2)\n5\tOther\n6\tOther\n",
        "3\tMessage-Topic(e1,e2)\n1\tCause-Effect(e1,e2)\n2\tCause-Effect(e1,e2)\n5\tCause-Effect(e1,e2)\n6\tEntity-Origin(e1,e2)\n",
    );
    let expected = "semeval: 6 examples, 1 without a prediction\nofficial macro-F1       53.3%\n\
                    precision               66.7%\nrecall                  50.0%\naccuracy                33.3%\n";
    assert_eq!(table(dir.path(), "semeval"), expected);
    let summary = summary(dir.path(), "semeval");
    assert_eq!(summary["without_prediction"], 1);
    assert!(
        (summary["official"]["score"].as_f64().unwrap() - f64::midpoint(0.4, 2.0 / 3.0)).abs()
            < 1e-12
    );
}

/// By hand: strict 1 of 3; micro 3 right of 5 predicted and 4 gold; macro precision (1 + 1/3 + 1/1)/3.
#[test]
fn figer_s_files_have_tags_and_lists_score_the_same() {
    let dir = tempdir().unwrap();
    write(
        dir.path(),
        "In\tO\nNew\tB-/location,/location/city\nYork\tI-/location,/location/city\n\t\nAnn\tB-/person\nBob\tB-/person\n",
        "In\tO\nNew\tB-/location\nYork\tI-/location\n\nAnn\tB-/person,/art,/time\nBob\tB-/person\n",
    );
    let tagged = table(dir.path(), "figer");
    let expected = "figer: 3 examples\nstrict accuracy         33.3%\nloose macro f1          80.5%\nloose micro f1          66.7%\n";
    assert_eq!(tagged, expected);
    write(
        dir.path(),
        "/location /location/city\n/person\n/person\n",
        "/location\n/person,/art,/time\n/person\n",
    );
    assert_eq!(table(dir.path(), "figer"), tagged);
    let expected = "openentity: 3 examples\nmicro-F1                66.7%\nprecision               60.0%\n\
                    recall                  75.0%\naccuracy                33.3%\n";
    assert_eq!(table(dir.path(), "openentity"), expected);
}

#[test]
fn what_is_wrong_is_named_with_file_and_line() {
    let dir = tempdir().unwrap();
    write(dir.path(), "a\nb\n", "a\n");
    assert_eq!(
        fail(&mut score(dir.path(), "tacred")),
        "error: predicted: line 2: a prediction is missing: there are 1 predictions, and 2 labels in gold\n"
    );
    write(dir.path(), "1\tOther\n", "1\tOther\n2\tOther\n");
    assert_eq!(
        fail(&mut score(dir.path(), "semeval")),
        "error: predicted: line 2: no label for the id 2 in gold\n"
    );
    fs::write(dir.path().join("gold"), b"a\n\xff\n").unwrap();
    assert_eq!(
        fail(&mut score(dir.path(), "cosmosqa")),
        "error: gold: line 2: no UTF-8\n"
    );
    fs::remove_file(dir.path().join("gold")).unwrap();
    assert_eq!(
        fail(&mut score(dir.path(), "tacred")),
        "error: gold: No such file or directory (os error 2)\n"
    );
    write(dir.path(), "a\n", "a\n");
    assert!(
        fail(&mut score(dir.path(), "searchqa"))
            .starts_with("error: ktrain score reads files of labels")
    );
}
