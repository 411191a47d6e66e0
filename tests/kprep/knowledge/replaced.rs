//! `kprep knowledge replaced`: what is replaced, by what, and what never is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kprep_schemas::{GroupBy, LabelExample, Manifest, Split};

use super::{aligned, export, funnel, kprep, printed, problems, recount, text};
use crate::folder::files;
use crate::util::{all_rows, rows};

fn replaced(dir: &Path, out: &Path, args: &[&str]) {
    let (pages, wikidata) = (dir.join("aligned"), dir.join("wikidata"));
    let fixed = [
        "knowledge",
        "replaced",
        "--aligned",
        text(&pages),
        "--wikidata",
        text(&wikidata),
    ];
    let out_args = ["--out", text(out), "-q"];
    kprep(&[&fixed[..], &out_args, args].concat()).code(0);
    assert_eq!(problems(out), Vec::<String>::new());
}

#[test]
fn replaced_entities_are_of_the_same_kind_and_never_true() {
    let dir = aligned();
    let out = dir.path().join("replaced");
    replaced(dir.path(), &out, &["--copies", "3"]);
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("wklm"));
    assert_eq!(manifest.class_names, ["kept", "replaced"]);
    let lines = ["aligned", "wikidata/entities", "wikidata/triples"];
    let lines = lines.map(|name| export(&dir.path().join(name)));
    let exported = export(&out);
    let mut args = vec![text(&exported)];
    args.extend(lines.iter().map(|path| text(path)));
    recount("replaced.py", &args);
    let as_found = dir.path().join("as-found");
    replaced(
        dir.path(),
        &as_found,
        &["--no-rename-kept", "--copies", "3"],
    );
    let exported = export(&as_found);
    args[0] = text(&exported);
    recount("replaced.py", &args);
    let labels: Vec<i64> = all_rows::<LabelExample>(&out)
        .into_iter()
        .flat_map(|row| row.label)
        .collect();
    let share = labels.iter().sum::<i64>() as f64 / labels.len() as f64;
    assert!((0.4..0.5).contains(&share), "{share}");
    for (folder, told) in [(&out, "Kept mentions, too"), (&as_found, "WKLM's way")] {
        let card = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(
            card.contains(told) && card.contains("It is not WKLM"),
            "{card}"
        );
    }
}

#[test]
fn copies_of_a_page_are_in_one_split_and_the_same_every_time() {
    let dir = aligned();
    let [out, again] = ["one", "two"].map(|name| dir.path().join(name));
    replaced(
        dir.path(),
        &out,
        &[
            "--chunk",
            "40",
            "--copies",
            "2",
            "--validation-percent",
            "20",
        ],
    );
    let args = [
        "--chunk",
        "40",
        "--copies",
        "2",
        "--validation-percent",
        "20",
        "--threads",
        "1",
    ];
    replaced(dir.path(), &again, &args);
    assert_eq!(files(&out.join("data")), files(&again.join("data")));
    assert!(!rows::<LabelExample>(&out, Split::Validation).is_empty());
    let counts = funnel(&out);
    assert!(counts.contains("copies of chunks read"), "{counts}");
    let figures = printed(&["stats", text(&out), "--json"]);
    let figures: serde_json::Value = serde_json::from_str(&figures).unwrap();
    let names: Vec<&str> = (figures["baselines"].as_array().unwrap().iter())
        .map(|baseline| baseline["name"].as_str().unwrap())
        .collect();
    let expected = [
        "most_frequent_answer_of_train",
        "most_frequent_answer_of_the_same_words_in_train",
    ];
    assert_eq!(names, expected);
    let shown = printed(&["head", text(&out), "-n", "3"]);
    assert!(
        shown.contains(": replaced  (Q") && shown.contains("(was Q"),
        "{shown}"
    );
}

#[test]
fn pools_that_are_too_small_give_no_row() {
    let dir = aligned();
    let out = dir.path().join("none");
    let (pages, wikidata) = (dir.path().join("aligned"), dir.path().join("wikidata"));
    let args = [
        "knowledge",
        "replaced",
        "--aligned",
        text(&pages),
        "--wikidata",
        text(&wikidata),
    ];
    let more = ["--min-pool", "100000", "--out", text(&out), "-q"];
    let told = kprep(&[&args[..], &more].concat()).code(1);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    assert!(told.contains("no mention that can be replaced"), "{told}");
    assert!(!out.exists());
}

#[test]
fn items_of_test_are_in_no_span_of_train_where_items_are_split() {
    let dir = aligned();
    let [out, again] = ["items", "again"].map(|name| dir.path().join(name));
    let args = [
        "--split-by",
        "entity",
        "--test-percent",
        "40",
        "--min-pool",
        "3",
        "--copies",
        "3",
    ];
    replaced(dir.path(), &out, &args);
    replaced(
        dir.path(),
        &again,
        &[&args[..], &["--threads", "1"]].concat(),
    );
    assert!(files(&out.join("data")) == files(&again.join("data")));
    let seen = Split::ALL.map(|split| {
        let (mut items, mut pages) = (BTreeSet::new(), BTreeSet::new());
        for row in rows::<LabelExample>(&out, split) {
            let ids = row.span_id.iter().chain(row.span_was.iter());
            items.extend(ids.filter(|id| !id.is_empty()).map(str::to_owned));
            pages.insert(row.doc_id);
        }
        (items, pages)
    });
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(seen[a].0.is_disjoint(&seen[b].0));
        assert!(seen[a].1.is_disjoint(&seen[b].1));
    }
    for split in [Split::Train, Split::Test] {
        let labels = rows::<LabelExample>(&out, split)
            .into_iter()
            .flat_map(|row| row.label);
        let labels: BTreeSet<i64> = labels.collect();
        assert_eq!(labels, [0, 1].into(), "{split:?}");
    }
    let told = funnel(&out);
    assert!(
        told.contains("mentions of an item of another split"),
        "{told}"
    );
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.split_by, GroupBy::Entity);
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains("no item of test, kept or put in another's place, is in a span of train"),
        "{card}"
    );
}
