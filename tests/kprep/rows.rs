//! `kprep merge`, `kprep sample` and `kprep diff` as a user runs them.

mod diff;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kprep_schemas::{Dataset, GroupBy, RelationExample, Split, validate};
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    let kprep = env!("CARGO_BIN_EXE_kprep");
    Command::new(kprep).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn quiet(args: &[&str]) {
    let output = run(&[args, &["--quiet"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A relation dataset of the bundled sample, in a folder of this name.
fn relations(dir: &TempDir, name: &str, args: &[&str]) -> PathBuf {
    let out = dir.path().join(name);
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample/trex");
    let head = [
        "trex",
        text(&input),
        "--min-pairs",
        "5",
        "--out",
        text(&out),
    ];
    quiet(&[&head, args].concat());
    out
}

fn valid(dataset: &Path) {
    assert_eq!(validate(dataset).unwrap().problems, Vec::<String>::new());
}

/// Id, split and relation of each row.
fn rows(dataset: &Path) -> BTreeMap<String, (Split, String)> {
    let dataset = Dataset::open(dataset).unwrap();
    let mut rows = BTreeMap::new();
    for split in Split::ALL {
        for row in dataset.rows::<RelationExample>(split).unwrap() {
            let row = row.unwrap();
            rows.insert(row.id, (split, row.relation));
        }
    }
    rows
}

fn sample(from: &Path, out: &Path, args: &[&str]) -> BTreeMap<String, (Split, String)> {
    let head = ["sample", text(from), "--out", text(out), "--overwrite"];
    quiet(&[&head, args].concat());
    valid(out);
    rows(out)
}

/// Exit code and what it prints.
fn diff(a: &Path, b: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = run(&[&["diff", text(a), text(b)], args].concat());
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn a_sample_is_part_of_the_set_and_of_a_larger_sample() {
    let dir = TempDir::new().unwrap();
    let set = relations(&dir, "set", &[]);
    let all = rows(&set);
    let out = dir.path().join("sample");
    let small = sample(&set, &out, &["--rows", "100", "--threads", "1"]);
    let bytes = || fs::read(out.join("data/train-00000-of-00001.parquet")).unwrap();
    let on_one_thread = bytes();
    assert_eq!(
        sample(&set, &out, &["--rows", "100", "--threads", "4"]),
        small
    );
    assert!(on_one_thread == bytes());
    let large = sample(&set, &out, &["--rows", "500"]);
    assert_eq!((small.len(), large.len()), (100, 500));
    assert!(large.iter().all(|(id, row)| all[id] == *row));
    assert!(small.keys().all(|id| large.contains_key(id)));
    assert_ne!(sample(&set, &out, &["--rows", "100", "--seed", "7"]), small);
    assert_eq!(sample(&set, &out, &["--rows", "1000000"]), all);
}

#[test]
fn a_stratified_sample_keeps_the_share_of_each_relation() {
    let dir = TempDir::new().unwrap();
    let set = relations(&dir, "set", &[]);
    let all = rows(&set);
    let counts = |rows: &BTreeMap<String, (Split, String)>| {
        rows.values()
            .fold(BTreeMap::new(), |mut counts, (_, relation)| {
                *counts.entry(relation.clone()).or_insert(0u64) += 1;
                counts
            })
    };
    let whole = counts(&all);
    let out = dir.path().join("sample");
    let sampled = sample(&set, &out, &["--rows", "400", "--stratify", "relation"]);
    assert_eq!(sampled.len(), 400);
    for (relation, count) in &whole {
        let exact = *count as f64 * 400.0 / all.len() as f64;
        let got = counts(&sampled)[relation] as f64;
        assert!((got - exact).abs() <= 1.0, "{relation}: {got} of {exact}");
    }
    // As many rows as relations: one of each.
    let n = whole.len().to_string();
    let few = sample(&set, &out, &["--rows", &n, "--stratify", "relation"]);
    assert!(counts(&few).values().all(|&count| count == 1));
    let split = sample(&set, &out, &["--rows", "400", "--stratify", "split"]);
    assert_eq!(split.len(), 400);
    let train = |rows: &BTreeMap<String, (Split, String)>| {
        rows.values()
            .filter(|(split, _)| *split == Split::Train)
            .count() as f64
    };
    assert!((train(&split) - train(&all) * 400.0 / all.len() as f64).abs() <= 1.0);
}

#[test]
fn merging_two_samples_gives_their_rows_once() {
    let dir = TempDir::new().unwrap();
    let set = relations(&dir, "set", &[]);
    let [a, b, merged] = ["a", "b", "merged"].map(|name| dir.path().join(name));
    let in_a = sample(&set, &a, &["--rows", "2000"]);
    let in_b = sample(&set, &b, &["--rows", "2000", "--seed", "7"]);
    let args = ["merge", text(&a), text(&b), "--out", text(&merged)];
    let output = run(&args);
    let told = stderr(&output);
    assert!(output.status.success(), "{told}");
    valid(&merged);
    let in_both: BTreeMap<_, _> = in_a.clone().into_iter().chain(in_b.clone()).collect();
    assert_eq!(rows(&merged), in_both);
    let again = 4000 - in_both.len();
    assert!(again > 0);
    assert!(
        told.contains(&format!("    - the same row again {again:>16}\n")),
        "{told}"
    );
    let rejects = fs::read(merged.join("rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(&*rejects).unwrap()).unwrap();
    assert_eq!(rejects.lines().count(), again);
    let listed = |line: &str| line.starts_with(r#"{"source":"b","reason":"the same row again""#);
    assert!(rejects.lines().all(listed), "{rejects}");
    let manifest = Dataset::open(&merged).unwrap().manifest;
    assert_eq!(manifest.split_by, GroupBy::Document);
    let names: Vec<_> = manifest
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .collect();
    assert_eq!(names, ["a/manifest.json", "b/manifest.json"]);
    // A set merged with its own part is itself.
    let args = [
        "merge",
        text(&set),
        text(&a),
        "--out",
        text(&merged),
        "--overwrite",
    ];
    quiet(&args);
    let shards = |dir: &Path| Dataset::open(dir).unwrap().manifest.shards;
    assert_eq!(shards(&merged), shards(&set));
}

#[test]
fn merging_numbers_the_classes_anew_and_tells_what_splits_share() {
    let dir = TempDir::new().unwrap();
    let a = relations(&dir, "a", &["--drop", "P17,P36"]);
    let b = relations(&dir, "b", &["--drop", "P47", "--seed", "7"]);
    let merged = dir.path().join("merged");
    let output = run(&["merge", text(&a), text(&b), "--out", text(&merged)]);
    let told = stderr(&output);
    assert!(told.contains("documents in several splits"), "{told}");
    valid(&merged);
    let manifest = |dir: &Path| Dataset::open(dir).unwrap().manifest;
    assert_eq!(manifest(&merged).split_by, GroupBy::Row);
    let names = |dir: &Path| {
        manifest(dir)
            .class_names
            .into_iter()
            .collect::<BTreeSet<_>>()
    };
    let union: BTreeSet<_> = names(&a).union(&names(&b)).cloned().collect();
    assert_eq!(names(&merged), union);
    let numbers: Vec<u32> = manifest(&merged)
        .class_names
        .iter()
        .map(|p| p[1..].parse().unwrap())
        .collect();
    assert!(numbers.is_sorted());
    // Nobody lost a row, and the first dataset's split stays.
    let (in_a, in_b, in_both) = (rows(&a), rows(&b), rows(&merged));
    assert!(in_a.iter().all(|(id, row)| in_both[id] == *row));
    assert!(in_b.keys().all(|id| in_both.contains_key(id)));
}

#[test]
fn refusals_say_why() {
    let dir = TempDir::new().unwrap();
    let set = relations(&dir, "set", &[]);
    let heads = dir.path().join("heads");
    let parses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample/deps/parses.conllu");
    quiet(&["deps", text(&parses), "--out", text(&heads)]);
    let out = dir.path().join("out");
    let refused = |args: &[&str]| {
        let output = run(args);
        let told = stderr(&output).replace(text(dir.path()), "DIR");
        (output.status.code(), told)
    };
    let two = "DIR/set holds RelationExample, DIR/heads holds DependencyExample";
    assert_eq!(
        refused(&["merge", text(&set), text(&heads), "--out", text(&out)]),
        (
            Some(1),
            format!("kprep: {two}: expected datasets of one record type\n")
        )
    );
    assert_eq!(
        refused(&["diff", text(&set), text(&heads)]),
        (
            Some(2),
            format!("kprep: {two}: expected two datasets of one record type\n")
        )
    );
    let args = ["--rows", "1", "--stratify", "relation", "--out", text(&out)];
    assert_eq!(
        refused(&[&["sample", text(&heads)], &args[..]].concat()),
        (
            Some(1),
            "kprep: DIR/heads holds DependencyExample, which has no relation: --stratify relation is for datasets of relations, types and cloze queries\n".into()
        )
    );
    assert!(!out.exists());
}
