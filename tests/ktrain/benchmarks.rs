//! Fine-tuning on types, choices and answers in paragraphs.

mod examples;

use std::path::Path;
use std::process::Command;

use kprep_schemas::{ChoiceExample, QuestionExample, TypingExample};
use ktrain::evaluate::scoring::{self, answers::exact_match};
use serde_json::Value;
use tempfile::tempdir;

use crate::datasets::{backbone, write};
use crate::predict::answers;
use crate::{cut_off, json, misused, succeed};

const FILLERS: [&str; 7] = ["is", "the", "of", "in", "capital", "france", "river"];

fn words(i: usize, n: usize) -> String {
    let words: Vec<&str> = (0..n).map(|j| FILLERS[(i * 3 + j * j) % 7]).collect();
    words.join(" ")
}

/// An entity whose word gives its types away.
fn typing(i: usize) -> TypingExample {
    let (word, labels): (&str, Vec<i64>) =
        [("gold", vec![0]), ("paris", vec![1, 2]), ("novel", vec![2])][i % 3].clone();
    let before = words(i, 2 + i % 4);
    let start = before.len() as i32 + 1;
    TypingExample {
        id: i.to_string(),
        doc_id: String::new(),
        text: format!("{before} {word} {}", words(i + 1, 3)),
        mention_start: start,
        mention_end: start + word.len() as i32,
        types: labels.iter().map(|&label| TYPES[label as usize]).collect(),
        labels,
    }
}

const TYPES: [&str; 3] = ["/a", "/b", "/b/c"];

/// A question whose right answer has the word of its context.
pub(crate) fn choice(i: usize) -> ChoiceExample {
    let all = ["gold", "paris", "novel", "language"];
    let label = i * 7 % 4;
    ChoiceExample {
        id: i.to_string(),
        context: format!("{} {}", words(i, 4), all[label]),
        question: "the river".into(),
        // The right answer is the one with this word, so that it can be learnt in few steps.
        answers: (0..4)
            .map(|n| if n == label { "gold gold" } else { "in of" })
            .collect(),
        label: Some(label as i64),
    }
}

/// A question with three paragraphs, one of which holds the answer.
pub(crate) fn question(i: usize) -> QuestionExample {
    let here = i % 3;
    let paragraph = |n: usize| {
        let front = words(i + n, 1 + i % 3);
        if n == here {
            format!("{front} gold {}", words(i, 2))
        } else {
            format!("{front} {}", words(i, 3))
        }
    };
    let start = words(i + here, 1 + i % 3).len() as i32 + 1;
    QuestionExample {
        id: i.to_string(),
        question: "capital of".into(),
        answers: ["the gold"].into(),
        paragraphs: (0..3)
            .map(paragraph)
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect(),
        answer_paragraph: vec![here as i32],
        answer_start: vec![start],
        answer_end: vec![start + 4],
    }
}

pub(crate) fn finetune(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir).arg("finetune");
    command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
    command.args([
        "--data",
        "data",
        "--out",
        "run",
        "--threads",
        "1",
        "--precision",
        "fp32",
    ]);
    command.args([
        "--batch-size",
        "32",
        "--lr",
        "2e-3",
        "--warmup-steps",
        "0",
        "--max-length",
        "40",
    ]);
    command.args(args);
    command
}

