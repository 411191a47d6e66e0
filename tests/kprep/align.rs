//! `kprep align` as a user runs it, and `kprep trex` on what it wrote.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use kprep_schemas::{AlignedPage, Dataset, Rank, RelationExample, Split};
use serde_json::{Value, json};
use tempfile::TempDir;

mod evidence;
use crate::folder;
pub(crate) mod tables;
mod trex_sample;
#[allow(dead_code)] // the tests of kprep-align use the rest
#[path = "../../align/tests/worlds/mod.rs"]
mod worlds;

use folder::files;
use tables::COUNTRIES;

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
    let inputs = Dataset::open(&out).unwrap().manifest.inputs;
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
fn parquet_and_json_give_the_same_relation_set() {
    let dir = sources();
    align(&dir, &["--out", "parquet", "--coreference"]);
    align(
        &dir,
        &["--out", "json", "--format", "trex", "--coreference"],
    );
    let json = files(&dir.path().join("json"));
    assert_eq!(
        json.keys().collect::<Vec<_>>(),
        [".kprep-files.json", "re-nlg_0-60.json"].map(Path::new)
    );
    let shard = "parquet/data/train-00000-of-00001.parquet";
    let mut sets = Vec::new();
    for (number, input) in ["json", "parquet", shard].iter().enumerate() {
        let out = format!("{number}/set");
        let args = ["trex", input, "--out", &out, "--min-pairs", "5", "--quiet"];
        let output = kprep(dir.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        let mut files = files(&dir.path().join(out));
        // They name the input.
        for name in ["manifest.json", "README.md", "SHA256SUMS"] {
            files.remove(Path::new(name));
        }
        sets.push(files);
    }
    assert!(sets[0] == sets[1] && sets[1] == sets[2]);
    let rows: Vec<RelationExample> = Split::ALL
        .into_iter()
        .flat_map(|split| {
            let dataset = Dataset::open(&dir.path().join("1/set")).unwrap();
            dataset
                .rows(split)
                .unwrap()
                .map(Result::unwrap)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(rows.len() as u64, 5 * COUNTRIES);
    let capital = rows.iter().find(|row| row.relation == "P36").unwrap();
    assert_eq!(
        capital.aligners,
        ["NoSubject-Triple-aligner", "SPOAligner", "Simple-Aligner"]
    );
}

#[test]
fn tables_of_facts_are_made_once_and_again_when_they_do_not_fit() {
    let dir = sources();
    let run = |args: &[&str]| {
        let args = [&SOURCES, args, &["--overwrite"]].concat();
        let output = kprep(dir.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let made = "making tables of facts in wikidata-facts";
    let first = run(&[]);
    let line = |name: &str, count: u64| format!("  {name:<24} {count:>14}\n");
    let funnel: String = ["statements read", "of the best rank", "facts", "distinct"]
        .map(|name| line(name, 180))
        .concat();
    assert!(
        first.starts_with(&format!(
            "{made}\n{funnel}120 facts about items, 60 about literals\n"
        )),
        "{first}"
    );
    let aligned = files(&dir.path().join("data/aligned"));
    assert!(!run(&[]).contains("making"));

    let path = dir.path().join("wikidata-facts/items.facts");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = run(&[]);
    let why =
        "(wikidata-facts/items.facts is damaged: expected a body that agrees with its checksum)";
    assert!(damaged.starts_with(&format!("{made} {why}\n")), "{damaged}");
    assert!(files(&dir.path().join("data/aligned")) == aligned);

    tables::write_triples(dir.path(), Rank::Deprecated);
    let stale = run(&[]);
    assert!(stale.contains("was made from other triples"), "{stale}");
    // The deprecated statement is counted.
    assert!(
        stale.contains(&line("  - of a lower rank, or deprecated", 1)),
        "{stale}"
    );
    assert!(
        stale.contains("\n119 facts about items, 60 about literals\n"),
        "{stale}"
    );
    run(&["--facts", "elsewhere"]);
    assert!(dir.path().join("elsewhere/items.facts").is_file());
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
fn what_cannot_be_done_is_told() {
    let dir = sources();
    align(&dir, &["--out", "set"]);
    let exists =
        "kprep: set exists already: choose another --out, or replace it with --overwrite\n";
    assert_eq!(fail(&dir, &["--out", "set"]), (Some(1), exists.into()));
    let (code, message) = fail(&dir, &["--out", "set", "--format", "trex", "--overwrite"]);
    assert_eq!(code, Some(1));
    let expected = "kprep: set is neither replaced nor removed: it has no .kprep-files.json; ";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(
        fail(&dir, &["--type", "human"]).1,
        "kprep: --type human: expected items like Q5\n"
    );
    let output = kprep(
        dir.path(),
        &[
            "align",
            "--wikipedia",
            "wikidata/entities",
            "--wikidata",
            "wikidata",
        ],
    );
    assert!(
        stderr(&output)
            .contains("wikidata/entities holds Entity version 1, expected Page version 1\n"),
        "{}",
        stderr(&output)
    );
    let output = kprep(dir.path(), &["trex", "wikidata/entities"]);
    assert!(
        stderr(&output)
            .contains("wikidata/entities holds Entity version 1, expected AlignedPage version 1\n"),
        "{}",
        stderr(&output)
    );
    assert!(!dir.path().join("data").exists());
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

#[test]
fn a_malformed_page_costs_itself() {
    let dir = sources();
    align(&dir, &["--limit", "3"]);
    let mut rows = pages(&dir.path().join("data/aligned"));
    rows[1].mention_end[0] = 999;
    tables::write(&dir.path().join("damaged"), rows);
    let args = ["trex", "damaged", "--min-pairs", "1", "--out", "set"];
    let output = kprep(dir.path(), &args);
    assert_eq!(output.status.code(), Some(3));
    let expected = "skipped: train-00000-of-00001.parquet, document at byte 0: page 1: a mention is \
                    code points 4..999 of 81\n";
    assert!(stderr(&output).starts_with(expected), "{}", stderr(&output));
    let dataset = Dataset::open(&dir.path().join("set")).unwrap();
    assert_eq!(dataset.manifest.funnel.read, 12); // six of each of the two others
}
