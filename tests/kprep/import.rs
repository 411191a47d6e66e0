//! `kprep import` as a user runs it: what `kprep export` wrote comes back, and others' files come
//! in.

mod foreign;
mod objective;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::util::rows;
use kprep_schemas::{Dataset, DependencyExample, GroupBy, RelationExample, Split, validate};
use serde_json::Value;
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    let kprep = env!("CARGO_BIN_EXE_kprep");
    Command::new(kprep).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs quietly, or fails.
fn quiet(args: &[&str]) -> Vec<u8> {
    let output = run(&[args, &["--quiet"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    output.stdout
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder, and a dataset of the bundled sample in it.
fn sample(command: &str, input: &str, args: &[&str]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("first");
    let input = root().join("data/sample").join(input);
    quiet(&[&[command, text(&input), "--out", text(&out)], args].concat());
    (dir, out)
}

/// A relation dataset with rows in all splits.
fn relations() -> (TempDir, PathBuf) {
    sample(
        "trex",
        "trex",
        &["--min-pairs", "5", "--test-percent", "10"],
    )
}

fn export(dataset: &Path, format: &str, file: &Path, split: &str) {
    let args = ["--format", format, "--split", split, "--out", text(file)];
    quiet(&[&["export", text(dataset)], &args[..]].concat());
}

fn import(files: &[&str], format: &str, out: &Path, args: &[&str]) {
    let all = [files, &["--format", format, "--out", text(out)], args].concat();
    quiet(&[&["import"], &all[..]].concat());
    assert_eq!(validate(out).unwrap().problems, Vec::<String>::new());
}

/// Shards with their checksums, and the classes.
fn content(dataset: &Path) -> Value {
    let manifest = Dataset::open(dataset).unwrap().manifest;
    serde_json::json!([manifest.shards, manifest.class_names])
}

#[test]
fn json_lines_of_a_relation_set_give_the_same_shards() {
    let (dir, first) = relations();
    let (file, again) = (dir.path().join("rows.jsonl"), dir.path().join("again"));
    export(&first, "jsonl", &file, "all");
    import(&[text(&file)], "jsonl", &again, &["--test-percent", "10"]);
    assert_eq!(content(&again), content(&first));
    let tables = [&first, &again].map(|dir| fs::read(dir.join("relations.parquet")).unwrap());
    assert!(tables[0] == tables[1]);
}

#[test]
fn splits_of_files_are_kept() {
    let (dir, first) = relations();
    let mut files = Vec::new();
    for split in Split::ALL {
        let file = dir.path().join(format!("{}.jsonl", split.name()));
        export(&first, "jsonl", &file, split.name());
        files.push(format!("--{}-file", split.name()));
        files.push(text(&file).to_owned());
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    // On one thread, with another seed: neither counts.
    let again = dir.path().join("again");
    let args = ["--seed", "7", "--threads", "1"];
    import(&files, "jsonl", &again, &args);
    assert_eq!(content(&again), content(&first));
    let manifest = Dataset::open(&again).unwrap().manifest;
    assert_eq!(manifest.split_by, GroupBy::Document);
    // Documents are whole, pairs are not: then nothing is promised, and that is said.
    let pairs = dir.path().join("pairs");
    let args = [
        &["import"],
        &files[..],
        &["--format", "jsonl", "--split-by", "pair", "--out"],
    ];
    let output = run(&[&args.concat()[..], &[text(&pairs)]].concat());
    let told = stderr(&output);
    assert!(told.contains("pairs in several splits"), "{told}");
    let manifest = Dataset::open(&pairs).unwrap().manifest;
    assert_eq!(manifest.split_by, GroupBy::Row);
    assert!(manifest.funnel.within[0].count > 0);
    assert_eq!(validate(&pairs).unwrap().problem_count, 0);
}

#[test]
fn tacred_and_kadapter_export_the_same_again() {
    let (dir, first) = relations();
    for format in ["tacred", "kadapter"] {
        let [file, back] =
            ["json", "back.json"].map(|end| dir.path().join(format!("{format}.{end}")));
        let again = dir.path().join(format);
        export(&first, format, &file, "train");
        import(&["--train-file", text(&file)], format, &again, &[]);
        export(&again, format, &back, "all");
        assert!(
            fs::read(&file).unwrap() == fs::read(&back).unwrap(),
            "{format}"
        );
        assert_eq!(
            rows::<RelationExample>(&again, Split::Train).len(),
            rows::<RelationExample>(&first, Split::Train).len()
        );
    }
    // The bare id of the document is another group, TACRED's is the same: so are the splits.
    let (file, again) = (dir.path().join("all.json"), dir.path().join("again"));
    export(&first, "tacred", &file, "all");
    import(&[text(&file)], "tacred", &again, &["--test-percent", "10"]);
    let back = dir.path().join("all-back.json");
    export(&again, "tacred", &back, "all");
    assert!(fs::read(&file).unwrap() == fs::read(&back).unwrap());
}

#[test]
fn find_head_exports_the_same_again() {
    let (dir, first) = sample("deps", "deps/parses.conllu", &[]);
    let [file, back, again] = ["a.json", "b.json", "again"].map(|name| dir.path().join(name));
    export(&first, "find-head", &file, "train");
    import(&["--train-file", text(&file)], "find-head", &again, &[]);
    export(&again, "find-head", &back, "all");
    assert!(fs::read(&file).unwrap() == fs::read(&back).unwrap());
    assert!(rows::<DependencyExample>(&again, Split::Train).len() > 1000);
}

/// Exports each dataset as JSON Lines and back.
fn lines_come_back(dir: &Path, datasets: &[&str]) {
    for name in datasets {
        let (first, file, again) = (dir.join(name), dir.join("rows.jsonl"), dir.join("again"));
        quiet(&[
            "export",
            text(&first),
            "--format",
            "jsonl",
            "--out",
            text(&file),
            "--overwrite",
        ]);
        import(&[text(&file)], "jsonl", &again, &["--overwrite"]);
        assert_eq!(content(&again), content(&first), "{name}");
        // Lines are the rows: as many, with the columns as keys in their order.
        let lines = fs::read_to_string(&file).unwrap();
        let manifest = Dataset::open(&first).unwrap().manifest;
        let count: u64 = manifest.shards.iter().map(|shard| shard.rows).sum();
        assert_eq!(lines.lines().count() as u64, count, "{name}");
        assert!(count > 0, "{name}");
    }
}

#[test]
fn json_lines_of_every_other_record_type_give_the_same_shards() {
    let dir = TempDir::new().unwrap();
    let dumps = root().join("data/sample/dumps");
    let [wikidata, wikipedia, aligned] =
        ["wikidata", "wikipedia", "aligned"].map(|name| dir.path().join(name));
    let dump = dumps.join("wikidata.json.gz");
    quiet(&["wikidata", text(&dump), "--out", text(&wikidata)]);
    let dump = dumps.join("wikipedia.xml.bz2");
    quiet(&["wikipedia", text(&dump), "--out", text(&wikipedia)]);
    let sources = [
        "--wikipedia",
        text(&wikipedia),
        "--wikidata",
        text(&wikidata),
    ];
    quiet(&[&["align"], &sources[..], &["--out", text(&aligned)]].concat());
    let heads = root().join("data/sample/deps/parses.conllu");
    quiet(&[
        "deps",
        text(&heads),
        "--out",
        text(&dir.path().join("deps")),
    ]);
    let datasets = [
        "wikidata/entities",
        "wikidata/triples",
        "wikidata/properties",
        "wikipedia/pages",
        "wikipedia/redirects",
        "aligned",
        "deps",
    ];
    lines_come_back(dir.path(), &datasets);
}

#[test]
fn heads_that_are_no_tree_come_back_where_they_are_allowed() {
    let dir = TempDir::new().unwrap();
    let [file, out] = ["rows.jsonl", "out"].map(|name| dir.path().join(name));
    let row = |id: &str, head: &str| {
        format!(
            r#"{{"id":"{id}","doc_id":"d","sent_id":null,"text":null,"token":["Go","on"],"head":{head},"deprel":["root","dep"],"upos":null,"xpos":null}}"#
        ) + "\n"
    };
    fs::write(&file, row("1", "[0,1]") + &row("2", "[0,0]")).unwrap();
    let files = ["--train-file", text(&file)];
    let output = run(&[
        &["import"],
        &files[..],
        &["--format", "jsonl", "--out", text(&out)],
    ]
    .concat());
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        told.contains("words 1 and 2 both have head 0: a tree has one root"),
        "{told}"
    );
    import(&files, "jsonl", &out, &["--allow-non-tree", "--overwrite"]);
    assert_eq!(rows::<DependencyExample>(&out, Split::Train).len(), 2);
}
