//! The records of benchmarks in `kprep stats`, `sample`, `merge`, `diff`, `export` and `import`.

use std::fs;
use std::path::Path;

use kprep_schemas::{Dataset, Manifest, Split, TypingExample};
use serde_json::{Value, json};

use super::{Built, build, fixture, kprep};
use crate::util::rows;

/// A dataset of each record type: typing, choice, question, cloze.
fn all() -> [Built; 4] {
    let [valid, test] = ["cosmosqa_valid.csv", "cosmosqa_test.jsonl"].map(fixture);
    [
        figer(),
        build("cosmosqa", &[&valid, &test]),
        build(
            "searchqa",
            &[
                &fixture("searchqa"),
                "--validation-file",
                &fixture("mrqa.jsonl"),
            ],
        ),
        build("lama", &[&fixture("lama")]),
    ]
}

fn figer() -> Built {
    let [train, map] = ["figer_train.data", "types.map"].map(fixture);
    build(
        "figer",
        &[&train, "--labels", &map, "--hold-out-percent", "0"],
    )
}

fn done(args: &[&str]) -> String {
    let output = kprep(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn stats(built: &Built) -> Value {
    let json = done(&["stats", &built.path("out"), "--json"]);
    serde_json::from_str(&json).unwrap()
}

fn manifest(dir: &str) -> Manifest {
    Dataset::open(Path::new(dir)).unwrap().manifest
}

#[test]
fn a_sample_merged_with_the_whole_is_the_whole() {
    for built in all() {
        let [whole, sample, merged] = ["out", "sample", "merged"].map(|name| built.path(name));
        let args = ["--rows", "2", "--stratify", "split", "--out", &sample, "-q"];
        done(&[&["sample", &whole], &args[..]].concat());
        done(&["validate", &sample]);
        done(&["merge", &whole, &sample, "--out", &merged, "-q"]);
        done(&["validate", &merged]);
        assert_eq!(manifest(&merged).shards, manifest(&whole).shards);
        let same = done(&["diff", &whole, &whole]);
        assert!(same.ends_with("nothing differs\n"), "{same}");
        let other = kprep(&["diff", &sample, &whole, "--json"]);
        assert_eq!(other.status.code(), Some(1));
        let other: Value = serde_json::from_slice(&other.stdout).unwrap();
        let all = built.splits().iter().sum::<u64>();
        assert_eq!(other["rows"]["added"]["count"], all - 2);
        assert_eq!(other["rows"]["same"], 2);
    }
}

#[test]
fn json_lines_come_back_as_the_same_shards() {
    for built in all() {
        let (whole, back) = (built.path("out"), built.path("back"));
        let mut args = vec!["import".to_owned(), "--format=jsonl".into(), "-q".into()];
        args.extend(["--out".to_owned(), back.clone()]);
        let classes = manifest(&whole).class_names;
        if !classes.is_empty() {
            // One of them has no row.
            let labels = built.path("labels");
            std::fs::write(&labels, classes.join("\n")).unwrap();
            args.extend(["--labels".to_owned(), labels]);
        }
        for split in manifest(&whole).splits() {
            let file = built.path(&format!("{}.jsonl", split.name()));
            let format = ["--format", "jsonl", "--split", split.name(), "--out", &file];
            done(&[&["export", &whole, "-q"], &format[..]].concat());
            args.extend([format!("--{}-file", split.name()), file]);
        }
        done(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(manifest(&back).shards, manifest(&whole).shards);
    }
}

#[test]
fn types_of_both_are_numbered_anew() {
    let (a, train) = (figer(), fixture("openentity_train.json"));
    let b = build("openentity", &[&train, "--hold-out-percent", "0"]);
    let merged = a.path("merged");
    let datasets = [a.path("out"), b.path("out")];
    done(&["merge", &datasets[0], &datasets[1], "--out", &merged, "-q"]);
    done(&["validate", &merged]);
    let names = manifest(&merged).class_names;
    assert_eq!(names.len(), 9);
    assert!(names.is_sorted());
    let types = |dir: &str| -> Vec<String> {
        let rows: Vec<TypingExample> = rows(Path::new(dir), Split::Train);
        rows.iter().map(|row| row.types.join(" ")).collect()
    };
    let both = [types(&datasets[0]), types(&datasets[1])].concat();
    assert_eq!(types(&merged), both);
    let output = kprep(&["diff", &datasets[0], &merged]);
    let told = String::from_utf8(output.stdout).unwrap();
    // Another number is no other type.
    let lines = "type entity: 0 -> 1 rows, gained\ntype person: 0 -> 1 rows, gained\n\
                 type place: 0 -> 1 rows, gained\nrows: 3 -> 6, 3 the same\n  3 added\n";
    assert!(told.contains(lines), "{told}");
}

#[test]
fn other_types_of_a_mention_are_told() {
    let a = figer();
    let map = a.path("map");
    // Old Town is a place no more, and towns are cities of another name.
    let types = "/x/person\t/person\n/x/city\t/town\n/x/club\t/organization\n";
    std::fs::write(&map, types).unwrap();
    let train = fixture("figer_train.data");
    let b = build(
        "figer",
        &[&train, "--labels", &map, "--hold-out-percent", "0"],
    );
    let output = kprep(&["diff", &a.path("out"), &b.path("out")]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("type /town: 0 -> 1 rows, gained\n"), "{told}");
    let end = "rows: 3 -> 3, 2 the same\n  1 with other types\n    3525467996d1a03a246a: \
               /location, /location/city -> /town\n";
    assert!(told.ends_with(end), "{told}");
}

#[test]
fn each_relation_and_each_combination_of_types_keeps_its_share() {
    let [typing, choice, _, cloze] = all();
    let sample = |built: &Built, rows: &str| {
        let (whole, out) = (built.path("out"), built.path("stratified"));
        let args = ["--rows", rows, "--stratify", "relation", "--out", &out];
        kprep(&[&["sample", &whole], &args[..]].concat())
    };
    assert!(sample(&typing, "3").status.success());
    assert!(sample(&cloze, "2").status.success());
    let facts: Vec<kprep_schemas::ClozeExample> =
        rows(Path::new(&cloze.path("stratified")), Split::Test);
    let relations: Vec<&str> = facts.iter().map(|fact| fact.relation.as_str()).collect();
    assert_eq!(relations, ["P19", "place_of_birth"]);
    let refused = sample(&choice, "2");
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("holds ChoiceExample, which has no relation"),
        "{told}"
    );
}

fn share(count: u64, of: u64) -> Value {
    json!({"count": count, "of": of, "share": count as f64 / of as f64})
}

#[test]
fn figures_of_each() {
    let none = json!({"count": 0, "of": 0, "share": null});
    let [typing, choice, question, _] = all();
    let told = stats(&typing);
    assert_eq!(
        told["rows"],
        json!({"train": 3, "validation": 0, "test": 0})
    );
    assert_eq!(
        told["lengths"]["words_a_mention"]["counts"],
        json!({"1": 1, "2": 2})
    );
    assert_eq!(told["lengths"]["types_a_mention"]["max"], 2);
    let named = json!({"name": "/location", "rows": share(1, 3)});
    assert_eq!(told["names"]["types"][0], named);
    assert_eq!(told["shares"]["mentions_without_a_type"], share(0, 3));
    assert!(told.get("majority").is_none());

    let told = stats(&choice);
    assert_eq!(
        told["lengths"]["answers_a_question"]["counts"],
        json!({"4": 3})
    );
    assert_eq!(
        told["shares"]["questions_without_a_right_answer"],
        share(1, 3)
    );
    let guess = json!({
        "asked": "label of the right answer", "answers": 2, "answer": "0",
        "train": none, "validation": share(1, 2), "test": none
    });
    assert_eq!(told["majority"]["guesses"], json!([guess]));

    let told = stats(&question);
    assert_eq!(
        told["lengths"]["paragraphs_a_question"]["counts"],
        json!({"1": 1, "2": 1})
    );
    assert_eq!(
        told["lengths"]["places_of_an_answer"]["counts"],
        json!({"1": 1, "2": 1})
    );
    assert_eq!(told["shares"]["paragraphs_with_an_answer"], share(2, 3));
    assert_eq!(told["shares"]["questions_with_an_answer"], share(2, 2));
}

#[test]
fn figures_of_cloze_queries() {
    let [.., cloze] = all();
    let told = stats(&cloze);
    assert_eq!(told["names"]["relations"][0]["rows"], share(4, 6));
    assert_eq!(told["shares"]["answer_in_the_subject"], share(2, 6));
    let guesses = told["majority"]["guesses"].as_array().unwrap();
    let asked: u64 = guesses
        .iter()
        .map(|guess| guess["test"]["of"].as_u64().unwrap())
        .sum();
    assert_eq!(asked, 3, "facts by template");
    assert!(told["majority"]["mean"]["train"].is_null());
    let text = done(&["stats", &cloze.path("out")]);
    assert!(
        text.starts_with("out: 6 cloze queries (train 0, validation 0, test 6)\n"),
        "{text}"
    );
    assert!(
        text.contains("\nalways the most frequent answer of train"),
        "{text}"
    );
}

#[test]
fn every_benchmark_has_a_page() {
    for (built, row) in all()
        .iter()
        .zip(["Old Town", "Why ?", "It runs through", "was born in"])
    {
        let page = built.path("page.html");
        done(&["stats", &built.path("out"), "--html", &page]);
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains(row), "{row}: {page}");
        assert!(page.contains("kprep task "), "{page}");
    }
}
