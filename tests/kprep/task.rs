//! `kprep task` as a user runs it: fixtures of every benchmark, and the real files where they are at hand.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kprep_schemas::{
    ChoiceExample, ClozeExample, Dataset, QuestionExample, Record, RelationExample, Split,
    TypingExample,
};
use serde_json::{Value, json};
use tempfile::TempDir;

mod figer;
use crate::folder;
mod real;
mod rows;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn fixture(name: &str) -> String {
    let path = root("tests/data/tasks").join(name);
    path.to_string_lossy().into_owned()
}

fn kprep(args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_kprep");
    Command::new(program).args(args).output().unwrap()
}

/// A dataset in a folder of its own, the summary, and what was said on stderr.
struct Built {
    dir: TempDir,
    summary: Value,
    stderr: String,
}

/// Builds a task's dataset and validates it. Malformed records are put up with.
fn build(task: &str, args: &[&str]) -> Built {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let fixed = ["task", task, "--json", "--max-errors", "9", "--out", out];
    let output = kprep(&[&fixed[..], args].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let valid = kprep(&["validate", out]);
    let report = String::from_utf8(valid.stdout).unwrap();
    assert!(valid.status.success(), "{report}");
    let head = kprep(&["head", out]);
    assert!(head.status.success() && !head.stdout.is_empty());
    let summary = serde_json::from_slice(&output.stdout).unwrap();
    Built {
        dir,
        summary,
        stderr,
    }
}

impl Built {
    /// Something in the folder of the dataset's, which is called `out`.
    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    fn dataset(&self) -> Dataset {
        Dataset::open(&self.dir.path().join("out")).unwrap()
    }

    fn rows<R: Record>(&self, split: Split) -> Vec<R> {
        self.dataset()
            .rows(split)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    /// Rows a split.
    fn splits(&self) -> [u64; 3] {
        Split::ALL.map(|split| self.summary["splits"][split.name()].as_u64().unwrap())
    }

    /// Records read, and losses by reason.
    fn funnel(&self) -> (u64, Value) {
        let funnel = &self.summary["funnel"];
        let counts = |losses: &Value| -> Value {
            let losses = losses.as_array().cloned().unwrap_or_default();
            let losses = losses.iter().map(|loss| {
                let reason = loss["reason"].as_str().unwrap().to_owned();
                (reason, loss["count"].clone())
            });
            losses.collect::<serde_json::Map<_, _>>().into()
        };
        let stage = &funnel["stages"][0];
        let kept: u64 = self.splits().iter().sum();
        let read = funnel["read"].as_u64().unwrap();
        assert_eq!(stage["kept"], kept);
        let mut lost = counts(&stage["lost"]);
        let sum = lost.as_object().unwrap().values();
        assert_eq!(read, kept + sum.map(|n| n.as_u64().unwrap()).sum::<u64>());
        if let Some(within) = funnel.get("within") {
            lost["within"] = counts(within);
        }
        (read, lost)
    }

    /// What stands in `rejects.jsonl.zst`.
    fn rejects(&self) -> Vec<Value> {
        let file = File::open(self.dir.path().join("out/rejects.jsonl.zst")).unwrap();
        let lines = std::io::read_to_string(zstd::Decoder::new(file).unwrap()).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn chars(text: &str, start: i32, end: i32) -> String {
    let chars = text.chars().skip(start as usize);
    chars.take((end - start) as usize).collect()
}

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

#[test]
fn openentity_offsets_are_code_points() {
    let train = fixture("openentity_train.json");
    let built = build("openentity", &[&train, "--hold-out-percent", "0"]);
    assert_eq!(built.funnel(), (4, json!({"malformed record": 1})));
    let rows: Vec<TypingExample> = built.rows(Split::Train);
    let mentions = rows
        .iter()
        .map(|r| chars(&r.text, r.mention_start, r.mention_end));
    let mentions: Vec<String> = mentions.collect();
    assert_eq!(mentions, ["Zoë Li", "𝄞 Hall", "Nothing"]);
    assert_eq!(
        built.dataset().manifest.class_names,
        ["entity", "person", "place", "time"]
    );
    assert_eq!(
        (rows[0].labels.clone(), rows[2].labels.clone()),
        (vec![0, 1], vec![])
    );
}

#[test]
fn figer_gold_with_its_map_of_types() {
    let (gold, map) = (fixture("figer.label"), fixture("types.map"));
    let built = build("figer", &["--test-file", &gold, "--labels", &map]);
    assert_eq!(built.funnel(), (4, json!({"malformed record": 1})));
    let rows: Vec<TypingExample> = built.rows(Split::Test);
    assert_eq!(rows[1].types.join(" "), "/location /location/city");
    assert_eq!((rows[1].mention_start, rows[1].mention_end), (8, 16));
    assert_eq!(built.dataset().manifest.class_names.len(), 5);
    let reject = &built.rejects()[0];
    let detail = "\"tag\": expected a word, a tab and its tag";
    assert_eq!(
        (&reject["line"], &reject["detail"]),
        (&json!(7), &json!(detail))
    );
}

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

#[test]
fn lama_asks_by_template_and_by_evidence() {
    let folder = fixture("lama");
    let built = build("lama", &[&folder]);
    assert_eq!(built.splits(), [0, 0, 6]);
    let lost = json!({
        "malformed record": 1, "no [MASK] in the sentence": 1, "several [MASK] in the sentence": 1,
        "no template for the relation": 1
    });
    assert_eq!(built.funnel(), (10, lost));
    let rows: Vec<ClozeExample> = built.rows(Split::Test);
    let asked: Vec<_> = rows
        .iter()
        .map(|r| (r.source.as_str(), r.text.as_str()))
        .collect();
    assert_eq!(asked[0], ("template", "Zoë Li was born in [MASK] ."));
    assert_eq!(asked[1], ("evidence", "Li left [MASK] ."));
    assert_eq!(rows[4].relation, "place_of_birth");
    // There is no training split: people see what there is.
    let out = built.dir.path().join("out");
    let head = kprep(&["head", out.to_str().unwrap(), "-n", "1"]);
    assert!(String::from_utf8_lossy(&head.stdout).contains("Zoë Li was born in"));
    let none = kprep(&["head", out.to_str().unwrap(), "--split", "train"]);
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(
        told.ends_with("no rows there; splits with rows: test\n"),
        "{told}"
    );
    let card = std::fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.contains("/data/test-*.parquet"), "{card}");

    let words = fixture("vocabulary.txt");
    let built = build("lama", &[&folder, "--uhn", "--vocabulary", &words]);
    let (read, lost) = built.funnel();
    assert_eq!((read, built.splits()[2]), (10, 4));
    assert_eq!(lost["object in the subject's name"], 2);
    assert_eq!(lost["object outside the vocabulary"], 1);
    assert_eq!(built.rejects().len(), 6);
}

#[test]
fn a_file_that_breaks_off_ends_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("train.json");
    let whole = std::fs::read(fixture("tacred_train.json")).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 40]).unwrap();
    let out = dir.path().join("out");
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let output = kprep(&["task", "tacred", file, "--out", out]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    let expected = format!(
        "train.json: the file breaks off at byte {}: expected the end of the document that it is in",
        whole.len() - 40
    );
    assert!(message.contains(&expected), "{message}");
    assert!(!Path::new(out).exists());
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let of = |threads| {
        let built = build("lama", &[&fixture("lama"), "--threads", threads]);
        folder::files(&built.dir.path().join("out"))
    };
    assert_eq!(of("1"), of("3"));
}

#[test]
fn a_file_whose_name_tells_no_split_is_refused() {
    let output = kprep(&["task", "figer", &fixture("figer.label"), "--out", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("its name does not tell whether it is for train, dev or test"));
}
