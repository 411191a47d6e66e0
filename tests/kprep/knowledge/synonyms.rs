//! `kprep knowledge synonyms`: which pairs, which negatives, which splits.

mod vectors;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{
    Card, Dataset, DatasetWriter, GroupBy, Manifest, OutputDir, PairExample, Provenance, Split,
};
use tempfile::TempDir;

use super::{funnel, kprep, printed, problems, tables, text};
use crate::folder::files;
use crate::needs::not_run;
use crate::util::{all_rows, rows};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sample/wordnet");

/// The dataset of the sample, which must be valid.
fn build(args: &[&str]) -> (TempDir, PathBuf) {
    let (dir, wordnet) = tables("wordnet", SAMPLE);
    let out = dir.path().join("synonyms");
    synonyms(&wordnet, &out, args);
    (dir, out)
}

fn synonyms(wordnet: &Path, out: &Path, args: &[&str]) {
    let fixed = ["knowledge", "synonyms", "--wordnet", text(wordnet)];
    let out_args = ["--out", text(out), "-q"];
    kprep(&[&fixed[..], &out_args, args].concat()).code(0);
    assert_eq!(problems(out), Vec::<String>::new());
}

/// Both words, in alphabetical order.
fn pair(row: &PairExample) -> (String, String) {
    let (a, b) = (row.first.clone(), row.second.clone());
    if a < b { (a, b) } else { (b, a) }
}

#[test]
fn related_words_are_followed_by_their_negatives() {
    let (_dir, out) = build(&[]);
    let all: Vec<PairExample> = all_rows(&out);
    let positives: Vec<_> = all.iter().filter(|row| row.positive.is_empty()).collect();
    let true_pairs: BTreeSet<_> = positives.iter().map(|row| pair(row)).collect();
    assert_eq!(true_pairs.len(), positives.len());
    let goose = ("bird".to_owned(), "goose".to_owned());
    assert!(true_pairs.contains(&goose));
    assert!(all.iter().any(|row| row.negative == "sister"));
    for rows in Split::ALL.map(|split| rows::<PairExample>(&out, split)) {
        let mut of = String::new();
        for row in rows {
            if row.positive.is_empty() {
                assert_eq!((row.label, &*row.class), (1, "related"));
                of = row.id;
                continue;
            }
            assert_eq!((row.positive.as_str(), row.label), (&*of, 0));
            assert_eq!(row.class, "unrelated");
            assert!(!true_pairs.contains(&pair(&row)), "{row:?}");
            assert_eq!(row.relation_id, "");
        }
    }
    let negatives: BTreeSet<_> = all
        .iter()
        .filter(|row| !row.positive.is_empty())
        .map(pair)
        .collect();
    assert_eq!(negatives.len(), all.len() - positives.len());
    // The words of a pair are in both orders.
    let in_order = positives.iter().filter(|row| row.first < row.second);
    let in_order = in_order.count();
    assert!(in_order > positives.len() / 3 && in_order < positives.len() * 2 / 3);
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("libert"));
    assert_eq!(manifest.funnel.kept(), positives.len() as u64);
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    for told in [
        "Sample WordNet 1.0 Copyright waived",
        "It is not LIBERT",
        "objective is `libert`",
    ] {
        assert!(card.contains(told), "{told}\n{card}");
    }
}

#[test]
fn files_of_a_wordnet_are_no_tables() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("synonyms");
    let args = ["--wordnet", SAMPLE, "--out", text(&out)];
    let said = kprep(&[&["knowledge", "synonyms"], &args[..]].concat()).code(1);
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(
        said.contains("expected the folder that `kprep wordnet` makes of a wordnet's files"),
        "{said}"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (dir, out) = build(&[]);
    let again = dir.path().join("again/synonyms");
    fs::create_dir(dir.path().join("again")).unwrap();
    synonyms(&dir.path().join("wordnet"), &again, &["--threads", "1"]);
    let shard = |out: &Path| fs::read(out.join("data/train-00000-of-00001.parquet")).unwrap();
    assert_eq!(shard(&out), shard(&again));
    assert!(files(&out) == files(&again));
}

