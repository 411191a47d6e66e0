//! `kprep knowledge supersenses`: which words, which classes, which splits.

use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{LabelExample, Manifest, Split};
use tempfile::TempDir;

use super::{DATA, WORDNET, export, funnel, kprep, printed, problems, recount, tables, text};
use crate::folder::files;
use crate::needs::{not_run, real};
use crate::util::{all_rows, rows};

fn supersenses(wordnet: &Path, out: &Path, args: &[&str]) {
    let fixed = ["knowledge", "supersenses", "--wordnet", text(wordnet)];
    let out_args = ["--out", text(out), "-q"];
    kprep(&[&fixed[..], &out_args, args].concat()).code(0);
    assert_eq!(problems(out), Vec::<String>::new());
}

fn build(args: &[&str]) -> (TempDir, PathBuf) {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("supersenses");
    supersenses(&wordnet, &out, args);
    (dir, out)
}

/// The spans of a row: form, lemma, what is known of it, and its classes.
fn told(row: &LabelExample) -> Vec<String> {
    let spans = 0..row.span_start.len();
    let spans = spans.map(|span| {
        let words = row.span_start[span] as usize..=row.span_end[span] as usize;
        let form: Vec<&str> = words.map(|word| &row.token[word]).collect();
        let classes = row.class_span.iter().zip(row.class.iter());
        let of = classes.filter(|(of, _)| **of == span as i32);
        let classes: Vec<&str> = of.map(|(_, class)| class).collect();
        let (lemma, id) = (&row.span_lemma[span], &row.span_id[span]);
        format!("{}/{lemma}/{id}: {}", form.join(" "), classes.join(" "))
    });
    spans.collect()
}

fn with(rows: &[LabelExample], start: &str) -> Vec<String> {
    let mut found = rows.iter().filter(|row| row.text.starts_with(start));
    let row = found.next().unwrap_or_else(|| panic!("no row {start:?}"));
    told(row)
}

#[test]
fn examples_have_allowed_classes_in_train_and_known_ones_elsewhere() {
    let (dir, out) = build(&["--validation-percent", "30", "--test-percent", "20"]);
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("sensebert"));
    assert_eq!(manifest.class_names.len(), 41);
    let train: Vec<LabelExample> = rows(&out, Split::Train);
    assert!(
        train
            .iter()
            .any(|row| row.class.len() > row.span_start.len())
    );
    for split in [Split::Validation, Split::Test] {
        let held_out: Vec<LabelExample> = rows(&out, split);
        assert!(!held_out.is_empty());
        for row in held_out {
            assert_eq!((row.span_start.len(), row.class.len()), (1, 1), "{row:?}");
            assert!(row.span_id[0].contains('%'));
        }
    }
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.contains("It is not SenseBERT"), "{card}");
    let again = dir.path().join("again");
    let args = [
        "--validation-percent",
        "30",
        "--test-percent",
        "20",
        "--threads",
        "1",
    ];
    supersenses(&dir.path().join("wordnet"), &again, &args);
    let of = |out: &Path| files(&out.join("data"));
    assert_eq!(of(&out), of(&again));
}

#[test]
fn allowed_and_gold_rows_of_the_same_examples() {
    let (dir, out) = build(&["--labels", "allowed"]);
    let rows: Vec<LabelExample> = all_rows(&out);
    let expected = [
        "geese/goose/: noun.animal",
        "flew/fly/: verb.motion",
        "autumn/autumn/: noun.time",
    ];
    assert_eq!(with(&rows, "the geese flew"), expected);
    assert_eq!(
        with(&rows, "they planted roses")[0],
        "planted/plant/: verb.contact"
    );
    let gold = dir.path().join("gold");
    let wordnet = dir.path().join("wordnet");
    supersenses(&wordnet, &gold, &["--labels", "gold"]);
    let rows: Vec<LabelExample> = all_rows(&gold);
    assert_eq!(
        with(&rows, "the geese flew"),
        ["geese/goose/goose%1:05:00::: noun.animal"]
    );
    let lines = export(&gold);
    recount("examples.py", &[WORDNET, "supersenses", text(&lines)]);
    let all = dir.path().join("all");
    supersenses(&wordnet, &all, &["--pos", "all", "--labels", "allowed"]);
    assert_eq!(Manifest::read(&all).unwrap().class_names.len(), 45);
    assert!(all_rows::<LabelExample>(&all).len() > rows.len());
}

