//! `kprep knowledge facts`: which facts, which fake ones, which splits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{GroupBy, Manifest, PairExample, Split};
use tempfile::TempDir;

use super::{funnel, kprep, printed, problems, tables, text};
use crate::folder::files;
use crate::graph::SAMPLE;
use crate::util::{all_rows, rows};

fn facts(graph: &Path, out: &Path, args: &[&str]) {
    let fixed = [
        "knowledge",
        "facts",
        "--graph",
        text(graph),
        "--out",
        text(out),
    ];
    kprep(&[&fixed[..], &["-q"], args].concat()).code(0);
    assert_eq!(problems(out), Vec::<String>::new());
}

/// A graph of 40 diseases and 40 symptoms: every disease has each third symptom, and is one.
fn graph() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let mut files = [const { String::new() }; 3];
    for disease in 0..40 {
        for symptom in (disease % 3..40).step_by(3) {
            let file = &mut files[(disease + symptom) % 3];
            writeln!(file, "d_{disease}\thas_symptom\ts_{symptom}").unwrap();
        }
        writeln!(files[0], "d_{disease}\tisa\tdisease").unwrap();
    }
    files[0] += "disease\tisa\tentity\nd_1\trare_relation\ts_2\n";
    let place = dir.path().join("triples");
    fs::create_dir(&place).unwrap();
    for (name, content) in ["train", "valid", "test"].into_iter().zip(files) {
        fs::write(place.join(format!("{name}.txt")), content).unwrap();
    }
    let out = dir.path().join("graph");
    kprep(&["graph", text(&place), "--out", text(&out), "-q"]).code(0);
    (dir, out)
}

fn said(row: &PairExample) -> [String; 3] {
    [&row.first_id, &row.relation_id, &row.second_id].map(String::clone)
}

#[test]
fn facts_are_followed_by_fake_ones() {
    let (dir, graph) = graph();
    let out = dir.path().join("facts");
    facts(&graph, &out, &[]);
    let all: Vec<PairExample> = all_rows(&out);
    let (real, fake): (Vec<_>, Vec<_>) = all.iter().partition(|row| row.positive.is_empty());
    let true_facts: BTreeSet<_> = real.iter().map(|row| said(row)).collect();
    let has_symptom = real
        .iter()
        .find(|row| row.relation_id == "has_symptom")
        .unwrap();
    assert_eq!(
        (&*has_symptom.relation, &*has_symptom.class),
        ("has symptom", "real")
    );
    assert_eq!(has_symptom.first, has_symptom.first_id.replace('_', " "));
    for row in &fake {
        assert!(!true_facts.contains(&said(row)), "{row:?}");
        assert_eq!((row.label, &*row.class), (0, "fake"));
        let ends = [&row.first_id, &row.second_id];
        // What stands there in other facts stands there.
        if row.negative == "slot" && row.relation_id == "has_symptom" {
            assert!(
                ends[0].starts_with('d') && ends[1].starts_with('s'),
                "{row:?}"
            );
        }
    }
    let distinct: BTreeSet<_> = fake.iter().map(|row| said(row)).collect();
    assert_eq!(distinct.len(), fake.len());
    let told = funnel(&out);
    assert!(
        told.contains("- of a relation with too few facts "),
        "{told}"
    );
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("bert-mk"));
    assert_eq!(manifest.class_names, ["fake", "real"]);
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.contains("It is not BERT-MK"), "{card}");
    // The pairs of concepts stay in their splits.
    let pairs = Split::ALL.map(|split| {
        let rows: Vec<PairExample> = rows(&out, split);
        rows.into_iter()
            .map(|row| row.group)
            .collect::<BTreeSet<String>>()
    });
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(pairs[a].is_disjoint(&pairs[b]));
    }
}

#[test]
fn the_splits_of_a_source_are_kept() {
    let (dir, graph) = graph();
    let out = dir.path().join("facts");
    facts(
        &graph,
        &out,
        &[
            "--split-by",
            "source",
            "--min-facts",
            "1",
            "--draw",
            "random",
        ],
    );
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.split_by, GroupBy::Row);
    for (split, name) in Split::ALL.into_iter().zip(["train", "valid", "test"]) {
        let path = dir.path().join("triples").join(format!("{name}.txt"));
        let lines = fs::read_to_string(path).unwrap();
        let expected: BTreeSet<String> = lines.lines().map(str::to_owned).collect();
        let rows: Vec<PairExample> = rows(&out, split);
        let real = rows.iter().filter(|row| row.positive.is_empty());
        let found: BTreeSet<String> = real.map(|row| said(row).join("\t")).collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(rows.len(), 2 * found.len());
    }
    assert_eq!(problems(&out), Vec::<String>::new());
}

