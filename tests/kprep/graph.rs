//! `kprep graph` as its user sees it: the same graph in four formats, and what is lost.

mod wikidata;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use kprep_schemas::{Concept, Fact, GroupBy, Manifest, Split, validate};
use tempfile::TempDir;

use crate::folder::files;
use crate::util::{rows, table};

pub(crate) const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sample/graph");

fn graph(inputs: &[&Path], out: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.arg("graph").args(inputs).arg("--out").arg(out);
    command.args(args).assert()
}

/// The tables of one of the sample's folders or files, which must be valid.
fn build(name: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("graph");
    let input = Path::new(SAMPLE).join(name);
    graph(&[&input], &out, &["-q"]).code(0);
    valid(&out);
    (dir, out)
}

fn valid(out: &Path) {
    for table in ["concepts", "facts"] {
        let problems = validate(&out.join(table)).unwrap().problems;
        assert_eq!(problems, Vec::<String>::new());
    }
}

fn funnel(out: &Path, table: &str) -> String {
    Manifest::read(&out.join(table)).unwrap().funnel.to_string()
}

/// Head, relation and tail by the names of the concepts.
fn facts(out: &Path) -> BTreeSet<[String; 3]> {
    let concepts: Vec<Concept> = table(out, "concepts");
    let facts: Vec<Fact> = table(out, "facts");
    let name = |id: &str| {
        let concept = concepts.iter().find(|concept| concept.id == id);
        concept.map_or(id.to_owned(), |concept| concept.label.clone())
    };
    let named = facts
        .iter()
        .map(|fact| [name(&fact.head), fact.relation.clone(), name(&fact.tail)]);
    named.collect()
}

#[test]
fn the_same_graph_has_the_same_facts_in_each_format() {
    let (_dir, triples) = build("triples");
    let expected = facts(&triples);
    assert_eq!(expected.len(), 9);
    for name in ["openke", "umls", "graph.obo"] {
        let (_dir, out) = build(name);
        assert_eq!(facts(&out), expected, "{name}");
    }
    // By their files, which tell the split.
    let rows: Vec<Fact> = table(&triples, "facts");
    let sources: BTreeSet<&str> = rows.iter().map(|fact| fact.source.as_str()).collect();
    assert_eq!(sources, ["test.txt", "train.txt", "valid.txt"].into());
}

#[test]
fn a_release_of_umls_gives_its_preferred_names_and_each_relation_once() {
    let (_dir, out) = build("umls");
    let concepts: Vec<Concept> = table(&out, "concepts");
    let flu = concepts.iter().find(|concept| concept.id == "C0000002");
    let expected = Concept {
        id: "C0000002".into(),
        label: "flu".into(),
        names: ["influenza", "grippe \"true\""].into(),
        types: ["Disease or Syndrome"].into(),
        description: String::new(),
        count: 4,
    };
    assert_eq!(flu.unwrap(), &expected);
    let told = funnel(&out, "concepts");
    for reason in ["a name in another language", "a suppressed name"] {
        assert!(told.contains(reason), "{told}");
    }
    let told = funnel(&out, "facts");
    for reason in [
        "suppressed",
        "of a relation without a name",
        "of a concept to itself",
        "of a concept that is not there",
        "stated before, by its inverse or by another source",
    ] {
        assert!(told.contains(&format!("- {reason} ")), "{told}");
    }
}

#[test]
fn umls_without_its_documentation_takes_the_direction_of_the_source() {
    let dir = TempDir::new().unwrap();
    for name in ["MRCONSO.RRF", "MRREL.RRF"] {
        fs::copy(
            Path::new(SAMPLE).join("umls").join(name),
            dir.path().join(name),
        )
        .unwrap();
    }
    let out = dir.path().join("graph");
    let output = graph(&[dir.path()], &out, &[]).code(0);
    let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        told.contains("note: no MRSTY.RRF: concepts have no types"),
        "{told}"
    );
    assert!(told.contains("note: no MRDOC.RRF"), "{told}");
    assert!(told.contains("- the other direction of a fact"), "{told}");
    fs::remove_file(dir.path().join("MRREL.RRF")).unwrap();
    let output = graph(&[dir.path()], &out, &["-q", "--overwrite"]).code(1);
    let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert_eq!(
        told,
        "kprep: expected MRREL.RRF among the inputs, found none\n"
    );
}

#[test]
fn semantic_types_sources_and_relations_choose() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("graph");
    let umls = Path::new(SAMPLE).join("umls");
    let args = [
        "-q",
        "--semantic-type",
        "Disease or Syndrome",
        "--relation",
        "isa",
    ];
    graph(&[&umls], &out, &args).code(0);
    valid(&out);
    let concepts: Vec<Concept> = table(&out, "concepts");
    assert!(
        concepts
            .iter()
            .all(|concept| concept.types == ["Disease or Syndrome"])
    );
    let facts: Vec<Fact> = table(&out, "facts");
    assert!(!facts.is_empty() && facts.iter().all(|fact| fact.relation == "isa"));
    let none = graph(&[&umls], &out, &["-q", "--overwrite", "--sab", "NONE"]).code(1);
    let told = String::from_utf8(none.get_output().stderr.clone()).unwrap();
    assert!(
        told.starts_with("kprep: no concept of the inputs is left"),
        "{told}"
    );
}

