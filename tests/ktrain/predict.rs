//! `ktrain predict`: on questions with answers to choose from, with paragraphs, and on marked sentences.

use std::fs;
use std::path::Path;
use std::process::Command;

use kprep_schemas::{JsonLines, Record, RelationExample};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::benchmarks::{choice, finetune, question};
use crate::datasets::{easy_relation, write};
use crate::finetune::{self, prepared, score};
use crate::{fail, ktrain, succeed};

/// `ktrain predict` of models on `questions.jsonl`.
fn predict(dir: &Path, models: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("predict");
    command.args(["--input", "questions.jsonl", "--threads", "1"]);
    command.args(models.iter().flat_map(|model| ["--model", model]));
    command
}

fn write_questions<R: Record>(dir: &Path, rows: &[R]) {
    let lines = JsonLines::of(rows).unwrap();
    fs::write(dir.join("questions.jsonl"), lines).unwrap();
}

fn objects(command: &mut Command) -> Vec<Value> {
    let output = succeed(command.arg("--json"));
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The guesses of the model in `run` at rows as kprep exports them.
pub(crate) fn answers<R: Record>(dir: &Path, rows: &[R]) -> Vec<Value> {
    write_questions(dir, rows);
    let all = objects(predict(dir, &["run"]).args(["--batch-size", "7"]));
    assert_eq!(all.len(), rows.len());
    let of = |(row, object): (&R, &Value)| {
        assert_eq!(object["id"], row.id());
        object["models"][0]["answers"].clone()
    };
    rows.iter().zip(&all).map(of).collect()
}

/// A model of one step.
fn model(dir: &Path, benchmark: &str, out: &str, max_length: &str) {
    let args = [
        "--max-steps",
        "1",
        "--out",
        out,
        "--max-length",
        max_length,
        benchmark,
    ];
    succeed(&mut finetune(dir, &args));
}

#[test]
fn models_choose_side_by_side_and_what_they_cannot_read_is_told() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(choice).collect();
    let data = dir.path().join("data");
    write(&data, &[], [rows(0..30), rows(30..35), rows(35..40)]);
    model(dir.path(), "cosmosqa", "a", "40");
    model(dir.path(), "cosmosqa", "b", "12");
    let mut rows: Vec<_> = rows(0..3);
    rows[0].context = "gold".into();
    // With all of it but the context there are 4 + 2 + 2 tokens, and then 4 + 2 + 20.
    rows[1].context = "gold ".repeat(6);
    rows[2].answers = ["in", &"in ".repeat(20)].into();
    rows[2].label = None;
    write_questions(dir.path(), &rows);
    let all = objects(predict(dir.path(), &["a", "b"]).args(["--top", "9"]));
    let cut: Vec<_> = all
        .iter()
        .map(|object| ["a", "b"].map(|name| of(object, name)["cut"].clone()))
        .collect();
    assert_eq!(
        cut,
        [[0, 0], [0, 1], [0, 0]].map(|pair| pair.map(Value::from))
    );
    let guesses = |object: &Value, name| of(object, name)["answers"].as_array().map(Vec::len);
    assert_eq!(guesses(&all[0], "b"), Some(4));
    assert_eq!(
        (guesses(&all[2], "a"), guesses(&all[2], "b")),
        (Some(2), None)
    );
    let shares = of(&all[2], "a")["answers"].as_array().unwrap().iter();
    let sum: f64 = shares.map(|one| one["probability"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    assert_eq!(
        (&all[2]["line"], &all[2]["question"]),
        (&json!(3), &json!("the river"))
    );

    let output = succeed(&mut predict(dir.path(), &["a", "b"]));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2].matches('%').count()), ("the river", 2));
    assert!(text.contains("  (cut at 12 tokens)\n"), "{text}");
    let too_long = "  too long: the question and an answer fill more than 12 tokens\n";
    assert!(text.contains(too_long), "{text}");
    let said = String::from_utf8(output.stderr).unwrap();
    let expected =
        "questions: 3 read, 1 cut at the longest input of a model, 1 too long for a model";
    assert!(said.contains(expected), "{said}");

    let bad = r#"{"question": "q", "context": "c"}"#;
    fs::write(dir.path().join("questions.jsonl"), format!("\n{bad}\n")).unwrap();
    let message = fail(&mut predict(dir.path(), &["a"]));
    let expected =
        "questions.jsonl: line 2: missing field `answers` at column 33: expected {\"context\": ";
    assert!(message.contains(expected), "{message}");
}

