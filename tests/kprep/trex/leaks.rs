//! `--exclude`, `--labels`, `--preset` and splits: what keeps training and test apart.

use kprep_schemas::{GroupBy, Record};

use super::*;
use crate::needs::real;

/// Funnel counts by reason.
fn lost(summary: &Value) -> BTreeMap<String, u64> {
    let stages = summary["funnel"]["stages"].as_array().unwrap();
    let lost = stages.iter().flat_map(|s| s["lost"].as_array().unwrap());
    lost.map(|loss| {
        let reason = loss["reason"].as_str().unwrap().to_owned();
        (reason, loss["count"].as_u64().unwrap())
    })
    .collect()
}

fn relations(out: &Path) -> Vec<RelationCount> {
    let table = ShardReader::open(&out.join("relations.parquet")).unwrap();
    table.map(Result::unwrap).collect::<Vec<_>>().concat()
}

fn validated(out: &Path) -> bool {
    run(&["validate", out.to_str().unwrap()]).status.success()
}

#[test]
fn rows_of_a_test_set_are_left_out_before_pairs_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let input = root("data/sample/trex");
    let out = |name: &str| dir.path().join(name);
    build(&input, &out("all"), &["--min-pairs", "1"]);
    let all = rows(&out("all"));
    let (paired, told) = (&all[0], all.iter().find(|r| r.text != all[0].text).unwrap());
    let pairs = format!("{}\t{}\n", paired.obj_id, paired.subj_id);
    let pairs = write(&dir, "pairs.tsv", pairs);
    let spaced = told.token.join(" ").to_uppercase();
    let sentence = write(&dir, "sentences.txt", format!("{spaced}\r\n"));
    let of_pair = |row: &RelationExample| row.group(GroupBy::Pair) == paired.group(GroupBy::Pair);
    let by_pair = all.iter().filter(|row| of_pair(row)).count() as u64;
    let by_sentence = all
        .iter()
        .filter(|row| !of_pair(row) && row.text == told.text);
    let by_sentence = by_sentence.count() as u64;
    assert!(by_pair > 0 && by_sentence > 0);

    let args = ["--min-pairs", "1", "--exclude", pairs.to_str().unwrap()];
    let args = [&args[..], &["--exclude", sentence.to_str().unwrap()]].concat();
    let summary = build(&input, &out("clear"), &args);
    let counts = lost(&summary);
    assert_eq!(counts["pair of a test set"], by_pair);
    assert_eq!(counts["sentence of a test set"], by_sentence);
    let left = rows(&out("clear"));
    assert_eq!(left.len() as u64, all.len() as u64 - by_pair - by_sentence);
    assert!(!left.iter().any(|row| of_pair(row) || row.text == told.text));
    assert!(validated(&out("clear")));
    let manifest = Dataset::open(&out("clear")).unwrap().manifest;
    assert_eq!(manifest.arguments["exclude"][1]["name"], "sentences.txt");

    // A dataset is a test set, too: nothing is left of it, or all of its sentences but no pair.
    let set = out("all");
    let (code, message) = fail(&input, &out("none"), &["--exclude", set.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(message.contains("pair of a test set"), "{message}");

    // The threshold holds of what is written.
    let counts = relations(&set);
    let least = counts
        .iter()
        .find(|r| r.relation == paired.relation)
        .unwrap();
    let least = least.pairs.to_string();
    let args = ["--min-pairs", &least, "--exclude", pairs.to_str().unwrap()];
    build(&input, &out("threshold"), &args);
    let kept = relations(&out("threshold"));
    assert!(kept.iter().all(|r| r.relation != paired.relation));
}

#[test]
fn a_test_set_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let bad = write(&dir, "bad.jsonl", "{\"text\": \"A.\"}\n{\"x\": 1}\n");
    let args = ["--exclude", bad.to_str().unwrap(), "--quiet"];
    let (code, message) = fail(&root("data/sample/trex"), &dir.path().join("set"), &args);
    assert_eq!(code, Some(1));
    assert!(
        message.starts_with("kprep: --exclude bad.jsonl: record 2 at byte 15: expected sub_uri"),
        "{message}"
    );
    assert!(!dir.path().join("set").exists());
}

#[test]
fn the_preset_is_what_the_released_notebook_does_and_flags_win() {
    let dir = tempfile::tempdir().unwrap();
    let input = root("data/sample/trex");
    let out = |name: &str| dir.path().join(name);
    build(&input, &out("preset"), &["--preset", "kadapter"]);
    let flags = "--count rows --min-pairs 50 --drop P31 --split-by row --validation-percent 10 --test-percent 0";
    let flags: Vec<&str> = flags.split(' ').collect();
    build(&input, &out("flags"), &flags);
    let manifest = |name: &str| Dataset::open(&out(name)).unwrap().manifest;
    let (preset, by_flags) = (manifest("preset"), manifest("flags"));
    assert_eq!(preset.arguments, by_flags.arguments);
    assert_eq!(preset.split_by, GroupBy::Row);
    let sums = |m: &kprep_schemas::Manifest| -> Vec<String> {
        m.shards.iter().map(|s| s.sha256.clone()).collect()
    };
    assert_eq!(sums(&preset), sums(&by_flags));
    assert!(validated(&out("preset")));
    let share = |split: &str| -> u64 {
        let shards = preset.shards.iter().filter(|s| s.split == split);
        shards.map(|s| s.rows).sum()
    };
    let all = share("train") + share("validation");
    assert_eq!(share("test"), 0);
    assert!((8..=12).contains(&(share("validation") * 100 / all)));

    let args = [
        "--preset",
        "kadapter",
        "--test-percent",
        "5",
        "--drop",
        "",
        "--split-by",
        "pair",
    ];
    build(&input, &out("won"), &args);
    let won = manifest("won");
    assert_eq!(won.split_by, GroupBy::Pair);
    let arguments = ["test-percent", "validation-percent", "drop", "count"]
        .map(|key| won.arguments[key].clone());
    assert_eq!(
        Value::from(arguments.to_vec()),
        serde_json::json!([5, 10, [], "rows"])
    );
}

