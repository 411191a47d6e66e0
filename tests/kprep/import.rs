//! `kprep import` as a user runs it: what `kprep export` wrote comes back, and others' files come in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kprep_schemas::{
    Dataset, DependencyExample, GroupBy, Record, RelationExample, Split, validate,
};
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

/// A relation set with rows in all splits.
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

fn rows<R: Record>(dataset: &Path, split: Split) -> Vec<R> {
    let dataset = Dataset::open(dataset).unwrap();
    dataset.rows(split).unwrap().map(Result::unwrap).collect()
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

/// Records as TACRED has them, with line ends of both kinds. The second one has a mention outside.
fn tacred(dir: &TempDir) -> PathBuf {
    let record = |id: &str, relation: &str, end: u32| {
        format!(
            r#"{{"id": "{id}", "docid": "NEWS_1", "relation": "{relation}", "token": ["Zoë", "is", "42", "-LRB-", "now", "-RRB-"],
"subj_start": 0, "subj_end": 0, "obj_start": 2, "obj_end": {end}, "subj_type": "PERSON", "obj_type": "NUMBER",
"stanford_pos": ["NNP", "VBZ", "CD", "-LRB-", "RB", "-RRB-"], "stanford_ner": ["PERSON", "O", "NUMBER", "O", "O", "O"],
"stanford_head": [3, 3, 0, 5, 3, 5], "stanford_deprel": ["nsubj", "cop", "ROOT", "punct", "dep", "punct"]}}"#
        )
    };
    let records = [
        record("e1", "per:age", 2),
        record("e2", "per:age", 6),
        record("e3", "no_relation", 2),
        record("e3", "no_relation", 2),
    ];
    let file = dir.path().join("train.json");
    fs::write(&file, format!("[{}]\r\n", records.join(",\r\n"))).unwrap();
    file
}