/// What a model says of an input.
fn of<'a>(object: &'a Value, name: &str) -> &'a Value {
    let models = object["models"].as_array().unwrap();
    models.iter().find(|model| model["model"] == name).unwrap()
}

#[test]
fn spans_come_from_all_paragraphs_and_models_of_one_call_read_the_same() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(question).collect();
    let data = dir.path().join("data");
    write(&data, &[], [rows(0..30), rows(30..35), rows(35..40)]);
    model(dir.path(), "searchqa", "spans", "12");
    let mut rows: Vec<_> = rows(0..4);
    rows[1].paragraphs = ["in the river", "", &"gold ".repeat(20), "of"].into();
    rows[2].paragraphs = [""; 0].into();
    rows[3].question = "river ".repeat(20);
    write_questions(dir.path(), &rows);
    let all = objects(predict(dir.path(), &["spans"]).args(["--top", "9"]));
    let said: Vec<_> = all.iter().map(|object| of(object, "spans")).collect();
    let found: Vec<_> = said.iter().map(|said| said["answers"].as_array()).collect();
    let found: Vec<_> = found
        .into_iter()
        .map(|found| found.map(Vec::as_slice))
        .collect();
    let (spans, none) = (found[1].unwrap(), found[2].unwrap());
    assert_eq!((none.len(), found[3]), (0, None));
    // One of each paragraph that has a word; the best first.
    let mut paragraphs: Vec<_> = spans
        .iter()
        .map(|span| span["paragraph"].as_u64())
        .collect();
    paragraphs.sort_unstable();
    assert_eq!(paragraphs, [Some(0), Some(2), Some(3)]);
    let scores = spans.iter().map(|span| span["score"].as_f64().unwrap());
    assert!(scores.is_sorted_by(|a, b| a >= b), "{spans:?}");
    for span in spans {
        let paragraph = &rows[1].paragraphs[span["paragraph"].as_u64().unwrap() as usize];
        assert!(paragraph.contains(span["text"].as_str().unwrap()), "{span}");
    }
    assert_eq!((&said[0]["cut"], &said[1]["cut"]), (&json!(0), &json!(1)));

    let output = succeed(&mut predict(dir.path(), &["spans"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("capital of\n  spans\n  "), "{text}");
    assert!(
        text.contains("  too long: the question fills 12 tokens\n"),
        "{text}"
    );
    assert!(text.contains("  no answer\n"), "{text}");

    let rows = |range: std::ops::Range<usize>| range.map(choice).collect();
    fs::remove_dir_all(&data).unwrap();
    write(&data, &[], [rows(0..30), rows(30..35), rows(35..40)]);
    model(dir.path(), "cosmosqa", "choices", "40");
    let message = fail(&mut predict(dir.path(), &["spans", "choices"]));
    let expected = "spans reads questions with paragraphs, but choices reads questions with answers to choose \
                    from: the models of one call must read the same";
    assert!(message.contains(expected), "{message}");
}

/// It attends to pads, so the number of pads must never depend on the sentences beside one.
#[test]
fn beside_a_released_adapter_a_sentence_means_the_same_in_every_batch() {
    let dir = prepared();
    let released = ["--preset", "released", "--only", "rc", "--out", "released"];
    succeed(ktrain(dir.path()).args(released).args(["--max-steps", "1"]));
    let tune = |adapters: &[&str]| {
        let mut command = finetune::finetune(dir.path(), &["--max-steps", "3"]);
        command.args(adapters.iter().flat_map(|dir| ["--adapter", dir]));
        command.args(["--out", "run"]);
        command
    };
    let told = fail(&mut tune(&["R=released/rc", "F=runs/rc"]));
    assert!(
        told.contains("attends to pads and another masks them"),
        "{told}"
    );
    succeed(&mut tune(&["released/rc"]));
    let long = format!("<e1>gold</e1> is {}<e2>a</e2>", "the river ".repeat(9));
    let lines = format!("<e1>gold</e1> is <e2>b</e2>\n{long}\n");
    fs::write(dir.path().join("questions.jsonl"), lines).unwrap();
    let logits = |size: &str| {
        let all = objects(predict(dir.path(), &["run"]).args(["--batch-size", size, "--top", "4"]));
        let labels = all[0]["models"][0]["labels"].as_array().unwrap().clone();
        let logits = labels.iter().map(|label| label["logit"].as_f64().unwrap());
        logits.collect::<Vec<_>>()
    };
    let (alone, beside) = (logits("1"), logits("2"));
    assert_eq!(alone.len(), 4);
    for (alone, beside) in alone.iter().zip(&beside) {
        assert!((alone - beside).abs() < 1e-5, "{alone} {beside}");
    }
}

fn predict_marked(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir)
        .arg("predict")
        .args(["--threads", "1"]);
    command.args(args);
    command
}

