//! The benchmarks' scores beside those of other implementations, and of SemEval-2010 Task 8's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::needs::real;
use ktrain::evaluate::ranks::Ranking;
use ktrain::evaluate::scoring::labels::Typed;
use ktrain::evaluate::scoring::{answers, classes, labels};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A part of `tests/data/scores/scores.json`, which `make_scores.py` beside it made.
fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/scores/scores.json");
    crate::json(&path)
}

fn part<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn assert_close(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
}

#[test]
fn relations_are_scored_as_by_scikit_learn() {
    let expected = expected();
    let tacred = &expected["tacred"];
    let pairs: Vec<(u8, u8)> = part(&tacred["pairs"]);
    let prf = classes::micro_without(&pairs, Some(0));
    assert_close(prf.precision, &tacred["precision"]);
    assert_close(prf.recall, &tacred["recall"]);
    assert_close(prf.f1, &tacred["f1"]);

    let semeval = &expected["semeval"];
    let pairs: Vec<(String, String)> = part(&semeval["pairs"]);
    let pairs = pairs.iter().map(|(gold, guess)| (&**gold, Some(&**guess)));
    assert_close(classes::macro_directed(pairs).f1, &semeval["f1"]);
}

#[test]
fn types_are_scored_as_by_scikit_learn() {
    let typing = &expected()["typing"];
    let gold: Vec<Vec<u32>> = part(&typing["gold"]);
    let predicted: Vec<Vec<u32>> = part(&typing["predicted"]);
    let all = gold.into_iter().zip(predicted);
    let all: Vec<Typed> = all
        .map(|(gold, predicted)| Typed { gold, predicted })
        .collect();
    let micro = labels::micro(&all);
    assert_close(micro.precision, &typing["precision"]);
    assert_close(micro.recall, &typing["recall"]);
    assert_close(micro.f1, &typing["micro"]);
    assert_close(labels::loose_macro(&all).f1, &typing["loose_macro"]);
    assert_close(labels::strict(&all), &typing["strict"]);
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "answer")]
    text: String,
    golds: Vec<String>,
    exact: bool,
    f1: Value,
}

#[test]
fn answers_are_compared_as_squad_defines_it() {
    let all: Vec<Answer> = part(&expected()["answers"]);
    assert!(all.iter().any(|one| one.exact));
    for one in &all {
        assert_eq!(answers::exact_match(&one.text, &one.golds), one.exact);
        assert_close(answers::f1(&one.text, &one.golds), &one.f1);
    }
}

#[test]
fn ranks_are_averaged_over_relations() {
    let expected = &expected()["ranks"];
    let relations: BTreeMap<String, Vec<usize>> = part(&expected["ranks"]);
    let each: Vec<Ranking> = relations.values().map(|ranks| Ranking::of(ranks)).collect();
    let ours = Ranking::macro_mean(&each);
    assert_close(ours.first, &expected["p1"]);
    assert_close(ours.ten, &expected["p10"]);
    assert_close(ours.reciprocal, &expected["mrr"]);
}

/// A line of the scorer's key or of a proposal: a number and a class.
fn numbered(path: &Path) -> BTreeMap<u32, String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines
        .map(|(number, class)| (number.parse().unwrap(), class.trim().to_owned()))
        .collect()
}

/// 8,000 labels and 7,947 predictions whose score the task's own scorer states.
#[test]
fn the_macro_f1_is_that_of_semeval_s_scorer() {
    let Some(dir) = real("downstream/semeval2010_task8") else {
        return;
    };
    let key = numbered(&dir.join("answer_key2.txt"));
    let proposed = numbered(&dir.join("proposed_answer2.txt"));
    assert_eq!((key.len(), proposed.len()), (8000, 7947));
    let pairs = key.iter();
    let pairs = pairs.map(|(number, gold)| (&**gold, proposed.get(number).map(String::as_str)));
    let ours = classes::macro_directed(pairs);
    let in_words = |share: f64| format!("{:.2}%", 100.0 * share);
    let result = fs::read_to_string(dir.join("result_scores2.txt")).unwrap();
    let official = result.split("OFFICIAL").nth(1).unwrap();
    let averaged = official.split("MACRO-averaged").nth(1).unwrap();
    let line = averaged.lines().nth(1).unwrap();
    let words: Vec<&str> = line
        .split_whitespace()
        .filter(|word| word.ends_with('%'))
        .collect();
    let shares = [ours.precision, ours.recall, ours.f1].map(in_words);
    assert_eq!(words, shares);
    assert!(result.contains(&format!("macro-averaged F1 = {}", shares[2])));
}
