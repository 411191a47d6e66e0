//! Files that kprep has not written.

use std::fs;
use std::path::PathBuf;

use kprep_schemas::{Dataset, RelationExample, Split, validate};
use tempfile::TempDir;

use super::{export, import, run, stderr, text};
use crate::util::rows;

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