/// A row as marked text.
fn marked(row: &RelationExample) -> String {
    let words = (0..).zip(row.token.iter()).map(|(at, word)| match at {
        _ if at == row.subj_start => format!("<e1>{word}</e1>"),
        _ if at == row.obj_start => format!("<e2>{word}</e2>"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ") + "\n"
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(succeed(command).stdout).unwrap()
}

#[test]
fn models_predict_side_by_side_what_they_have_learnt() {
    let dir = prepared();
    let adapter = ["--adapter", "runs/rc", "--epochs", "6", "--out", "runs/a"];
    succeed(&mut finetune::finetune(dir.path(), &adapter));
    let short = ["--max-steps", "1", "--out", "runs/b"];
    succeed(&mut finetune::finetune(dir.path(), &short));
    let rows: Vec<_> = (700..800).map(easy_relation).collect(); // the test split
    let text: String = rows.iter().map(marked).collect();
    fs::write(dir.path().join("s.txt"), &text).unwrap();
    let args = [
        "--model", "runs/a", "--model", "runs/b", "--input", "s.txt", "--top", "2",
    ];
    let lines = objects(&mut predict_marked(dir.path(), &args));
    let right = lines.iter().zip(&rows).filter(|(line, row)| {
        let labels = line["models"][0]["labels"].as_array().unwrap();
        assert!(labels.len() == 2 && labels[0]["logit"].as_f64() >= labels[1]["logit"].as_f64());
        labels[0]["label"] == *row.relation
    });
    // The score that training gave the same weights on the same rows.
    let config = crate::json(&dir.path().join("runs/a/config.json"));
    let accuracy = score(&config["scores"]["test"], "accuracy");
    assert_eq!(right.count(), (100.0 * accuracy).round() as usize);

    let output = stdout(&mut predict_marked(dir.path(), &args));
    let first: Vec<&str> = output.lines().take(5).collect();
    assert_eq!(first[0], text.lines().next().unwrap());
    let heading: Vec<&str> = first[1].split_whitespace().collect();
    assert_eq!(heading, ["runs/a", "runs/b"]);
    assert!(
        first[2].matches('%').count() == 2 && first[4].is_empty(),
        "{output}"
    );
    says_why_there_is_no_prediction(dir.path(), &args);
}

fn says_why_there_is_no_prediction(dir: &Path, args: &[&str]) {
    let far = format!("<e1>a</e1> {}<e2>b</e2>\n", "word ".repeat(60));
    fs::write(dir.join("s.txt"), &far).unwrap();
    let output = stdout(&mut predict_marked(dir, &args[..6]));
    let too_long = "too long: an entity is beyond 40 tokens";
    assert!(output.contains(too_long), "{output}");
    fs::write(dir.join("s.txt"), format!("{far}no marks\n")).unwrap();
    let message = fail(&mut predict_marked(dir, args));
    let expected = "s.txt: line 2: expected an entity in <e1> and </e1>";
    assert!(message.contains(expected), "{message}");
    fs::write(dir.join("s.txt"), far).unwrap();
    let other = ["--model", "runs/deps", "--input", "s.txt"];
    let message = fail(&mut predict_marked(dir, &other));
    let expected = "runs/deps was not fine-tuned, nor is it an adapter trained on relations";
    assert!(message.contains(expected), "{message}");
}