#[test]
fn streusle_is_validation_and_test_and_text_is_for_training() {
    let gold = format!("{DATA}/sample.conllulex");
    let parse = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sample/deps");
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("out");
    supersenses(&wordnet, &out, &["--validation-file", &gold]);
    let validation: Vec<LabelExample> = rows(&out, Split::Validation);
    let spans: Vec<_> = validation.iter().map(told).collect();
    let expected = [
        vec![
            "goose/goose/: noun.animal",
            "broke out/break out/: verb.motion",
            "bank/bank/: noun.group",
        ],
        vec!["planted/plant/: verb.contact", "banks/bank/: noun.object"],
        vec!["lake/lake/: noun.object", "froze/freeze/: verb.change"],
    ];
    assert_eq!(spans, expected);
    assert_eq!(validation[0].doc_id, "geese");
    assert!(rows::<LabelExample>(&out, Split::Test).is_empty());
    let counts = funnel(&out);
    for line in [
        "expressions with other words between theirs",
        "labels that WordNet does not have (n.OTHER)",
        "no word whose supersense is known",
    ] {
        assert!(counts.contains(line), "{counts}");
    }
    // Dependencies have tags: nouns are nouns.
    let deps = dir.path().join("deps");
    kprep(&["deps", parse, "--out", text(&deps), "-q"]).code(0);
    let tagged = dir.path().join("tagged");
    supersenses(&wordnet, &tagged, &[text(&deps), "--gold", &gold]);
    for row in rows::<LabelExample>(&tagged, Split::Train) {
        assert!(
            row.class
                .iter()
                .all(|class| class.starts_with("noun.") || class.starts_with("verb."))
        );
    }
    let figures = ["stats", text(&out), "--wordnet", text(&wordnet), "--json"];
    let figures: serde_json::Value = serde_json::from_str(&printed(&figures)).unwrap();
    let baselines = figures["baselines"].as_array().unwrap();
    let of = |name: &str| {
        let found = baselines.iter().find(|baseline| baseline["name"] == name);
        found.unwrap()["validation"].clone()
    };
    assert_eq!(of("one_word_that_the_wordnet_has")["of"], 6);
    assert_eq!(
        of("first_sense_of_one_word_of_several_supersenses")["of"],
        2
    );
    assert_eq!(
        of("first_sense_of_one_word_of_several_supersenses")["count"],
        1
    );
}

#[test]
fn semcor_has_its_keys_beside_it() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("out");
    let semcor = format!("{DATA}/sample.data.xml");
    supersenses(
        &wordnet,
        &out,
        &["--train-file", &semcor, "--labels", "gold"],
    );
    let train: Vec<LabelExample> = rows(&out, Split::Train);
    let spans: Vec<_> = train.iter().map(told).collect();
    let expected = [
        vec![
            "geese/goose/goose%1:05:00::: noun.animal",
            "broke/break/break%2:30:00::: verb.change",
            "bank/bank/bank%1:17:00::: noun.object",
        ],
        vec![
            "apple trees/apple tree/apple_tree%1:20:00::: noun.plant",
            "planted/plant/plant%2:35:00::: verb.contact",
        ],
        vec!["froze/freeze/freeze%2:30:00::: verb.change"],
    ];
    assert_eq!(spans, expected);
    assert!(funnel(&out).contains("tagged words of several supersenses"));
    let inputs = Manifest::read(&out).unwrap().inputs;
    assert!(
        inputs
            .iter()
            .any(|input| input.name.ends_with("sample.gold.key.txt"))
    );
    // Without its keys it is refused.
    let alone = dir.path().join("alone.data.xml");
    fs::copy(&semcor, &alone).unwrap();
    let refused = dir.path().join("refused");
    let args = [
        "knowledge",
        "supersenses",
        "--wordnet",
        text(&wordnet),
        "--gold",
        text(&alone),
    ];
    let told = kprep(&[&args[..], &["--out", text(&refused), "-q"]].concat()).code(1);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    assert!(told.contains("no alone.gold.key.txt beside it"), "{told}");
    assert!(!refused.exists());
}

#[test]
fn a_malformed_sentence_between_good_ones_is_told_and_counted() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let file = dir.path().join("bad.conllulex");
    let good = fs::read_to_string(format!("{DATA}/sample.conllulex")).unwrap();
    fs::write(&file, good.replace("n.GROUP", "n.GROUPS")).unwrap();
    let out = dir.path().join("out");
    let args = [
        "knowledge",
        "supersenses",
        "--wordnet",
        text(&wordnet),
        "--gold",
        text(&file),
    ];
    let told = kprep(&[&args[..], &["--out", text(&out)]].concat()).code(3);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    let expected = "bad.conllulex, line 10: expected a supersense, found \"n.GROUPS\"";
    assert!(told.contains(expected), "{told}");
    assert_eq!(problems(&out), Vec::<String>::new());
}

/// STREUSLE's dev set and Princeton's `WordNet` 3.1. `KPREP_WORDNET` names the folder of its files.
#[test]
fn the_first_sense_of_streusle_is_right_as_often_as_counted_without_kprep() {
    let Some(folder) = std::env::var_os("KPREP_WORDNET").map(PathBuf::from) else {
        return not_run("KPREP_WORDNET, the folder of WordNet's files (make wordnet)");
    };
    let Some(gold) = real("knowledge/streusle/streusle.ud_dev.conllulex") else {
        return;
    };
    let (dir, wordnet) = tables("wordnet", text(&folder));
    let out = dir.path().join("out");
    supersenses(&wordnet, &out, &["--validation-file", text(&gold)]);
    let figures = ["stats", text(&out), "--wordnet", text(&wordnet), "--json"];
    let figures: serde_json::Value = serde_json::from_str(&printed(&figures)).unwrap();
    let baselines = figures["baselines"].as_array().unwrap();
    let of = |name: &str| {
        let found = baselines.iter().find(|baseline| baseline["name"] == name);
        let share = &found.unwrap()["validation"];
        [&share["count"], &share["of"]].map(|count| count.as_u64().unwrap())
    };
    // The lists of irregular forms, which npm's package lacks, have two words more.
    let known = if folder.join("noun.exc").is_file() {
        1433
    } else {
        1431
    };
    assert_eq!(of("one_word_that_the_wordnet_has"), [known, 1488]);
    assert_eq!(of("class_among_the_supersenses_of_one_word"), [1158, known]);
    assert_eq!(of("first_sense_of_one_word"), [864, known]);
}
