//! `kprep task` as a user runs it: fixtures of every benchmark, and the real files where they are
//! at hand.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kprep_schemas::{ClozeExample, Dataset, Record, Split, TypingExample};
use serde_json::{Value, json};
use tempfile::TempDir;

mod figer;
mod questions;
mod real;
mod relations;
mod rows;

use crate::folder;

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