#[test]
fn tacreds_own_files_come_in_and_a_broken_record_is_told() {
    let dir = TempDir::new().unwrap();
    let (file, out) = (tacred(&dir), dir.path().join("out"));
    let args = ["--format", "tacred", "--out", text(&out)];
    let output = run(&[&["import", "--train-file", text(&file)], &args[..]].concat());
    assert_eq!(output.status.code(), Some(3));
    let second = fs::read_to_string(&file)
        .unwrap()
        .find(r#"{"id": "e2""#)
        .unwrap();
    let told = stderr(&output);
    assert!(
        told.starts_with(&format!(
            "skipped: train.json, record at byte {second}: the object is tokens 2..=6 of 6\n  \
             records read                          4\n    - malformed record                  1\n  \
             well-formed                           3\n    - id seen before                    1\n  \
             distinct                              2\n"
        )),
        "{told}"
    );
    assert_eq!(validate(&out).unwrap().problem_count, 0);
    let manifest = Dataset::open(&out).unwrap().manifest;
    assert_eq!(manifest.class_names, ["no_relation", "per:age"]);
    let rows = rows::<RelationExample>(&out, Split::Train);
    let first = &rows[0];
    assert_eq!(rows.len(), 2);
    assert_eq!(first.text, "Zoë is 42 -LRB- now -RRB-");
    let known = (
        &*first.id,
        &*first.doc_id,
        &*first.subj_id,
        &*first.obj_id,
        &*first.obj_type,
    );
    assert_eq!(known, ("e1", "NEWS_1", "Zoë", "42", "quantity"));
    assert_eq!(
        (first.obj_char_start, first.obj_char_end, first.label),
        (7, 9, Some(1))
    );
    let rejects = fs::File::open(out.join("rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(rejects).unwrap()).unwrap();
    assert_eq!(
        rejects.lines().next().unwrap(),
        format!(
            r#"{{"source":"train.json","byte":{second},"reason":"malformed record","detail":"the object is tokens 2..=6 of 6"}}"#
        )
    );
}

#[test]
fn labels_come_in_the_order_of_the_file_and_others_are_rejected() {
    let dir = TempDir::new().unwrap();
    let (file, labels) = (tacred(&dir), dir.path().join("labels.txt"));
    let out = dir.path().join("out");
    let import = |given: &str| {
        fs::write(&labels, given).unwrap();
        let args = [
            "--format",
            "tacred",
            "--overwrite",
            "--max-errors",
            "1",
            "--labels",
        ];
        let files = ["import", "--train-file", text(&file), "--out", text(&out)];
        run(&[&files[..], &args, &[text(&labels)]].concat())
    };
    let output = import("per:title\r\nper:age\r\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("    - not among the labels              2\n"));
    assert_eq!(validate(&out).unwrap().problem_count, 0);
    let rows = rows::<RelationExample>(&out, Split::Train);
    assert_eq!((rows.len(), rows[0].label), (1, Some(1)));
    let rejects = fs::File::open(out.join("rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(rejects).unwrap()).unwrap();
    let third = fs::read_to_string(&file)
        .unwrap()
        .find(r#"{"id": "e3""#)
        .unwrap();
    let expected = format!(
        r#"{{"source":"train.json","byte":{third},"reason":"not among the labels","detail":"\"no_relation\" is none of the labels"}}"#
    );
    assert!(rejects.lines().any(|line| line == expected), "{rejects}");
    let output = import("a\nb\na\n");
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output).replace(text(dir.path()), "DIR");
    assert_eq!(
        told,
        "kprep: DIR/labels.txt: class 2: \"a\" is class 0 already\n"
    );
}

#[test]
fn json_lines_of_no_record_type_are_refused_and_a_broken_line_is_told() {
    let dir = TempDir::new().unwrap();
    let (file, out) = (dir.path().join("rows.jsonl"), dir.path().join("out"));
    let import = |lines: &str, args: &[&str]| {
        fs::write(&file, lines).unwrap();
        let head = [
            "import",
            text(&file),
            "--format",
            "jsonl",
            "--out",
            text(&out),
        ];
        let output = run(&[&head, args].concat());
        (output.status.code(), stderr(&output))
    };
    let (code, told) = import("{\"title\": \"A\"}\n", &[]);
    assert_eq!(code, Some(1));
    assert!(
        told.starts_with("kprep: rows.jsonl: the keys of the first row are those of no record type (title); name it with --record, one of RelationExample, DependencyExample"),
        "{told}"
    );
    let row =
        |title: &str, more: &str| format!("{{\"title\":\"{title}\",\"target\":\"T\"{more}}}\n");
    let three = [row("A", ""), row("B", ",\"x\":1"), row("C", "")].concat();
    let (code, told) = import(&three, &["--record", "Redirect"]);
    assert_eq!(code, Some(3));
    assert!(
        told.starts_with(
            "skipped: rows.jsonl, record at byte 27: Json error: column 'x' missing from schema\n"
        ),
        "{told}"
    );
    let redirects = rows::<kprep_schemas::Redirect>(&out, Split::Train);
    let titles: Vec<_> = redirects.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["A", "C"]);
    assert_eq!(validate(&out).unwrap().problem_count, 0);
}

#[test]
fn the_same_record_twice_is_two_rows_where_the_format_has_no_ids() {
    let dir = TempDir::new().unwrap();
    let [file, back, out] = ["a.json", "b.json", "out"].map(|name| dir.path().join(name));
    let record = r#"{"docid":"Q1","token":["A","in","B"],"relation":"P17","subj_start":0,"subj_end":0,"obj_start":2,"obj_end":2,"subj_label":"Q1","obj_label":"Q2"}"#;
    fs::write(&file, format!("[\n{record},\n{record},\n{record}\n]\n")).unwrap();
    import(&["--train-file", text(&file)], "kadapter", &out, &[]);
    export(&out, "kadapter", &back, "all");
    assert_eq!(fs::read(&file).unwrap(), fs::read(&back).unwrap());
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