fn summary(command: &mut Command) -> Value {
    let output = succeed(command.arg("--json"));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn official(summary: &Value) -> (&str, f64) {
    let official = &summary["runs"][0]["test"]["official"];
    (
        official["name"].as_str().unwrap(),
        official["score"].as_f64().unwrap(),
    )
}

#[test]
fn types_are_learnt() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(typing).collect();
    write(
        &dir.path().join("data"),
        &TYPES,
        [rows(0..300), rows(300..360), rows(360..420)],
    );
    let figer = summary(&mut finetune(dir.path(), &["--epochs", "12"]));
    assert_eq!(figer["task"], "figer");
    let (name, score) = official(&figer);
    assert!(name == "strict accuracy" && score > 0.6, "{figer}");
    assert!(
        figer["runs"][0]["test"]["official"]["loose_macro_f1"]
            .as_f64()
            .unwrap()
            >= score
    );
    std::fs::write(dir.path().join("s.txt"), "the river <e1>paris</e1> is in\n").unwrap();
    let mut predict = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    predict
        .current_dir(dir.path())
        .args(["predict", "--json", "--threads", "1"]);
    let output = succeed(predict.args(["--model", "run", "--input", "s.txt", "--top", "3"]));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let labels = said["models"][0]["labels"].as_array().unwrap();
    for label in labels {
        // Each type has a probability of its own.
        let [probability, logit] =
            ["probability", "logit"].map(|name| label[name].as_f64().unwrap());
        assert!(
            (probability - 1.0 / (1.0 + (-logit).exp())).abs() < 1e-9,
            "{said}"
        );
    }
    assert!(labels.len() == 3 && labels[0]["label"] != "/a", "{said}");
    let mut open = finetune(dir.path(), &["--max-steps", "2", "--overwrite"]);
    let open = summary(open.arg("openentity"));
    assert_eq!(official(&open).0, "micro-F1");
    assert_eq!(
        misused(finetune(dir.path(), &["--overwrite"]).args(["--set", "entity=mean"])),
        "error: --set entity: only benchmarks of relations use it\n"
    );
}

#[test]
fn choices_are_learnt() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(choice).collect();
    write(
        &dir.path().join("data"),
        &[],
        [rows(0..200), rows(200..240), rows(240..280)],
    );
    let cosmos = summary(&mut finetune(dir.path(), &["--epochs", "4"]));
    assert_eq!(cosmos["task"], "cosmosqa");
    let test = &cosmos["runs"][0]["test"];
    assert!(test["accuracy"].as_f64().unwrap() > 0.6, "{cosmos}");
    assert!((test["baseline"].as_f64().unwrap() - 0.25).abs() < 0.01);

    // What the model predicts is what was scored.
    let rows: Vec<_> = (240..280).map(choice).collect();
    let answers = answers(dir.path(), &rows);
    let right = rows.iter().zip(&answers);
    let right = right.filter(|(row, answers)| answers[0]["answer"].as_i64() == row.label);
    let right = right.count() as f64;
    assert_eq!(Some(right / 40.0), test["accuracy"].as_f64());
}

#[test]
fn answers_are_found_in_one_of_several_paragraphs_and_a_run_resumes() {
    let dir = tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| range.map(question).collect();
    write(
        &dir.path().join("data"),
        &[],
        [rows(0..100), rows(100..120), rows(120..150)],
    );
    let command = || {
        let mut command = finetune(dir.path(), &["--epochs", "6", "--eval-every", "20"]);
        command.arg("searchqa");
        command
    };
    let whole = summary(&mut command());
    let (name, score) = official(&whole);
    assert!(name == "F1" && score > 0.6, "{whole}");
    let test = &whole["runs"][0]["test"];
    assert_eq!(test["decisions"], 30);
    assert_eq!(test["accuracy"], test["official"]["exact_match"]);
    assert_eq!(whole["runs"][0]["rows"]["test"]["read"], 90);

    // What the model answers is what was scored.
    let rows: Vec<_> = (120..150).map(question).collect();
    let (mut exact, mut f1) = (0.0, 0.0);
    for (row, answers) in rows.iter().zip(answers(dir.path(), &rows)) {
        let golds: Vec<String> = row.answers.iter().map(str::to_owned).collect();
        let said = answers[0]["text"].as_str().unwrap();
        exact += f64::from(u8::from(exact_match(said, &golds))) / 30.0;
        f1 += scoring::answers::f1(said, &golds) / 30.0;
    }
    assert!((exact - test["accuracy"].as_f64().unwrap()).abs() < 1e-9);
    assert!((f1 - score).abs() < 1e-9);

    let run = dir.path().join("run");
    let heads = || std::fs::read(run.join("heads.safetensors")).unwrap();
    let before = (heads(), json(&run.join("config.json")));
    cut_off(&run);
    succeed(command().arg("--resume"));
    assert!(before == (heads(), json(&run.join("config.json"))));
}
