//! Folders of several datasets: listed, loaded by their card, replaced, and shown with the labels that lie beside them.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// Exit code, stdout and stderr of a command in a folder.
fn kprep(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("kprep")
        .unwrap()
        .current_dir(dir)
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data/sample")
        .join(path)
}

/// The tables of the bundled dump of Wikidata, in `wikidata`.
fn wikidata() -> TempDir {
    let dir = TempDir::new().unwrap();
    let dump = sample("dumps/wikidata.json.gz");
    let args = [
        "wikidata",
        dump.to_str().unwrap(),
        "--out",
        "wikidata",
        "-q",
    ];
    assert_eq!(kprep(dir.path(), &args).0, 0);
    dir
}

#[test]
fn head_and_stats_list_the_datasets_of_a_folder() {
    let dir = wikidata();
    for command in ["head", "stats"] {
        let (code, shown, said) = kprep(dir.path(), &[command, "wikidata"]);
        assert_eq!((code, said.as_str()), (0, ""));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "wikidata: 3 datasets");
        for (line, [name, record]) in lines[1..].iter().zip([
            ["entities", "Entity"],
            ["properties", "Property"],
            ["triples", "Triple"],
        ]) {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[0], format!("wikidata/{name}"));
            assert_eq!((words[1], words[3]), (record, "rows"));
        }
    }
    let (_, shown, _) = kprep(dir.path(), &["stats", "wikidata", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(json["datasets"][2]["folder"], "wikidata/triples");
    let (code, _, said) = kprep(dir.path(), &["stats", "wikidata", "--html", "page.html"]);
    assert_eq!(code, 1);
    assert!(said.contains("wikidata holds 3 datasets: --html draws one of them"));
}

#[test]
fn statements_and_facts_are_shown_with_the_labels_beside_them() {
    let dir = wikidata();
    let (_, shown, _) = kprep(dir.path(), &["head", "wikidata/triples", "-n", "40"]);
    let labelled = with_properties(&shown);
    assert!(labelled > 10, "{shown}");
    let graph = sample("graph/graph.obo");
    let args = ["graph", graph.to_str().unwrap(), "--out", "graph", "-q"];
    assert_eq!(kprep(dir.path(), &args).0, 0);
    let (_, shown, _) = kprep(dir.path(), &["head", "graph/facts", "-n", "3"]);
    let first = shown.lines().next().unwrap();
    assert_eq!(first.matches(" (").count(), 3, "{first}"); // head, tail, source
}

/// Lines whose property has its label: `… (P31) …`.
fn with_properties(shown: &str) -> usize {
    let has = |line: &&str| line.contains(" (P");
    shown.lines().filter(has).count()
}

#[test]
fn the_card_of_the_folder_has_a_configuration_for_each_dataset() {
    let dir = wikidata();
    let card = fs::read_to_string(dir.path().join("wikidata/README.md")).unwrap();
    let yaml = "---\nconfigs:\n- config_name: entities\n  default: true\n  data_files:\n  - split: train\n    \
                path: entities/data/train-*.parquet\n- config_name: properties\n  data_files:\n";
    assert!(card.starts_with(yaml), "{card}");
    assert!(
        card.contains("| [`triples`](triples/README.md) | Triple | "),
        "{card}"
    );
}

#[test]
fn a_folder_is_replaced_with_its_card_unless_that_was_changed() {
    let dir = wikidata();
    let dump = sample("dumps/wikidata.json.gz");
    let again = [
        "wikidata",
        dump.to_str().unwrap(),
        "--out",
        "wikidata",
        "-q",
        "--overwrite",
    ];
    assert_eq!(kprep(dir.path(), &again).0, 0);
    let card = dir.path().join("wikidata/README.md");
    assert!(card.is_file());
    let changed = fs::read_to_string(&card).unwrap() + "mine\n";
    fs::write(&card, &changed).unwrap();
    let (code, _, said) = kprep(dir.path(), &again);
    assert_eq!(code, 1);
    assert!(
        said.contains("its README.md is not as kprep wrote it"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&card).unwrap(), changed);
    // Without one, as versions before wrote it, the tables alone are looked at.
    fs::remove_file(&card).unwrap();
    assert_eq!(kprep(dir.path(), &again).0, 0);
    assert!(card.is_file());
}

#[test]
fn every_table_of_a_dump_has_figures_and_a_page() {
    let dir = wikidata();
    let pages = sample("dumps/wikipedia.xml.bz2");
    let args = [
        "wikipedia",
        pages.to_str().unwrap(),
        "--out",
        "wikipedia",
        "-q",
    ];
    assert_eq!(kprep(dir.path(), &args).0, 0);
    let align = [
        "align",
        "--wikipedia",
        "wikipedia",
        "--wikidata",
        "wikidata",
        "--out",
        "aligned",
        "-q",
    ];
    assert_eq!(kprep(dir.path(), &align).0, 0);
    for (dataset, expected) in [
        ("wikidata/entities", "items with a label"),
        ("wikidata/properties", "kinds of values"),
        ("wikidata/triples", "qualifiers a statement"),
        ("wikipedia/pages", "links a page"),
        ("wikipedia/redirects", "words a title"),
        ("aligned", "triples a page"),
    ] {
        let (code, shown, _) = kprep(dir.path(), &["stats", dataset, "--html", "page.html"]);
        assert_eq!(code, 0, "{dataset}");
        assert!(shown.contains(expected), "{dataset}: {shown}");
        let page = fs::read_to_string(dir.path().join("page.html")).unwrap();
        for part in [
            "<h2>Examples</h2>",
            "<dt>Licence</dt>",
            "<dt>Source</dt>",
            "<dt>Command</dt><dd>kprep ",
        ] {
            assert!(page.contains(part), "{dataset}: no {part}");
        }
    }
}
