//! The card of a dataset, as who finds the folder reads it.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test may panic, and says what it skips

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
    let yaml: String = told.iter().map(|code| format!("- \"{code}\"\n")).collect();
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

/// Aligned pages have the language of Wikipedia's, and a relation set that of the aligned pages.
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
