//! The benchmarks' real files; counts are those of a few lines of Python.

use kprep_schemas::{ClozeExample, Split};
use serde_json::json;

use super::build;
use crate::needs::real;

/// A real input, or `None` if it is not there.
fn shared(path: &str) -> Option<String> {
    real(path).map(|path| path.to_string_lossy().into_owned())
}

#[test]
fn semeval() {
    let Some(folder) = shared("downstream/semeval2010_task8") else {
        return;
    };
    let train = format!("{folder}/TRAIN_FILE.TXT.gz");
    let test = format!("{folder}/TEST_FILE_FULL.TXT.gz");
    let built = build("semeval", &[&train, &test]);
    let [train, validation, test] = built.splits();
    assert_eq!((train + validation, test), (8000, 2717));
    assert!((300..500).contains(&validation));
    assert_eq!(built.funnel(), (10_717, json!({})));
}

#[test]
fn cosmosqa_split_by_context() {
    let Some(file) = shared("downstream/cosmosqa/valid.csv.gz") else {
        return;
    };
    let built = build("cosmosqa", &[&file, "--split-percent", "80,10,10"]);
    assert_eq!(built.splits().iter().sum::<u64>(), 2985);
    assert_eq!(built.funnel(), (2985, json!({})));
}

#[test]
fn figer_gold() {
    let Some(folder) = shared("downstream/figer") else {
        return;
    };
    let (gold, map) = (format!("{folder}/exp.label"), format!("{folder}/types.map"));
    let built = build("figer", &["--test-file", &gold, "--labels", &map]);
    assert_eq!(built.splits(), [0, 0, 563]);
}

#[test]
fn searchqa() {
    let Some(folder) = shared("downstream/searchqa") else {
        return;
    };
    let mrqa = format!("{folder}/mrqa-searchqa.validation.jsonl");
    let own = format!("{folder}/000019-4680_jeopardy_espnstop10alltimeathletes_800.json");
    let built = build(
        "searchqa",
        &["--train-file", &own, &mrqa, "--hold-out-percent", "0"],
    );
    assert_eq!(built.splits(), [1, 1, 0]);
}

#[test]
fn lama() {
    let Some(folder) = shared("lama") else {
        return;
    };
    let built = build("lama", &[&folder]);
    // 5,528 facts of Google-RE and 9,961 of T-REx, a template each; sentences with one gap.
    let rows: Vec<ClozeExample> = built.rows(Split::Test);
    let templates = rows.iter().filter(|row| row.source == "template").count();
    assert_eq!(
        (templates, rows.len() - templates),
        (5528 + 9961, 5285 + 51_744)
    );
    let (_, lost) = built.funnel();
    assert_eq!(lost["no [MASK] in the sentence"], 534);
    assert_eq!(lost["several [MASK] in the sentence"], 287);
}
