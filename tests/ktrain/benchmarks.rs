//! Fine-tuning on types, choices and answers in paragraphs.

use std::path::Path;
use std::process::Command;

use kprep_schemas::{ChoiceExample, QuestionExample, TypingExample};
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, Preset};
use ktrain::data::batch::Batch;
use ktrain::data::examples::{Counts, Example, TrainingRow};
use ktrain::data::paragraph::Answer;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::evaluate::scoring::{self, answers::exact_match};
use ktrain::tasks::choice::{ChoiceTarget, ChoiceTargets};
use ktrain::tasks::span::SpanTarget;
use ktrain::tasks::typing::TypingTarget;
use serde_json::Value;
use tch::Tensor;
use tempfile::tempdir;

use crate::datasets::{backbone, write};
use crate::predict::answers;
use crate::{cut_off, json, succeed};

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
    let before = (heads(), json(&run.join("adapter_config.json")));
    cut_off(&run);
    succeed(command().arg("--resume"));
    assert!(before == (heads(), json(&run.join("adapter_config.json"))));
}

/// The only example of a row, or all of them.
fn examples<R: TrainingRow>(row: &R, max_length: usize) -> (Vec<Example<R::Target>>, Counts) {
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let mut counts = Counts::default();
    let all = row.examples(&mut vocabulary.words(), max_length.into(), &mut counts);
    (all, counts)
}

#[test]
fn an_entity_has_a_marker_at_each_side() {
    let mut row = typing(1); // paris
    row.text = "the river paris's capital".into();
    (row.mention_start, row.mention_end) = (10, 15);
    let (all, _) = examples(&row, 40);
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let TypingTarget { open, labels } = &all[0].target;
    assert_eq!(**labels, [1, 2]);
    let ids = &all[0].ids;
    let markers: Vec<usize> = (0..ids.len())
        .filter(|&i| ids[i] == vocabulary.subject)
        .collect();
    assert_eq!(markers[0], usize::from(*open));
    assert_eq!(markers.len(), 2);
    // The text in front of the second marker must fit, or the row is lost and counted.
    let least = markers[1] + 2;
    let (cut, counts) = examples(&row, least);
    assert_eq!((cut[0].ids.len(), counts.truncated), (least, 1));
    let (none, counts) = examples(&row, least - 1);
    assert_eq!((none.len(), counts.read, counts.too_long), (0, 1, 1));
    row.labels = vec![70_000];
    assert_eq!(examples(&row, 40).1.no_target, 1);
}

#[test]
fn a_choice_is_an_input_for_each_answer_and_cuts_the_context() {
    let (all, counts) = examples(&choice(1), 40);
    let ChoiceTarget { lengths, label } = &all[0].target;
    assert_eq!((lengths.len(), *label, counts.truncated), (4, 3, 0));
    let total: u16 = lengths.iter().sum();
    assert_eq!(usize::from(total), all[0].ids.len());
    let longest = usize::from(*lengths.iter().max().unwrap());
    let (cut, counts) = examples(&choice(1), longest - 1);
    let shorter = &cut[0].target.lengths;
    assert_eq!(usize::from(*shorter.iter().max().unwrap()), longest - 1);
    assert_eq!((counts.truncated, counts.kept), (1, 1));
    assert_eq!(examples(&choice(1), 5).1.too_long, 1);
    let mut unknown = choice(1);
    unknown.label = None;
    assert_eq!(examples(&unknown, 40).1.no_target, 1);

    // Two questions side by side are eight inputs; each score goes to its place.
    let config = Config {
        max_length: 40,
        ..Benchmark::Cosmosqa.config(Preset::Paper, Knowing::Factual)
    };
    let both = [choice(1), choice(2)];
    let store = Store::<ChoiceExample>::of(both.iter().flat_map(|row| examples(row, 40).0));
    let batch = Batch::new(&store, &config, 0, &[0, 1]);
    assert_eq!(batch.input.ids_bt.size()[0], 8);
    let ChoiceTargets {
        at_n,
        label_b,
        most,
        ..
    } = &batch.targets;
    assert_eq!(
        Vec::<i64>::try_from(at_n).unwrap(),
        (0..8).collect::<Vec<i64>>()
    );
    assert_eq!(
        (*label_b == Tensor::from_slice(&[3i64, 2]), *most),
        (true, 4)
    );
}

#[test]
fn an_answer_is_its_whole_words_in_its_paragraph_and_no_answer_where_it_was_cut_off() {
    let mut row = question(0);
    row.paragraphs = ["the river (gold), of france", "in the river"].into();
    (row.answer_paragraph, row.answer_start, row.answer_end) = (vec![0], vec![11], vec![15]);
    let (all, counts) = examples(&row, 40);
    assert_eq!((all.len(), counts.read, counts.kept), (2, 2, 2));
    let SpanTarget {
        answer: Some(answer),
        first,
        paragraph: Some(paragraph),
    } = &all[0].target
    else {
        panic!("{:?}", all[0]);
    };
    assert_eq!(paragraph.cut(*answer), "(gold),");
    assert_eq!(
        paragraph.golds.as_deref(),
        Some(&["the gold".to_owned()][..])
    );
    let start = Answer {
        start: *first,
        end: *first,
    };
    assert_eq!(paragraph.cut(start), "the");
    let all_of_it = Answer {
        start: *first,
        end: all[0].ids.len() as u16 - 2,
    };
    assert_eq!(paragraph.cut(all_of_it), "the river (gold), of france");
    assert!(
        matches!(&all[1].target, SpanTarget { answer: None, paragraph: Some(paragraph), .. } if paragraph.golds.is_none())
    );

    // One token less than the answer needs.
    let (cut, counts) = examples(&row, usize::from(answer.end) + 1);
    assert!(cut[0].target.answer.is_none());
    assert!(counts.truncated >= 1);
    let (kept, _) = examples(&row, usize::from(answer.end) + 2);
    assert!(kept[0].target.answer.is_some());
}