#[test]
fn a_list_of_labels_gives_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let input = root("data/sample/trex");
    let out = dir.path().join("set");
    let list = write(&dir, "labels.py.txt", "['P36', 'P999999', 'P17',\n]\n");
    let summary = build(&input, &out, &["--labels", list.to_str().unwrap()]);
    assert_eq!(summary["classes"], 3);
    assert!(lost(&summary)["relation not among the labels"] > 0);
    let counts = relations(&out);
    let order: Vec<_> = counts
        .iter()
        .map(|r| (r.label, r.relation.as_str()))
        .collect();
    assert_eq!(order, [(0, "P36"), (1, "P999999"), (2, "P17")]);
    let of = |r: &RelationCount| (r.pairs, r.train + r.validation + r.test);
    assert_eq!(of(&counts[1]), (0, 0));
    assert!(of(&counts[0]).1 > 0 && of(&counts[2]).1 > 0);
    assert!(rows(&out).iter().all(|row| match row.relation.as_str() {
        "P36" => row.label == Some(0),
        "P17" => row.label == Some(2),
        _ => false,
    }));
    assert!(validated(&out));

    let list = write(&dir, "none.txt", "P999999\n");
    let args = ["--labels", list.to_str().unwrap(), "--quiet"];
    let (_, message) = fail(&input, &dir.path().join("none"), &args);
    assert!(
        message.starts_with("kprep: no relation of --labels reaches"),
        "{message}"
    );
}

#[test]
fn both_directions_of_a_pair_fall_into_one_split() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    // The sample has borders and twin towns: facts that hold in both directions.
    let args = "--min-pairs 1 --split-by pair --validation-percent 30 --test-percent 30";
    build(
        &root("data/sample/trex"),
        &out,
        &args.split(' ').collect::<Vec<_>>(),
    );
    let dataset = Dataset::open(&out).unwrap();
    let mut splits: BTreeMap<(String, String), Split> = BTreeMap::new();
    for split in Split::ALL {
        for row in dataset.rows::<RelationExample>(split).unwrap() {
            let row = row.unwrap();
            splits.insert((row.subj_id, row.obj_id), split);
        }
    }
    let turned = |(a, b): &(String, String)| splits.get(&(b.clone(), a.clone()));
    let both: Vec<_> = splits
        .iter()
        .filter_map(|(k, s)| Some((s, turned(k)?)))
        .collect();
    assert!(both.len() > 10, "{}", both.len());
    assert!(both.iter().all(|(there, back)| there == back));
}

#[test]
fn no_probe_of_lama_is_left_says_an_independent_script() {
    let (Some(evidence), Some(lama)) = (real("trex/evidence"), real("lama")) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let [t_rex, google_re] = ["TREx", "Google_RE"].map(|name| lama.join(name));
    let counts_of = |name: &str, args: &[&str]| {
        let out = dir.path().join(name);
        let summary = build(&evidence, &out, &[&["--min-pairs", "1"], args].concat());
        let export = run(&[
            "export",
            out.to_str().unwrap(),
            "--format",
            "jsonl",
            "--quiet",
        ]);
        assert!(export.status.success(), "{}", stderr(&export));
        let mut script = Command::new("python3")
            .args([root("tests/kprep/trex/leaks.py"), lama.clone()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        script
            .stdin
            .take()
            .unwrap()
            .write_all(&export.stdout)
            .unwrap();
        let output = script.wait_with_output().unwrap();
        let counts = String::from_utf8(output.stdout).unwrap();
        (lost(&summary), counts.trim().to_owned())
    };
    assert_eq!(counts_of("all", &[]).1, "72796 27308 927");
    let exclude = [
        "--exclude",
        t_rex.to_str().unwrap(),
        "--exclude",
        google_re.to_str().unwrap(),
    ];
    let (lost, counts) = counts_of("clear", &exclude);
    assert_eq!(counts, "44561 0 0");
    let found = ["pair of a test set", "sentence of a test set"].map(|reason| lost[reason]);
    assert_eq!(found, [27_308, 927]);
    let by_pair = [&exclude[..], &["--exclude-by", "pair"]].concat();
    assert_eq!(counts_of("pair", &by_pair).1, "45488 0 927");
}
