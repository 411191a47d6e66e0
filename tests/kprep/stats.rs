//! `kprep stats` of relation datasets, and its reports as pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

mod pages;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn kprep(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprep"));
    command.args(args).output().unwrap()
}

/// Its standard output.
fn done(args: &[&str]) -> String {
    let output = kprep(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// A relation dataset, its labels among the inputs.
struct Set {
    dir: TempDir,
}

impl Set {
    fn build(documents: &[Value], labels: &str, args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("documents.json");
        fs::write(&input, Value::from(documents.to_vec()).to_string()).unwrap();
        let names = dir.path().join("labels.tsv");
        fs::write(&names, labels).unwrap();
        let out = dir.path().join("set");
        let [input, names, out] = [&input, &names, &out].map(|path| path.to_str().unwrap());
        let always = [
            "trex",
            input,
            "--out",
            out,
            "--property-labels",
            names,
            "--min-pairs",
            "1",
            "-q",
        ];
        done(&[&always[..], args].concat());
        Self { dir }
    }

    fn path(&self) -> String {
        self.dir.path().join("set").to_str().unwrap().to_owned()
    }

    fn page(&self) -> String {
        page(&self.path(), self.dir.path())
    }
}

/// The report of a dataset.
fn page(dataset: &str, dir: &Path) -> String {
    let file = dir.join("report.html");
    done(&["stats", dataset, "--html", file.to_str().unwrap()]);
    fs::read_to_string(file).unwrap()
}

/// "Bern is in Switzerland." with a fact.
fn document(number: usize, property: usize, swapped: bool) -> Value {
    let text = "Bern is in Switzerland.";
    let node = |(start, end): (usize, usize), item: &str| {
        json!({"boundaries": [start, end], "surfaceform": &text[start..end],
            "uri": format!("http://www.wikidata.org/entity/{item}"), "annotator": "x"})
    };
    let (bern, switzerland) = (node((0, 4), "Q70"), node((11, 22), "Q39"));
    let (subject, object) = if swapped {
        (switzerland, bern)
    } else {
        (bern, switzerland)
    };
    json!({"docid": format!("http://www.wikidata.org/entity/Q{number}"), "title": "Bern", "text": text,
        "sentences_boundaries": [[0, 23]],
        "words_boundaries": [[0, 4], [5, 7], [8, 10], [11, 22], [22, 23]], "entities": [],
        "triples": [{"subject": subject, "object": object, "sentence_id": 0,
            "predicate": {"boundaries": null, "surfaceform": null, "annotator": "x",
                "uri": format!("http://www.wikidata.org/prop/direct/P{property}")},
            "annotator": "Simple-Aligner", "confidence": null, "dependency_path": null}]})
}

const ALL_IN_TRAIN: [&str; 4] = ["--validation-percent", "0", "--test-percent", "0"];

#[test]
fn a_small_set_by_hand() {
    let documents = [
        document(1, 17, false),
        document(2, 17, false),
        document(3, 36, true),
        document(4, 131, false),
    ];
    let set = Set::build(&documents, "P131\tin\n", &ALL_IN_TRAIN);
    let expected = "\
set: 4 rows, 3 relations, 2 pairs (train 4, validation 0, test 0)

words a sentence: mean 5.0, median 5, p90 5, p99 5, min 5, max 5
          1             0   0.0%
          2             0   0.0%
          3             0   0.0%
          4             0   0.0%
          5             4 100.0%  ████████████████████████████████████████

words between the mentions: mean 2.0, median 2, p90 2, p99 2, min 2, max 2
          1             0   0.0%
          2             4 100.0%  ████████████████████████████████████████

words a subject: mean 1.0, median 1, p90 1, p99 1, min 1, max 1
          1             4 100.0%  ████████████████████████████████████████

words an object: mean 1.0, median 1, p90 1, p99 1, min 1, max 1
          1             4 100.0%  ████████████████████████████████████████

rows and pairs
  subject before object                             3  75.0%  of 4
  mentions overlap                                  0   0.0%  of 4
  pairs with several relations                      1  50.0%  of 2

majority: always P17, the most frequent in train
  right in train                                    2  50.0%  of 4
  right in validation                               0      -  of 0
  right in test                                     0      -  of 0

objects
  item                                              4 100.0%  of 4

aligners
  Simple-Aligner                                    4 100.0%  of 4

relations                                       pairs        rows  share
  country (P17)                                     1           2  50.0%
  capital (P36)                                     1           1  25.0%
  in (P131)                                         1           1  25.0%
";
    assert_eq!(done(&["stats", &set.path()]), expected);
    let told: Value = serde_json::from_str(&done(&["stats", &set.path(), "--json"])).unwrap();
    assert_eq!(told["mention_distance"]["counts"], json!({"2": 4}));
    assert_eq!(
        told["relations"][0],
        json!({"name": "P17", "rows": {"count": 2, "of": 4, "share": 0.5}})
    );
    assert_eq!(told["majority"]["relation"], "P17");
}

/// The overlap of several splits is told in all three forms.
#[test]
fn what_splits_share_is_told() {
    let documents: Vec<Value> = (0..60).map(|i| document(i, 17, false)).collect();
    let set = Set::build(
        &documents,
        "",
        &["--validation-percent", "30", "--test-percent", "20"],
    );
    let line = "  sentences                           1           1           1                          1          1\n";
    let text = done(&["stats", &set.path()]);
    assert!(text.ends_with(line), "{text}");
    let told: Value = serde_json::from_str(&done(&["stats", &set.path(), "--json"])).unwrap();
    assert_eq!(told["overlap"][3]["train_test"], 1);
    assert!(set.page().contains("<h2>What the splits share</h2>"));
}