#[test]
fn a_malformed_record_is_skipped_with_its_line() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("facts.tsv");
    fs::write(&path, "a\tr\tb\na\tr\nb\tr\tc\n").unwrap();
    let out = dir.path().join("graph");
    let output = graph(&[&path], &out, &[]).code(3);
    let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    let expected = "skipped: facts.tsv, line 2, byte 6: expected head, relation and tail with tabs between them, \
                    found \"a\\tr\"\n";
    assert!(told.contains(expected), "{told}");
    graph(&[&path], &out, &["-q", "--overwrite", "--max-errors", "1"]).code(0);
    assert!(funnel(&out, "facts").contains("- malformed"));
    let rows: Vec<Fact> = table(&out, "facts");
    assert_eq!(rows.len(), 2);
    // Two formats at once are refused.
    let obo = Path::new(SAMPLE).join("graph.obo");
    let output = graph(&[&path, &obo], &out, &["-q", "--overwrite"]).code(1);
    let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        told.contains("facts.tsv seems to be triples, graph.obo obo"),
        "{told}"
    );
}

#[test]
fn people_and_programs_read_the_tables_and_twice_the_same_bytes() {
    let (dir, out) = build("graph.obo");
    let again = dir.path().join("again/graph");
    fs::create_dir(dir.path().join("again")).unwrap();
    graph(
        &[&Path::new(SAMPLE).join("graph.obo")],
        &again,
        &["-q", "--threads", "1"],
    )
    .code(0);
    assert!(files(&out) == files(&again));
    let kprep = |args: &[&str]| {
        let output = Command::cargo_bin("kprep")
            .unwrap()
            .args(args)
            .assert()
            .code(0);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let concepts = out.join("concepts");
    let concepts = concepts.to_str().unwrap();
    let shown = kprep(&["head", concepts, "-n", "9"]);
    assert!(
        shown.contains("X:2 flu (sample)\n  also influenza, grippe \"true\"\n"),
        "{shown}"
    );
    let shown = kprep(&["stats", concepts]);
    assert!(shown.contains("other names a concept"), "{shown}");
    let told = funnel(&out, "concepts");
    assert!(told.contains("- obsolete"), "{told}");
}

#[test]
fn the_splits_of_a_source_are_kept_in_its_table_of_facts() {
    let dir = TempDir::new().unwrap();
    for name in ["triples", "openke"] {
        let out = dir.path().join(name);
        let input = Path::new(SAMPLE).join(name);
        let told = graph(&[&input], &out, &["--split-by", "source", "--json"]).code(0);
        valid(&out);
        let told: serde_json::Value = serde_json::from_slice(&told.get_output().stdout).unwrap();
        assert_eq!(told["tables"]["facts"]["rows"], 9);
        let counts = Split::ALL.map(|split| rows::<Fact>(&out.join("facts"), split).len());
        assert_eq!(counts, [7, 1, 1], "{name}");
        let test = rows::<Fact>(&out.join("facts"), Split::Test).remove(0);
        assert!(test.source.starts_with("test"), "{test:?}");
        let facts = Manifest::read(&out.join("facts")).unwrap();
        assert_eq!(facts.split_by, GroupBy::Row);
        assert_eq!(table::<Concept>(&out, "concepts").len(), 7);
        let card = fs::read_to_string(out.join("facts/README.md")).unwrap();
        assert!(
            card.contains("The splits are those of the source's own files"),
            "{card}"
        );
        let again = dir.path().join("again").join(name);
        fs::create_dir_all(dir.path().join("again")).unwrap();
        let args = ["--split-by", "source", "-q", "--threads", "1"];
        graph(&[&input], &again, &args).code(0);
        assert!(files(&out) == files(&again));
    }
    // A file that names no split is lost, a format without splits refused.
    let other = dir.path().join("other.txt");
    fs::write(&other, "a\tr\tb\n").unwrap();
    let out = dir.path().join("more");
    let inputs = [Path::new(SAMPLE).join("triples"), other];
    let args = ["-q", "--split-by", "source"];
    graph(&[&inputs[0], &inputs[1]], &out, &args).code(0);
    let told = funnel(&out, "facts");
    assert!(told.contains("- of a source that is no split "), "{told}");
    let obo = Path::new(SAMPLE).join("graph.obo");
    let output = graph(&[&obo], &dir.path().join("obo"), &args).code(1);
    let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert_eq!(
        told,
        "kprep: --split-by source is for triples and openke: files of obo are no splits\n"
    );
}