#[test]
fn relations_keep_the_hypernym_behind() {
    let args = ["--classes", "relation", "--instances", "--draw", "random"];
    let (_dir, out) = build(&args);
    let all: Vec<PairExample> = all_rows(&out);
    let names = Manifest::read(&out).unwrap().class_names;
    assert_eq!(names, ["none", "synonym", "hypernym"]);
    let mut found = all.iter();
    let goose = found.find(|row| pair(row) == ("bird".into(), "goose".into()));
    let goose = goose.unwrap();
    assert_eq!(
        (&*goose.first, &*goose.second, &*goose.class, goose.label),
        ("goose", "bird", "hypernym", 2)
    );
    assert!(all.iter().all(|row| row.negative != "sister"));
    let classes: BTreeSet<_> = all.iter().map(|row| row.class.as_str()).collect();
    assert_eq!(classes.len(), 3);
}

#[test]
fn words_stay_in_their_split_and_lost_pairs_are_counted() {
    let args = [
        "--split-by",
        "word",
        "--single",
        "--validation-percent",
        "20",
    ];
    let (_dir, out) = build(&[&args[..], &["--test-percent", "30"]].concat());
    let words = Split::ALL.map(|split| {
        let rows: Vec<PairExample> = rows(&out, split);
        let words = rows.into_iter().flat_map(|row| [row.first, row.second]);
        words.collect::<BTreeSet<String>>()
    });
    assert!(words.iter().all(|words| !words.is_empty()));
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(words[a].is_disjoint(&words[b]));
    }
    assert!(words.iter().flatten().all(|word| !word.contains(' ')));
    let told = funnel(&out);
    assert!(told.contains("- words of two splits"), "{told}");
    assert!(told.contains("- a phrase of several words"), "{told}");
    assert_eq!(Manifest::read(&out).unwrap().split_by, GroupBy::Word);
}

#[test]
fn people_read_pairs_and_what_gives_them_away() {
    let (_dir, out) = build(&[]);
    let shown = printed(&["head", text(&out), "-n", "2"]);
    assert!(
        shown.contains(" | ") && shown.contains("related"),
        "{shown}"
    );
    let figures: serde_json::Value =
        serde_json::from_str(&printed(&["stats", text(&out), "--json"])).unwrap();
    let guess = &figures["majority"]["guesses"][0];
    assert_eq!(guess["answer"], "unrelated");
    let tables = figures["tables"].as_array().unwrap();
    let by: Vec<_> = tables
        .iter()
        .map(|table| table["by"].as_str().unwrap())
        .collect();
    assert_eq!(by, ["first phrase", "second phrase"]);
    let shown = printed(&["stats", text(&out)]);
    assert!(
        shown.contains("the class that one value had most often in train"),
        "{shown}"
    );
}

#[test]
fn pairs_keep_their_classes_and_their_objective_in_other_commands() {
    let (dir, out) = build(&[]);
    let path = |name: &str| dir.path().join(name);
    let (lines, back) = (path("pairs.jsonl"), path("back"));
    kprep(&[
        "export",
        text(&out),
        "--format",
        "jsonl",
        "--out",
        text(&lines),
    ])
    .code(0);
    let lines = text(&lines);
    kprep(&[
        "import",
        "--format",
        "jsonl",
        lines,
        "--out",
        text(&back),
        "-q",
    ])
    .code(0);
    let by_id = |dataset: &Path| {
        let mut rows: Vec<PairExample> = all_rows(dataset);
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows
    };
    // Classes are numbered again.
    let texts = |rows: Vec<PairExample>| {
        let texts = rows
            .into_iter()
            .map(|row| (row.id, row.first, row.second, row.class));
        texts.collect::<Vec<_>>()
    };
    assert_eq!(texts(by_id(&back)), texts(by_id(&out)));

    let (merged, sampled) = (path("merged"), path("sampled"));
    kprep(&[
        "merge",
        text(&out),
        text(&out),
        "--out",
        text(&merged),
        "-q",
    ])
    .code(0);
    assert_eq!(by_id(&merged), by_id(&out));
    kprep(&["diff", text(&out), text(&merged)]);
    let rows = ["--rows", "200", "--stratify", "relation"];
    let sample = ["sample", text(&out), "--out", text(&sampled), "-q"];
    kprep(&[&sample[..], &rows].concat()).code(0);
    for dataset in [&merged, &sampled] {
        assert_eq!(problems(dataset), Vec::<String>::new());
        let objective = Manifest::read(dataset).unwrap().objective;
        assert_eq!(objective.as_deref(), Some("libert"));
    }
    let classes = all_rows::<PairExample>(&sampled);
    let related = classes.iter().filter(|row| row.class == "related").count();
    assert!((60..=74).contains(&related), "{related}");
}

