//! `kprep export` as a user runs it: whole output of small datasets, and the way back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::util;
use kprep_schemas::{DependencyExample, Record, RelationExample, Split};
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    let kprep = env!("CARGO_BIN_EXE_kprep");
    Command::new(kprep).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sample(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample");
    root.join(name)
}

/// Builds a dataset of one split, or fails.
fn build(command: &str, input: &Path, out: &Path, args: &[&str]) {
    let whole = [
        "--validation-percent",
        "0",
        "--test-percent",
        "0",
        "--quiet",
    ];
    let head = [command, text(input), "--out", text(out)];
    let output = run(&[&head[..], &whole, args].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
}

/// What an export prints, and what it says.
fn export(dir: &Path, format: &str, args: &[&str]) -> (String, String) {
    let head = ["export", text(dir), "--format", format];
    let output = run(&[&head[..], args].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    (String::from_utf8(output.stdout).unwrap(), stderr)
}

fn rows<R: Record>(dir: &Path) -> Vec<R> {
    util::rows(dir, Split::Train)
}

/// A T-REx document of one fact, as its dataset.
fn one_fact(dir: &TempDir) -> PathBuf {
    let document = json!([{
        "docid": "http://www.wikidata.org/entity/Q1085",
        "title": "Prague",
        "text": "Prague is in Czechia.",
        "sentences_boundaries": [[0, 21]],
        "words_boundaries": [[0, 6], [7, 9], [10, 12], [13, 20], [20, 21]],
        "triples": [{
            "subject": {"boundaries": [0, 6], "surfaceform": "Prague", "uri": "http://www.wikidata.org/entity/Q1085"},
            "predicate": {"uri": "http://www.wikidata.org/prop/direct/P17"},
            "object": {"boundaries": [13, 20], "surfaceform": "Czechia", "uri": "http://www.wikidata.org/entity/Q213"},
            "annotator": "SPOAligner",
        }],
    }]);
    let input = dir.path().join("one.json");
    fs::write(&input, document.to_string()).unwrap();
    let out = dir.path().join("one");
    build("trex", &input, &out, &["--min-pairs", "1"]);
    out
}

/// A dependency dataset of two sentences, one with a word that has no head.
fn two_sentences(dir: &TempDir) -> PathBuf {
    let input = dir.path().join("two.conllu");
    let text = "# sent_id = a\n# text = Go on.\n\
                1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\
                2\ton\ton\tADP\tRP\t_\t1\tcompound\t_\t_\n\
                3\t.\t.\tPUNCT\t.\t_\t1\tpunct\t_\t_\n\n\
                1\tStop\t_\t_\t_\t_\t0\troot\t_\t_\n\
                2\t!\t_\t_\t_\t_\t_\t_\t_\t_\n\n";
    fs::write(&input, text).unwrap();
    let out = dir.path().join("two");
    build("deps", &input, &out, &[]);
    out
}

#[test]
fn a_fact_in_each_format() {
    let dir = TempDir::new().unwrap();
    let set = one_fact(&dir);
    let id = &rows::<RelationExample>(&set)[0].id;
    let words = r#""token":["Prague","is","in","Czechia","."]"#;
    let spans = r#""subj_start":0,"subj_end":0,"obj_start":3,"obj_end":3"#;
    let uri = "http://www.wikidata.org/entity";
    for (label, relation) in [(&[][..], "P17"), (&["--label"], "country")] {
        let expected = format!(
            r#"{{"id":"{id}","docid":"{uri}/Q1085","relation":"{relation}",{words},{spans},"subj_type":"ITEM","obj_type":"ITEM"}}"#
        );
        let (out, err) = export(&set, "tacred", label);
        assert_eq!(out, format!("[\n{expected}\n]\n"));
        assert_eq!(
            err,
            "  rows read                                   1\n  \
             written                                     1\n"
        );
    }
    assert_eq!(
        export(&set, "kadapter", &[]).0,
        format!(
            "[\n{{\"docid\":\"Q1085\",{words},\"relation\":\"P17\",{spans},\"subj_label\":\"Q1085\",\"obj_label\":\"Q213\"}}\n]\n"
        )
    );
    assert_eq!(
        export(&set, "jsonl", &["--quiet"]),
        (
            format!(
                r#"{{"id":"{id}","doc_id":"{uri}/Q1085","title":"Prague","text":"Prague is in Czechia.",{words},{spans},"subj_char_start":0,"subj_char_end":6,"obj_char_start":13,"obj_char_end":20,"subj_id":"Q1085","obj_id":"Q213","obj_type":"item","relation":"P17","label":0,"aligners":["SPOAligner"]}}"#
            ) + "\n",
            String::new()
        )
    );
    assert_eq!(export(&set, "tacred", &["--split", "test"]).0, "[]\n");
}

#[test]
fn heads_in_each_format() {
    let dir = TempDir::new().unwrap();
    let set = two_sentences(&dir);
    let (out, err) = export(&set, "find-head", &[]);
    assert_eq!(
        out,
        "[\n{\"sent\":\"Go on.\",\"tokens\":[{\"1\":{\"start\":0,\"end\":2}},{\"2\":{\"start\":3,\"end\":5}},{\"3\":{\"start\":5,\"end\":6}}],\
         \"pairs\":[{\"dependent_index\":1,\"governor_index\":0},{\"dependent_index\":2,\"governor_index\":1},{\"dependent_index\":3,\"governor_index\":1}]}\n]\n"
    );
    assert_eq!(
        err,
        "  rows read                                   2\n    \
         - a word without a head                   1\n  \
         written                                     1\n"
    );
    assert_eq!(
        export(&set, "conllu", &[]).0,
        "# newdoc id = two.conllu\n# sent_id = a\n# text = Go on.\n\
         1\tGo\t_\tVERB\tVB\t_\t0\troot\t_\t_\n\
         2\ton\t_\tADP\tRP\t_\t1\tcompound\t_\t_\n\
         3\t.\t_\tPUNCT\t.\t_\t1\tpunct\t_\t_\n\n\
         1\tStop\t_\t_\t_\t_\t0\troot\t_\t_\n\
         2\t!\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
    );
}

#[test]
fn conllu_comes_back_as_it_was() {
    let dir = TempDir::new().unwrap();
    let (first, again) = (dir.path().join("first"), dir.path().join("again"));
    build("deps", &sample("deps/parses.conllu"), &first, &[]);
    let file = dir.path().join("back.conllu");
    export(&first, "conllu", &["--out", text(&file)]);
    build("deps", &file, &again, &[]);
    let rows = rows::<DependencyExample>;
    assert!(rows(&first).len() > 100);
    // Ids count the sentences of a document, those that were lost included.
    let without_id = |row: DependencyExample| DependencyExample {
        id: String::new(),
        ..row
    };
    let [first, again] = [first, again].map(|dir| rows(&dir).into_iter().map(without_id));
    assert!(first.eq(again));
}

/// Ids name places in the document, and of that only sentences with rows are known.
#[test]
fn trex_comes_back_as_it_was_but_for_the_ids() {
    let dir = TempDir::new().unwrap();
    let (first, again) = (dir.path().join("first"), dir.path().join("again"));
    build("trex", &sample("trex"), &first, &["--min-pairs", "1"]);
    let file = dir.path().join("back.json");
    let (_, counts) = export(&first, "trex", &["--out", text(&file)]);
    assert!(!counts.contains(" - "), "{counts}");
    build("trex", &file, &again, &["--min-pairs", "1"]);
    let rows = rows::<RelationExample>;
    assert!(rows(&first).len() > 1000);
    let without_id = |row: RelationExample| RelationExample {
        id: String::new(),
        ..row
    };
    let [first, again] = [first, again].map(|dir| rows(&dir).into_iter().map(without_id));
    assert!(first.eq(again));
}

#[test]
fn json_lines_are_the_rows_of_the_parquet() {
    let dir = TempDir::new().unwrap();
    let set = dir.path().join("set");
    build("trex", &sample("trex"), &set, &["--min-pairs", "1"]);
    let (lines, _) = export(&set, "jsonl", &[]);
    let rows = rows::<RelationExample>(&set);
    assert_eq!(lines.lines().count(), rows.len());
    for (line, row) in lines.lines().zip(rows) {
        let read: Value = serde_json::from_str(line).unwrap();
        let expected = json!({
            "id": row.id, "doc_id": row.doc_id, "title": row.title, "text": row.text,
            "token": row.token.iter().collect::<Vec<_>>(),
            "subj_start": row.subj_start, "subj_end": row.subj_end,
            "obj_start": row.obj_start, "obj_end": row.obj_end,
            "subj_char_start": row.subj_char_start, "subj_char_end": row.subj_char_end,
            "obj_char_start": row.obj_char_start, "obj_char_end": row.obj_char_end,
            "subj_id": row.subj_id, "obj_id": row.obj_id, "obj_type": row.obj_type,
            "relation": row.relation, "label": row.label,
            "aligners": row.aligners.iter().collect::<Vec<_>>(),
        });
        assert_eq!(read, expected);
    }
}

#[test]
fn refusals_leave_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let set = two_sentences(&dir);
    let file = dir.path().join("out.json");
    let refused = |format: &str| {
        let output = run(&[
            "export",
            text(&set),
            "--format",
            format,
            "--out",
            text(&file),
        ]);
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        stderr.replace(text(dir.path()), "DIR")
    };
    assert_eq!(
        refused("tacred"),
        "kprep: DIR/two holds DependencyExample, which tacred cannot hold; expected --format find-head \
         or jsonl or conllu\n"
    );
    assert!(!file.exists());
    fs::write(&file, "mine").unwrap();
    assert_eq!(
        refused("conllu"),
        "kprep: DIR/out.json exists already: choose another --out, or replace it with --overwrite\n"
    );
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    export(&set, "conllu", &["--out", text(&file), "--overwrite"]);
    assert!(fs::read(&file).unwrap().starts_with(b"# newdoc"));
    let names = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name());
    assert!(
        !names
            .into_iter()
            .any(|name| name.to_string_lossy().contains("partial"))
    );
}
