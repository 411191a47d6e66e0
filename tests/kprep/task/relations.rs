//! The files of `SemEval` and TACRED.

use kprep_schemas::{RelationExample, Split};
use serde_json::json;

use super::{build, chars, fixture, kprep};

#[test]
fn semeval_with_a_bad_record_between_two_good_ones() {
    let args = [
        &fixture("semeval_train.txt"),
        &fixture("semeval_test.txt"),
        "--hold-out-percent",
        "0",
    ];
    let built = build("semeval", &args.map(|arg: &str| arg));
    assert_eq!(built.splits(), [2, 0, 1]);
    assert_eq!(built.funnel(), (5, json!({"malformed record": 2})));
    let rows: Vec<RelationExample> = built.rows(Split::Train);
    assert_eq!((rows[0].id.as_str(), rows[1].id.as_str()), ("1", "3"));
    let row = &rows[0];
    assert_eq!(row.relation, "Product-Producer(e2,e1)");
    assert_eq!(
        chars(&row.text, row.obj_char_start, row.obj_char_end),
        "loaf"
    );
    let message = "skipped: semeval_train.txt, line 5: expected <e2> once in the sentence";
    assert!(built.stderr.contains(message), "{}", built.stderr);
    let rejects = built.rejects();
    assert_eq!(
        (&rejects[0]["line"], &rejects[0]["byte"]),
        (&json!(5), &json!(96))
    );
    let detail = "\"Something(e1,e2)\" is none of the task's 19 relations";
    assert_eq!(rejects[1]["detail"], detail);
    assert_eq!(built.summary["classes"], 19);
}

#[test]
fn more_malformed_records_than_allowed_are_exit_code_3() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let file = fixture("semeval_train.txt");
    let output = kprep(&["task", "semeval", &file, "--out", out]);
    assert_eq!(output.status.code(), Some(3));
    let output = kprep(&["task", "semeval", &fixture("figer.label"), "--out", out]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn tacred_by_itself_and_under_both_patches() {
    let files = [fixture("tacred_train.json"), fixture("tacred_test.json")];
    let run = |more: &[&str]| {
        let args = [&files[0], &files[1], "--hold-out-percent", "0"];
        build("tacred", &[&args.map(|arg: &str| arg)[..], more].concat())
    };
    let plain = run(&[]);
    assert_eq!(plain.splits(), [3, 0, 1]);
    let names = ["no_relation", "org:founded", "per:title"];
    assert_eq!(plain.dataset().manifest.class_names, names);
    assert_eq!(plain.funnel(), (5, json!({"malformed record": 1})));
    let rejects = plain.rejects();
    assert_eq!(rejects[0]["detail"], "the subject is tokens 0..=4 of 4");
    let row = &plain.rows::<RelationExample>(Split::Train)[1];
    assert_eq!(
        chars(&row.text, row.obj_char_start, row.obj_char_end),
        "1902"
    );
    assert_eq!((row.obj_type.as_str(), row.doc_id.as_str()), ("DATE", "D2"));

    let re = run(&["--patch", &fixture("retacred.json")]);
    assert_eq!(re.splits(), [2, 0, 1]);
    let (read, lost) = re.funnel();
    assert_eq!((read, &lost["not in the patch"]), (5, &json!(2)));
    assert_eq!(lost["within"]["relations changed by the patch"], 2);
    assert_eq!(lost["within"]["ids of the patch without a row"], 1);

    let rev = run(&["--patch", &fixture("tacrev.json")]);
    assert_eq!(rev.splits(), [3, 0, 1]);
    let row = rev.rows::<RelationExample>(Split::Train).pop().unwrap();
    assert_eq!(
        (row.relation.as_str(), row.label),
        ("per:city_of_birth", Some(2))
    );
}