/// A dataset of rows, as if `kprep knowledge` had written it.
fn written(out: &Path, rows: Vec<(Split, PairExample)>) {
    let place = OutputDir::claim(out, false).unwrap();
    let names = ["unrelated", "related"].map(str::to_owned).to_vec();
    let mut writer = DatasetWriter::create(place, names).unwrap();
    for (split, row) in rows {
        writer.push(split, row).unwrap();
    }
    let provenance = Provenance {
        command: "knowledge synonyms",
        objective: Some("libert".into()),
        arguments: serde_json::Map::new(),
        seed: 42,
        split_by: GroupBy::Row,
        inputs: Vec::new(),
        funnel: kprep_schemas::Funnel::new("pairs", 3),
    };
    writer.finish(provenance, &Card::default()).unwrap();
}

#[test]
fn validation_finds_negatives_that_are_true_or_apart_from_their_positive() {
    let (dir, out) = build(&["--negatives", "1"]);
    let all: Vec<PairExample> = rows(&out, Split::Train);
    let (positive, negative) = (all[0].clone(), all[1].clone());
    let mut is_true = negative.clone();
    (is_true.id, is_true.first, is_true.second) =
        ("9".into(), positive.second.clone(), positive.first.clone());
    (is_true.first_id, is_true.second_id) = (positive.second_id.clone(), positive.first_id.clone());
    let bad = dir.path().join("bad");
    let rows = vec![
        (Split::Train, positive.clone()),
        (Split::Test, negative.clone()),
        (Split::Train, is_true),
    ];
    written(&bad, rows);
    let found = problems(&bad);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("are a positive, too"), "{found:?}");
    let expected = format!("a negative of {}, which is in train", positive.id);
    assert!(found[1].ends_with(&expected), "{found:?}");
    let alone = dir.path().join("alone");
    written(&alone, vec![(Split::Train, negative)]);
    assert!(problems(&alone)[0].ends_with("which is no positive"));
}

#[test]
fn what_is_no_wordnet_is_refused() {
    let (dir, wordnet) = tables("wordnet", SAMPLE);
    let out = dir.path().join("out");
    let told = |wordnet: &Path| {
        let args = ["knowledge", "synonyms", "--wordnet", text(wordnet)];
        let output = kprep(&[&args[..], &["--out", text(&out), "-q"]].concat()).code(1);
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    assert!(told(dir.path()).contains("synsets"), "{}", told(dir.path()));
    fs::rename(wordnet.join("synsets"), wordnet.join("old")).unwrap();
    fs::rename(wordnet.join("facts"), wordnet.join("synsets")).unwrap();
    fs::rename(wordnet.join("old"), wordnet.join("facts")).unwrap();
    assert!(told(&wordnet).contains("Synset"), "{}", told(&wordnet));
    assert!(!out.exists());
}

/// The count of related pairs of WordNet 3.1, which `tests/data/knowledge/recount.py` counts, too.
#[test]
fn the_real_wordnet_has_its_related_pairs() {
    let Some(folder) = std::env::var_os("KPREP_WORDNET").map(PathBuf::from) else {
        return not_run("KPREP_WORDNET, the folder of WordNet's files (make wordnet)");
    };
    let (dir, wordnet) = tables("wordnet", text(&folder));
    let out = dir.path().join("synonyms");
    synonyms(&wordnet, &out, &["--negatives", "1"]);
    let inputs = Dataset::open(&wordnet.join("synsets")).unwrap();
    let synsets: u64 = inputs.manifest.shards.iter().map(|shard| shard.rows).sum();
    if synsets == 117_791 {
        let funnel = Manifest::read(&out).unwrap().funnel;
        assert_eq!((funnel.read, funnel.kept()), (152_611 + 318_789, 467_635));
    }
}
