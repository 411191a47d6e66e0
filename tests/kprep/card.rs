//! The card of a dataset, as who finds the folder reads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::Dataset;
use serde_json::Value;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Runs kprep in `dir`, where paths without a folder are.
fn kprep(dir: &Path, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprep"));
    let output = command
        .current_dir(dir)
        .args(args)
        .arg("--quiet")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
}

fn card(dataset: &Path) -> String {
    fs::read_to_string(dataset.join("README.md")).unwrap()
}

fn croissant(dataset: &Path) -> Value {
    serde_json::from_slice(&fs::read(dataset.join("croissant.json")).unwrap()).unwrap()
}

/// The languages that card, manifest and Croissant tell, which must be the same.
fn languages(dataset: &Path) -> Vec<String> {
    let told = Dataset::open(dataset).unwrap().manifest.languages;
    let yaml = told.iter().map(|code| ["- \"", code, "\"\n"].concat());
    let yaml = yaml.collect::<String>();
    assert!(card(dataset).contains(&format!("\nlanguage:\n{yaml}")));
    let in_language: Vec<String> =
        serde_json::from_value(croissant(dataset)["inLanguage"].clone()).unwrap();
    assert_eq!(in_language, told);
    told
}

const PARSE: &str = "1\tJa\t_\t_\t_\t_\t0\troot\t_\t_\n\n";

#[test]
fn a_card_tells_the_language_of_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("ja.conllu"), PARSE).unwrap();
    kprep(dir, &["deps", "ja.conllu", "--out", "en"]);
    kprep(
        dir,
        &["deps", "ja.conllu", "--out", "no", "--language", "no"],
    );
    assert_eq!(languages(&dir.join("en")), ["en"]);
    assert_eq!(languages(&dir.join("no")), ["no"]);

    let dump = root("data/sample/dumps/wikidata.json.gz");
    let chain = ["--lang", "mul,de-ch,en-gb,en"];
    kprep(
        dir,
        &[&["wikidata", dump.to_str().unwrap()][..], &chain].concat(),
    );
    for table in ["entities", "triples", "properties"] {
        assert_eq!(
            languages(&dir.join("data/wikidata").join(table)),
            ["de", "en"]
        );
    }

    let xml = "<mediawiki xml:lang=\"de\">\n<page><title>Bern</title><ns>0</ns><id>1</id><revision><id>2</id>\
               <text>Bern liegt in der [[Schweiz]].</text></revision></page>\n</mediawiki>";
    fs::write(dir.join("de.xml"), xml).unwrap();
    kprep(dir, &["wikipedia", "de.xml", "--out", "wikipedia"]);
    assert_eq!(languages(&dir.join("wikipedia/pages")), ["de"]);
    assert_eq!(languages(&dir.join("wikipedia/redirects")), ["de"]);
}

/// Aligned pages have the language of Wikipedia's, and a relation dataset that of the aligned
/// pages.
#[test]
fn languages_are_handed_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let sample = |name: &str| {
        root("data/sample/dumps")
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    };
    let xml = fs::read(sample("wikipedia.xml.bz2")).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut kprep_ingest::decompress(&xml[..]).unwrap(), &mut text)
        .unwrap();
    assert!(text.contains("xml:lang=\"en\""));
    fs::write(
        dir.join("sv.xml"),
        text.replace("xml:lang=\"en\"", "xml:lang=\"sv\""),
    )
    .unwrap();
    kprep(
        dir,
        &["wikidata", &sample("wikidata.json.gz"), "--out", "wikidata"],
    );
    kprep(dir, &["wikipedia", "sv.xml", "--out", "wikipedia"]);
    kprep(
        dir,
        &[
            "align",
            "--wikipedia",
            "wikipedia",
            "--wikidata",
            "wikidata",
            "--out",
            "aligned",
        ],
    );
    assert_eq!(languages(&dir.join("aligned")), ["sv"]);
    let shard = "aligned/data/train-00000-of-00001.parquet";
    for (input, out) in [("aligned", "of-set"), (shard, "of-shard")] {
        kprep(dir, &["trex", input, "--min-pairs", "1", "--out", out]);
        assert_eq!(languages(&dir.join(out)), ["sv"]);
    }
    let sample = root("data/sample/trex");
    kprep(
        dir,
        &["trex", sample.to_str().unwrap(), "--out", "released"],
    );
    assert_eq!(languages(&dir.join("released")), ["en"]);
}

