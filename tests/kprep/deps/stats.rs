//! `kprep stats` of a dependency dataset.

use std::fmt::Write as _;

use quick_xml::events::Event;
use serde_json::Value;

use super::*;
use crate::needs::real;

/// Six words of a tree that is not projective, a sentence whose full stop has no head, and one
/// word.
const SMALL: &str = "\
1\tA\t_\t_\t_\t_\t2\tdet\t_\t_
2\thearing\t_\t_\t_\t_\t4\tnsubj\t_\t_
3\tis\t_\t_\t_\t_\t4\taux\t_\t_
4\tset\t_\t_\t_\t_\t0\troot\t_\t_
5\ton\t_\t_\t_\t_\t6\tcase\t_\t_
6\tit\t_\t_\t_\t_\t2\tnmod\t_\t_

1\tThe\t_\t_\t_\t_\t2\tdet\t_\t_
2\tAare\t_\t_\t_\t_\t3\tnsubj\t_\t_
3\tflows\t_\t_\t_\t_\t0\troot\t_\t_
4\t.\t_\t_\t_\t_\t_\t_\t_\t_

1\tYes\t_\t_\t_\t_\t0\t<&\u{1}>\t_\t_

";

const SMALL_STATS: &str = "\
small: 3 sentences, 11 words (train 3, validation 0, test 0)

words a sentence: mean 3.7, median 4, p90 6, p99 6, min 1, max 6
          1             1  33.3%  ████████████████████████████████████████
          2             0   0.0%
          3             0   0.0%
          4             1  33.3%  ████████████████████████████████████████
          5             0   0.0%
          6             1  33.3%  ████████████████████████████████████████

arc length, from word to head: mean 1.6, median 1, p90 4, p99 4, min 1, max 4
          1             5  71.4%  ████████████████████████████████████████
          2             1  14.3%  ████████
          3             0   0.0%
          4             1  14.3%  ████████

tree depth, from root to deepest word: mean 2.7, median 3, p90 4, p99 4, min 1, max 4
          1             1  33.3%  ████████████████████████████████████████
          2             0   0.0%
          3             1  33.3%  ████████████████████████████████████████
          4             1  33.3%  ████████████████████████████████████████

arcs
  of length 1                                 5  71.4%  of 7
  head is the right neighbour                 5  71.4%  of 7
  head is the left neighbour                  0   0.0%  of 7
  head is on the right                        6  85.7%  of 7
  head is on the left                         1  14.3%  of 7

words
  without a head                              1   9.1%  of 11
  right neighbour guessed right               6  60.0%  of 10

trees
  not projective                              1  33.3%  of 3
  arcs that are not projective                1  14.3%  of 7
  sentences that are no tree                  0   0.0%  of 3

labels                                    words  share  mean arc length
  det                                         2  20.0%              1.0
  nsubj                                       2  20.0%              1.5
  root                                        2  20.0%                -
  <&�>                                        1  10.0%                -
  aux                                         1  10.0%              1.0
  case                                        1  10.0%              1.0
  nmod                                        1  10.0%              4.0
";

fn stats(set: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.arg("stats").arg(set).args(args).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// A set of all sentences of a file, in its train split.
fn build(text: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("input.conllu");
    fs::write(&input, text).unwrap();
    build_set(&input, &dir.path().join("small"));
    dir
}

fn build_set(input: &Path, out: &Path) {
    let all = [
        "--validation-percent",
        "0",
        "--test-percent",
        "0",
        "--keep-duplicates",
    ];
    deps(input, out, &[&all[..], &["--quiet"]].concat()).code(0);
}

#[test]
fn a_small_set_by_hand() {
    let dir = build(SMALL);
    let assert = stats(&dir.path().join("small"), &[]).code(0).stderr("");
    assert_eq!(stdout(&assert), SMALL_STATS);
}

#[test]
fn a_treebank_is_as_python_counts_it() {
    let Some(input) = real("deps/conllu/en_ewt-ud-dev.conllu") else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("ewt");
    build_set(&input, &out);
    let found: Value = serde_json::from_str(&stdout(&stats(&out, &["--json"]).code(0))).unwrap();
    let expected = fs::read(Path::new(DATA).join("expected_stats.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn the_page_has_charts_with_axes() {
    let dir = build(SMALL);
    let path = dir.path().join("small.html");
    let set = dir.path().join("small");
    stats(&set, &["--html", &path.to_string_lossy()])
        .code(0)
        .stderr(format!("{}: report written\n", path.display()));
    let page = fs::read_to_string(&path).unwrap();
    let page = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let mut reader = quick_xml::Reader::from_str(page);
    let mut texts = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(text) => texts.push(text.trim().to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    for text in [
        "small: 3 sentences, 11 words",
        "Sentence length",
        "% of sentences",
        "Arc length",
        "words to the head",
        "% of arcs",
        "% of words with a head",
        "of arcs, words or trees",
        "nsubj",
        "non-projective trees",
    ] {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
    assert!(
        !page.contains('\u{1}'),
        "a character that XML does not allow"
    );
    let nowhere = dir.path().join("no/such/folder.html");
    let failed = stats(&set, &["--html", &nowhere.to_string_lossy()]).code(1);
    assert_eq!(stdout(&failed), "");
}

#[test]
fn output_does_not_depend_on_threads() {
    let mut text = String::new();
    for i in 0..70_000 {
        // Up to seven words, each with its head somewhere before it.
        for word in 1..=i % 7 + 1 {
            let head = if word == 1 { 0 } else { 1 + i % (word - 1) };
            let label = i % 5;
            writeln!(text, "{word}\tw\t_\t_\t_\t_\t{head}\tl{label}\t_\t_").unwrap();
        }
        text.push('\n');
    }
    let dir = TempDir::new().unwrap();
    let (input, set) = (dir.path().join("large.conllu"), dir.path().join("large"));
    fs::write(&input, text).unwrap();
    deps(&input, &set, &["--keep-duplicates", "--quiet"]).code(0);
    let run = |threads: &str| {
        let page = dir.path().join(threads);
        let threads = ["--threads", threads];
        let drawn = ["--html", &page.to_string_lossy()];
        let text = stdout(&stats(&set, &[threads, drawn].concat()).code(0));
        let json = stdout(&stats(&set, &[&threads[..], &["--json"]].concat()).code(0));
        (text, json, fs::read_to_string(&page).unwrap())
    };
    let one = run("1");
    assert!(one.0.contains("large: 70,000 sentences"), "{}", one.0);
    assert!(run("2") == one);
    assert!(run("8") == one);
}

#[test]
fn other_records_and_broken_shards_are_refused() {
    let dir = build(SMALL);
    let set = dir.path().join("small");
    let shard = set.join("data/train-00000-of-00001.parquet");
    fs::write(&shard, "no Parquet").unwrap();
    let message = |set: &Path| {
        let assert = stats(set, &[]).code(1).stdout("");
        let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        stderr.replace(&*set.to_string_lossy(), "SET")
    };
    let broken = message(&set);
    let expected = "kprep: SET/data/train-00000-of-00001.parquet: ";
    assert!(broken.starts_with(expected), "{broken}");

    let mut manifest = kprep_schemas::Manifest::read(&set).unwrap();
    manifest.record = "Sonnet".into();
    manifest.write(&set).unwrap();
    assert_eq!(
        message(&set),
        "kprep: SET: no statistics of Sonnet records in this version\n"
    );
}
