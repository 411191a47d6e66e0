//! `kprep align` as a user runs it, and `kprep trex` on what it wrote.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use kprep_schemas::{AlignedPage, Dataset, Split};
use serde_json::{Value, json};
use tempfile::TempDir;

mod evidence;
mod failures;
mod inputs;
pub(crate) mod tables;
mod trex_sample;
#[allow(dead_code)] // the tests of kprep-align use the rest
#[path = "../../align/tests/worlds/mod.rs"]
mod worlds;

use self::tables::COUNTRIES;
use crate::folder::{self, files};

fn kprep(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprep"));
    command.current_dir(dir).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn sources() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    tables::write_sources(dir.path());
    dir
}

const SOURCES: [&str; 5] = [
    "align",
    "--wikipedia",
    "wikipedia",
    "--wikidata",
    "wikidata",
];

/// Aligns and returns the JSON summary.
fn align(dir: &TempDir, args: &[&str]) -> Value {
    let output = kprep(
        dir.path(),
        &[&SOURCES, args, &["--json", "--quiet"]].concat(),
    );
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Exit code and message of a run that must not succeed.
fn fail(dir: &TempDir, args: &[&str]) -> (Option<i32>, String) {
    let output = kprep(dir.path(), &[&SOURCES, args, &["--quiet"]].concat());
    (output.status.code(), stderr(&output))
}

fn pages(dir: &Path) -> Vec<AlignedPage> {
    let dataset = Dataset::open(dir).unwrap();
    dataset
        .rows(Split::Train)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn pages_get_their_facts_and_the_others_are_counted() {
    let dir = sources();
    let summary = align(&dir, &["--coreference"]);
    let countries = COUNTRIES;
    assert_eq!(
        summary["triples"],
        json!({
            "NoSubject-Triple-aligner": 3 * countries,
            "SPOAligner": 2 * countries,
            "Simple-Aligner": 5 * countries,
        })
    );
    let funnel = &summary["funnel"];
    assert_eq!(funnel["read"], countries + 3);
    let lost: Vec<&Value> = funnel["stages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|stage| stage["lost"].as_array().unwrap())
        .collect();
    assert_eq!(
        lost,
        [
            &json!({"reason": "no item has the page's title", "count": 1}),
            &json!({"reason": "of an excluded type", "count": 1}),
            &json!({"reason": "too few entities", "count": 1}),
        ]
    );
    assert_eq!(
        funnel["within"],
        json!([{"reason": "links to a title without an item", "count": 1}])
    );

    let out = dir.path().join("data/aligned");
    let pages = pages(&out);
    assert_eq!(pages.len() as u64, countries);
    let first = &pages[0]; // its link goes through a redirect
    assert_eq!(
        (first.entity.as_str(), first.revision),
        ("Q100", Some(7000))
    );
    assert_eq!(first.mention_id[1], *"Q1000");
    assert_eq!(first.mention_link[1], *"The first town");
    let head = kprep(&out, &["validate", "."]);
    let report = String::from_utf8(head.stdout).unwrap();
    assert!(
        report.ends_with("60 rows checked, 0 problems\n"),
        "{report}"
    );
    inputs_and_rejects_are_told(&out);
}

fn inputs_and_rejects_are_told(out: &Path) {
    let inputs = Dataset::open(out).unwrap().manifest.inputs;
    let names: Vec<_> = inputs.iter().map(|input| input.name.as_str()).collect();
    let shard = "train-00000-of-00001.parquet";
    let expected = ["pages", "entities", "triples", "properties"];
    let expected = expected.map(|table| format!("{table}/data/{shard}"));
    assert_eq!(names[..4], expected);
    assert_eq!(names[4..], [format!("redirects/{shard}")]);
    let rejects = fs::File::open(out.join("rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(rejects).unwrap()).unwrap();
    assert_eq!(
        rejects.lines().next(),
        Some(r#"{"doc_id":"900","reason":"of an excluded type","detail":"List of lands Q5000"}"#)
    );
    assert_eq!(rejects.lines().count(), 3);
}

#[test]
fn threads_do_not_change_a_byte() {
    let dir = sources();
    let make = |format: &str, threads: &str| {
        let out = format!("{format}-{threads}/set");
        align(
            &dir,
            &["--out", &out, "--format", format, "--threads", threads],
        );
        files(&dir.path().join(out))
    };
    for format in ["parquet", "trex"] {
        let expected = make(format, "1");
        for threads in ["2", "8"] {
            assert!(
                make(format, threads) == expected,
                "{format} with {threads} threads"
            );
        }
    }
}

#[test]
fn limits_and_types_choose_pages() {
    let dir = sources();
    let kept = |args: &[&str]| {
        let summary = align(&dir, &[args, &["--overwrite"]].concat());
        summary["pages"].as_u64().unwrap()
    };
    assert_eq!(kept(&["--limit", "7"]), 7);
    assert_eq!(kept(&["--type", "Q5,Q6256"]), COUNTRIES);
    // Where no page is left, the dataset that is there stays.
    for none in [
        ["--type", "Q5"],
        ["--exclude-type", "Q6256"],
        ["--max-entities", "3"],
        ["--min-entities", "5"],
    ] {
        let output = kprep(
            dir.path(),
            &[&SOURCES[..], &none, &["--overwrite"]].concat(),
        );
        assert_eq!(output.status.code(), Some(1), "{none:?}");
        let message = stderr(&output);
        assert!(
            message.contains("no page of the inputs is left"),
            "{message}"
        );
    }
    let rows = Dataset::open(&dir.path().join("data/aligned")).unwrap();
    assert_eq!(rows.manifest.rows("train"), COUNTRIES);
}

#[test]
fn the_bundled_dumps_become_a_relation_set() {
    let dir = tempfile::tempdir().unwrap();
    let dumps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample/dumps");
    let run = |args: &[&str]| {
        let output = kprep(dir.path(), &[args, &["--quiet"]].concat());
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    };
    let dump = |name: &str| dumps.join(name).to_str().unwrap().to_owned();
    run(&["wikidata", &dump("wikidata.json.gz"), "--out", "wikidata"]);
    run(&[
        "wikipedia",
        &dump("wikipedia.xml.bz2"),
        "--out",
        "wikipedia",
    ]);
    let summary = align(&dir, &["--coreference"]);
    assert_eq!(
        (&summary["funnel"]["read"], &summary["pages"]),
        (&json!(363), &json!(359))
    );
    run(&[
        "trex",
        "data/aligned",
        "--out",
        "trex-rc",
        "--min-pairs",
        "5",
    ]);
    let dataset = Dataset::open(&dir.path().join("trex-rc")).unwrap();
    assert_eq!(dataset.manifest.class_names.len(), 23);
    let rows = Split::ALL.map(|split| dataset.manifest.rows(split.name()));
    assert_eq!(rows.iter().sum::<u64>(), 1259);
}