/// A document with a sentence that stands in two others, too.
fn documents() -> String {
    let one = |i: usize| {
        let text = "Bern is in Switzerland.";
        let node = |(start, end): (usize, usize), item: &str| {
            serde_json::json!({"boundaries": [start, end], "surfaceform": &text[start..end],
                "uri": format!("http://www.wikidata.org/entity/{item}"), "annotator": "x"})
        };
        serde_json::json!({"docid": format!("http://www.wikidata.org/entity/Q{i}"), "title": "Bern", "text": text,
            "sentences_boundaries": [[0, 23]],
            "words_boundaries": [[0, 4], [5, 7], [8, 10], [11, 22], [22, 23]], "entities": [],
            "triples": [{"subject": node((0, 4), "Q70"), "object": node((11, 22), "Q39"), "sentence_id": 0,
                "predicate": {"boundaries": null, "surfaceform": null, "annotator": "x",
                    "uri": "http://www.wikidata.org/prop/direct/P17"},
                "annotator": "Simple-Aligner", "confidence": null, "dependency_path": null}]})
    };
    Value::from((0..60).map(one).collect::<Vec<_>>()).to_string()
}

#[test]
fn a_card_says_what_one_asks() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("my files")).unwrap();
    fs::write(dir.join("my files/a|b.json"), documents()).unwrap();
    let line = "--out x/set --threads 2 --min-pairs 1 --validation-percent 30 --test-percent 20";
    let args: Vec<&str> = ["trex", "my files/a|b.json"]
        .into_iter()
        .chain(line.split(' '))
        .collect();
    kprep(dir, &args);
    let set = dir.join("x/set");
    let card = card(&set);
    for expected in [
        "| `token` | list of string | its words; the indexes below count them |",
        "| `a\\|b.json` | ",
        "| 0 | [P17](https://www.wikidata.org/wiki/Property:P17) | country | 1 | 60 | 100.0% | ",
        " | <b>Bern</b> is in <i>Switzerland</i>. |",
        "| pairs (subject, object) | 1 | 1 | 1 | 1 | 1 | 1 |",
        "| sentences | 1 | 1 | 1 | 1 | 1 | 1 |",
        "\nkprep trex 'my files/a|b.json' --min-pairs 1 --validation-percent 30 --test-percent 20 --out set\n",
        "@inproceedings{elsahar-etal-2018-rex,",
        "\n## Known limits\n",
    ] {
        assert!(card.contains(expected), "no {expected:?} in\n{card}");
    }
    // No document stands in two splits, and what one typed to build it elsewhere is no part of it.
    let documents = card
        .lines()
        .find(|line| line.starts_with("| documents |"))
        .unwrap();
    assert!(documents.ends_with("| 0 | 0 | 0 |"), "{documents}");
    for machine in [dir.to_str().unwrap(), "--threads", "--quiet", "x/set"] {
        assert!(!card.contains(machine), "{machine} in\n{card}");
    }
    let cited = croissant(&set)["citeAs"].as_str().unwrap().to_owned();
    assert!(cited.starts_with("@inproceedings{elsahar"), "{cited}");
    let manifest = Dataset::open(&set).unwrap().manifest;
    assert_eq!(manifest.overlap.len(), 4);
    the_command_of_the_card_gives_the_same_bytes(dir, &card);
}

/// Runs the command that the card of `x/set` shows, for `again/set`.
fn the_command_of_the_card_gives_the_same_bytes(dir: &Path, card: &str) {
    let again = dir.join("again");
    fs::create_dir(&again).unwrap();
    let line = card
        .lines()
        .find(|line| line.starts_with("kprep trex"))
        .unwrap()
        .replace("--out set", "--out again/set")
        .replacen("kprep", "\"$KPREP\"", 1);
    let shell = Command::new("sh")
        .current_dir(dir)
        .args(["-c", &line])
        .env("KPREP", env!("CARGO_BIN_EXE_kprep"))
        .output()
        .unwrap();
    assert!(shell.status.success());
    for file in ["README.md", "SHA256SUMS", "manifest.json"] {
        let [first, second] = ["x/set", "again/set"].map(|set| fs::read(dir.join(set).join(file)));
        assert_eq!(first.unwrap(), second.unwrap());
    }
}

/// With one split there is nothing to compare, and the card does not speak of it.
#[test]
fn a_dataset_of_one_split_has_no_overlap() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("a.conllu"), PARSE).unwrap();
    kprep(
        dir,
        &[
            "deps",
            "a.conllu",
            "--out",
            "set",
            "--validation-percent",
            "0",
            "--test-percent",
            "0",
        ],
    );
    let card = card(&dir.join("set"));
    assert!(!card.contains("have in common"), "{card}");
    assert!(
        card.contains("\nkprep deps a.conllu --validation-percent 0 --test-percent 0 --out set\n"),
        "{card}"
    );
}
