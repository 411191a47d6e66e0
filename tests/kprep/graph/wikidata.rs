//! The tables of Wikidata as a graph.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use kprep_schemas::{Concept, Entity, Fact, Property, Triple, Value};
use tempfile::TempDir;

use super::{SAMPLE, funnel, graph, valid};
use crate::folder::files;
use crate::util::table;

fn kprep(args: &[&str], code: i32) {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.args(args).assert().code(code);
}

/// A folder with the sample's tables of Wikidata in `wikidata`.
fn tables() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let dump = Path::new(SAMPLE).join("../dumps/wikidata.json.gz");
    let out = dir.path().join("wikidata");
    let (dump, out_text) = (dump.to_str().unwrap(), out.to_str().unwrap());
    kprep(&["wikidata", dump, "--out", out_text, "-q"], 0);
    (dir, out)
}

/// Labels of properties by their ids.
fn labels(wikidata: &Path) -> BTreeMap<String, String> {
    let rows = table::<Property>(wikidata, "properties").into_iter();
    rows.filter_map(|row| Some((row.id, row.label?))).collect()
}

/// The facts that the tables state.
fn expected(wikidata: &Path) -> BTreeSet<[String; 3]> {
    let items: Vec<Entity> = table(wikidata, "entities");
    let items: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let labels = labels(wikidata);
    let mut facts = BTreeSet::new();
    for row in table::<Triple>(wikidata, "triples") {
        let Value::Entity(tail) = &row.value else {
            continue;
        };
        let [head, property, tail] = [row.subject, row.property, *tail].map(|id| id.to_string());
        let relation = labels.get(&property).unwrap_or(&property).clone();
        if head != tail && items.contains(&*head) && items.contains(&*tail) {
            facts.insert([head, relation, tail]);
        }
    }
    facts
}

fn found(out: &Path) -> Vec<[String; 3]> {
    let facts: Vec<Fact> = table(out, "facts");
    assert!(facts.iter().all(|fact| fact.source == "Wikidata"));
    let facts = facts.into_iter();
    facts
        .map(|fact| [fact.head, fact.relation, fact.tail])
        .collect()
}

#[test]
fn the_tables_of_wikidata_are_a_graph_of_items() {
    let (dir, wikidata) = tables();
    let out = dir.path().join("graph");
    let again = dir.path().join("again/graph");
    fs::create_dir(dir.path().join("again")).unwrap();
    let args = ["--wikidata", wikidata.to_str().unwrap(), "-q"];
    graph(&[], &out, &args).code(0);
    valid(&out);
    graph(&[], &again, &[&args[..], &["--threads", "1"]].concat()).code(0);
    assert!(files(&out) == files(&again));

    let items: Vec<Entity> = table(&wikidata, "entities");
    let concepts: Vec<Concept> = table(&out, "concepts");
    assert_eq!(concepts.len(), items.len());
    assert_eq!(concepts[0].types, items[0].instance_of);
    let facts = found(&out);
    let distinct: BTreeSet<_> = facts.iter().cloned().collect();
    assert_eq!(distinct.len(), facts.len());
    assert_eq!(distinct, expected(&wikidata));
    assert!(facts.len() > 100, "{}", facts.len());
    let told = funnel(&out, "facts");
    assert!(told.contains("- whose value is no item "), "{told}");
    let card = fs::read_to_string(out.join("facts/README.md")).unwrap();
    assert!(card.contains("license: cc0-1.0"), "{card}");

    let (graph_dir, pairs) = (out.to_str().unwrap(), dir.path().join("pairs"));
    let pairs = ["--out", pairs.to_str().unwrap(), "-q"];
    let fixed = ["knowledge", "facts", "--graph", graph_dir];
    kprep(&[&fixed[..], &pairs].concat(), 0);
}

#[test]
fn relations_of_wikidata_are_chosen_by_id_or_label() {
    let (dir, wikidata) = tables();
    let relation = expected(&wikidata).first().unwrap()[1].clone();
    let labels = labels(&wikidata);
    let (id, _) = labels
        .iter()
        .find(|(_, label)| **label == relation)
        .unwrap();
    let args = ["--wikidata", wikidata.to_str().unwrap(), "-q"];
    let by = |name: &str| {
        let out = dir.path().join(name);
        graph(&[], &out, &[&args[..], &["--relation", name]].concat()).code(0);
        found(&out)
    };
    let facts = by(id);
    assert!(!facts.is_empty() && facts.iter().all(|fact| fact[1] == relation));
    assert_eq!(by(&relation), facts);
    kprep(&[&["graph"], &args[..], &["--format", "obo"]].concat(), 2);
}
