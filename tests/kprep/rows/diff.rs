//! `kprep diff`.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{diff, quiet, relations, rows, text};

#[test]
fn differences_are_told_and_counted() {
    let dir = TempDir::new().unwrap();
    let a = relations(&dir, "a", &[]);
    assert_eq!(diff(&a, &a, &[]).0, Some(0));
    let all = rows(&a);
    let count = |n: usize| kprep_schemas::thousands(n as u64);
    let n = count(all.len());
    assert_eq!(
        diff(&a, &a, &[]).1,
        format!("rows: {n} -> {n}, {n} the same\nnothing differs\n")
    );
    // Without a relation.
    let b = relations(&dir, "b", &["--drop", "P47"]);
    let gone: Vec<_> = all
        .iter()
        .filter(|(_, (_, relation))| relation == "P47")
        .collect();
    let (code, told) = diff(&a, &b, &["--examples", "1"]);
    assert_eq!(code, Some(1));
    let left = count(all.len() - gone.len());
    assert!(
        told.starts_with(&format!(
            "--drop: [] -> [\"P47\"]\nclasses renumbered: the same label means another relation\n\
             relation P47: {p47} -> 0 rows, lost\nrows: {n} -> {left}, {left} the same\n  {p47} removed\n    ",
            p47 = count(gone.len())
        )),
        "{told}"
    );
    // With other splits.
    let c = relations(&dir, "c", &["--seed", "7"]);
    let moved = rows(&c)
        .iter()
        .filter(|(id, row)| all[*id] != **row)
        .count();
    let (code, json) = diff(&a, &c, &["--json"]);
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"]["other_split"]["count"], moved as u64);
    assert_eq!(json["settings"][0]["name"], "seed of the split");
    assert_eq!(json["rows"]["same"], (all.len() - moved) as u64);
}

#[test]
fn a_row_with_another_relation_is_told_by_its_id() {
    let dir = TempDir::new().unwrap();
    let sets = ["P17", "P36"].map(|relation| {
        let file = dir.path().join("one.json");
        let record = format!(
            r#"[{{"id":"e1","docid":"d","relation":"{relation}","token":["A","in","B"],"subj_start":0,"subj_end":0,"obj_start":2,"obj_end":2,"subj_type":"ITEM","obj_type":"ITEM"}}]"#
        );
        fs::write(&file, record).unwrap();
        let out = dir.path().join(relation);
        let args = ["--format", "tacred", "--out", text(&out)];
        quiet(&[&["import", "--train-file", text(&file)], &args[..]].concat());
        out
    });
    assert_eq!(
        diff(&sets[0], &sets[1], &[]),
        (
            Some(1),
            "input changed: one.json\nrelation P17: 1 -> 0 rows, lost\n\
             relation P36: 0 -> 1 rows, gained\nrows: 1 -> 1, 0 the same\n  \
             1 with another relation\n    e1: P17 -> P36\n"
                .to_owned()
        )
    );
}