#[test]
fn the_same_input_gives_the_same_bytes_and_people_read_them() {
    let (dir, graph) = graph();
    let out = dir.path().join("facts");
    let args = [
        "--names",
        "random",
        "--draw",
        "slot,type",
        "--negatives",
        "3",
    ];
    facts(&graph, &out, &args);
    let again = dir.path().join("again/facts");
    fs::create_dir(dir.path().join("again")).unwrap();
    facts(&graph, &again, &[&args[..], &["--threads", "1"]].concat());
    assert!(files(&out) == files(&again));
    let shown = printed(&["head", text(&out)]);
    assert!(
        shown.contains(" has symptom ") || shown.contains(" isa "),
        "{shown}"
    );
    let figures: serde_json::Value =
        serde_json::from_str(&printed(&["stats", text(&out), "--json"])).unwrap();
    let tables = figures["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 5, "{figures}");
}

#[test]
fn any_name_and_concepts_of_a_type_are_drawn_where_there_are_some() {
    let obo = Path::new(SAMPLE).join("graph.obo");
    let (dir, graph) = tables("graph", text(&obo));
    let out = dir.path().join("facts");
    let args = ["--min-facts", "1", "--draw", "type", "--names", "random"];
    facts(&graph, &out, &args);
    let all: Vec<PairExample> = all_rows(&out);
    let flu: BTreeSet<&str> = all
        .iter()
        .flat_map(|row| [(&row.first_id, &row.first), (&row.second_id, &row.second)])
        .filter(|(id, _)| *id == "X:2")
        .map(|(_, name)| name.as_str())
        .collect();
    let names = ["flu", "influenza", "grippe \"true\""];
    assert!(flu.iter().all(|name| names.contains(name)), "{flu:?}");
    let drawn: BTreeSet<&str> = all.iter().map(|row| row.negative.as_str()).collect();
    assert_eq!(drawn, ["", "type"].into());
}

#[test]
fn facts_around_the_head_are_of_train_and_never_of_the_two_concepts() {
    let (dir, graph) = graph();
    let [out, plain, again] = ["out", "plain", "again"].map(|name| dir.path().join(name));
    let more = ["--test-percent", "20", "--negatives", "2"];
    let args = [&more[..], &["--neighbours", "4"]].concat();
    facts(&graph, &out, &args);
    facts(&graph, &plain, &more);
    facts(&graph, &again, &[&args[..], &["--threads", "1"]].concat());
    assert!(files(&out.join("data")) == files(&again.join("data")));
    let shown = |row: &PairExample| row.relation_id.replace('_', " ");
    let name = |id: &str| id.replace('_', " ");
    let train: BTreeSet<String> = rows::<PairExample>(&out, Split::Train)
        .iter()
        .filter(|row| row.positive.is_empty())
        .map(|row| {
            format!(
                "{} {} {}",
                name(&row.first_id),
                shown(row),
                name(&row.second_id)
            )
        })
        .collect();
    let all: Vec<PairExample> = all_rows(&out);
    let of: BTreeMap<&str, &PairExample> = all.iter().map(|row| (&*row.id, row)).collect();
    let mut most = 0;
    for (row, plain) in all.iter().zip(all_rows::<PairExample>(&plain)) {
        let (head, tail) = (name(&row.first_id), name(&row.second_id));
        let mut parts: Vec<&str> = row.first.split("; ").collect();
        // Without what is around it, the row is the same.
        assert_eq!(parts.pop(), Some(&*plain.first));
        assert_eq!(
            (&row.id, &row.second, plain.first),
            (&plain.id, &plain.second, head.clone())
        );
        let real = of.get(&*row.positive).unwrap_or(&row);
        let hidden = [tail, name(&real.second_id)];
        let is_around = |part: &&str| {
            let outgoing = part.strip_prefix(&format!("{head} "));
            let incoming = part.strip_suffix(&format!(" {head}"));
            let other = outgoing.or(incoming).unwrap();
            !hidden.iter().any(|end| {
                other.ends_with(&format!(" {end}")) || other.starts_with(&format!("{end} "))
            })
        };
        for part in &parts {
            assert!(train.contains(*part), "{part} is no fact of train");
            assert!(is_around(part), "{row:?}");
        }
        assert!(parts.len() <= 8);
        most = most.max(parts.len());
    }
    assert!(most >= 4, "{most}");
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains("at most 4 facts that lead to the head"),
        "{card}"
    );
    let is_alone = all.iter().any(|row| !row.first.contains("; "));
    assert_eq!(funnel(&out).contains("rows without a neighbour"), is_alone);
}
