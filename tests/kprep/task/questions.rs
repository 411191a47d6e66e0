//! CosmosQA, SearchQA and Quasar-T.

use kprep_schemas::{ChoiceExample, QuestionExample, Split};
use serde_json::json;

use super::{build, chars, fixture, kprep};

#[test]
fn cosmosqa_as_csv_and_json_lines() {
    let files = [
        fixture("cosmosqa_valid.csv"),
        fixture("cosmosqa_test.jsonl"),
    ];
    let built = build("cosmosqa", &[&files[0], &files[1]]);
    let lost = json!({"malformed record": 1, "id of an earlier record": 1});
    assert_eq!(built.splits(), [0, 2, 1]);
    assert_eq!(built.funnel(), (5, lost));
    let rows: Vec<ChoiceExample> = built.rows(Split::Validation);
    assert_eq!(rows[0].context, "It rained, and\r\nI said \"no\" .");
    assert_eq!(rows[0].label, Some(1));
    assert_eq!(built.rows::<ChoiceExample>(Split::Test)[0].label, None);
    let reject = &built.rejects()[0];
    assert_eq!((&reject["line"], &reject["byte"]), (&json!(4), &json!(113)));
    assert_eq!(reject["detail"], "2 fields, expected 8 as in the header");
}

#[test]
fn a_quotation_mark_that_is_not_closed_splices_no_questions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("train.csv");
    let rows = [
        "id,context,question,answer0,answer1,answer2,answer3,label",
        "q1,It snowed .,Why ?,w,x,y,z,1",
        "q2,\"It thawed .,Why ?,w,x,y,z,2",
        "q3,It froze .,Why ?,w,x,y,z,3",
        "q4,Snow said \"no\" .,Why ?,w,x,y,z,0",
        "q5,\"It, too, \"\"rained\"\" .\",Why ?,w,x,y,z,1",
    ];
    std::fs::write(&path, rows.join("\n") + "\n").unwrap();
    let path = path.to_str().unwrap();
    let built = build("cosmosqa", &[path]);
    assert_eq!(built.funnel(), (5, json!({"malformed record": 1})));
    let rows: Vec<ChoiceExample> = built.rows(Split::Train);
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row.id, row.context))
        .collect();
    let expected = [
        "q1 It snowed .",
        "q3 It froze .",
        "q4 Snow said \"no\" .",
        "q5 It, too, \"rained\" .",
    ];
    assert_eq!(told, expected);
    let reject = &built.rejects()[0];
    assert_eq!(reject["line"], 3);
    let detail = reject["detail"].as_str().unwrap();
    assert!(detail.contains("not closed where it should be"), "{detail}");
    let strict = dir.path().join("strict");
    let strict = kprep(&["task", "cosmosqa", path, "--out", strict.to_str().unwrap()]);
    assert_eq!(strict.status.code(), Some(3));
}

#[test]
fn searchqa_of_either_kind() {
    let (own, mrqa) = (fixture("searchqa"), fixture("mrqa.jsonl"));
    let built = build("searchqa", &[&own, "--validation-file", &mrqa]);
    assert_eq!(built.splits(), [1, 1, 0]);
    let (read, lost) = built.funnel();
    assert_eq!(read, 4);
    assert_eq!(lost["no question or answer"], 1);
    assert_eq!(lost["malformed record"], 1);
    assert_eq!(lost["within"]["search results without a snippet"], 1);
    let row = &built.rows::<QuestionExample>(Split::Train)[0];
    let places = row.answer_start.iter().zip(&row.answer_end);
    let found: Vec<String> = places
        .map(|(&s, &e)| chars(&row.paragraphs[0], s, e))
        .collect();
    assert_eq!(found, ["Ilm", "ILM"]);
}

#[test]
fn quasar_t_joins_questions_and_contexts() {
    let files = ["quasar_train_contexts.json", "quasar_train_questions.json"].map(fixture);
    let built = build(
        "quasar-t",
        &[&files[0], &files[1], "--hold-out-percent", "0"],
    );
    assert_eq!(built.splits(), [1, 0, 0]);
    let lost = json!({"malformed record": 1, "no contexts": 1, "contexts without a question": 1});
    assert_eq!(built.funnel(), (4, lost));
    let row = &built.rows::<QuestionExample>(Split::Train)[0];
    assert_eq!(
        (row.answer_start.as_slice(), row.answer_end.as_slice()),
        (&[0][..], &[6][..])
    );
}
