//! `kprep deps` as its user sees it: rows, rejects, messages, exit codes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use kprep_schemas::{Dataset, DependencyExample, Split, Words, validate};
use tempfile::TempDir;

use crate::util;

mod failures;
mod formats;
mod sources;
mod stats;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/deps");

fn deps(input: &Path, out: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.arg("deps").arg(input).arg("--out").arg(out);
    command.args(args).assert()
}

/// What a failing run prints.
fn message(input: &Path, args: &[&str]) -> String {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("set");
    let assert = deps(input, &out, args).code(1);
    assert!(!out.exists());
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0, "nothing is left");
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    stderr.replace(&*input.to_string_lossy(), "INPUT")
}

/// The rows of a dataset built without validation and test split: all, in order.
fn rows(input: &Path, args: &[&str]) -> Vec<DependencyExample> {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("set");
    let all = [
        "--validation-percent",
        "0",
        "--test-percent",
        "0",
        "--quiet",
    ];
    let assert = deps(input, &out, &[&all, args].concat());
    assert!(matches!(assert.get_output().status.code(), Some(0 | 3)));
    let problems = validate(&out).unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
    let dataset = Dataset::open(&out).unwrap();
    let rows = dataset.rows(Split::Train).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Every file of a dataset.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let folders = [dir.to_owned(), dir.join("data")];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    paths
        .map(|path| {
            (
                path.strip_prefix(dir).unwrap().to_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect()
}

fn rejects(dir: &Path) -> String {
    let bytes = zstd::decode_all(&*fs::read(dir.join("rejects.jsonl.zst")).unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A few blocks of sentences, some bad, some starting a document.
fn large_file() -> String {
    let mut text = String::new();
    for i in 0..12_000 {
        if i % 10 == 0 {
            text += &["# newdoc id = d", &i.to_string(), "\n"].concat();
        }
        let head = if i % 7 == 0 { "2" } else { "0" };
        text += &[
            "1\tw",
            &i.to_string(),
            "\t_\tX\tX\t_\t",
            head,
            "\troot\t_\t_\n\n",
        ]
        .concat();
    }
    text
}

#[test]
fn a_file_with_faults_gives_its_trees_and_says_what_was_lost() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("set");
    let input = Path::new(DATA).join("mixed.conllu");
    let assert = deps(
        &input,
        &out,
        &["--validation-percent", "0", "--test-percent", "0"],
    )
    .code(3);
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    let stderr = stderr.replace(&*out.to_string_lossy(), "OUT");
    let stderr = stderr.split_once(" in ").map(|(before, after)| {
        let (_seconds, rest) = after.split_once(" s\n").unwrap();
        format!("{before}\n{rest}")
    });
    assert_eq!(
        stderr.unwrap(),
        "skipped: mixed.conllu: line 18, byte 425: expected 10 columns with tabs between them, found 9\n  \
         sentences read                        6\n    \
         - malformed sentence                1\n  \
         well-formed                           5\n    \
         - no word has a head                1\n  \
         parsed                                4\n    \
         - several roots                     1\n    \
         - cycle                             1\n  \
         one tree                              2\n\
         OUT: train 2, validation 0, test 0\n\
         1 malformed inputs; see rejects.jsonl.zst\n"
    );
    assert_eq!(
        rejects(&out),
        r#"{"source":"mixed.conllu","line":18,"byte":425,"reason":"malformed sentence","detail":"expected 10 columns with tabs between them, found 9"}
{"source":"mixed.conllu","line":20,"byte":456,"reason":"no word has a head","detail":"no word of the sentence has a head"}
{"source":"mixed.conllu","line":26,"byte":558,"reason":"cycle","detail":"word 1 is on a cycle"}
{"source":"mixed.conllu","line":33,"byte":721,"reason":"several roots","detail":"words 1 and 2 both have head 0: a tree has one root"}
"#
    );
    let rows: Vec<DependencyExample> = util::rows(&out, Split::Train);
    let expected = DependencyExample {
        id: rows[0].id.clone(),
        doc_id: "rivers".into(),
        sent_id: Some("r1".into()),
        text: Some("The Aare can't flow uphill.".into()),
        token: Words::from(["The", "Aare", "ca", "n't", "flow", "uphill", "."]),
        head: vec![2, 5, 5, 5, 0, 5, 5],
        deprel: Words::from(["det", "nsubj", "aux", "advmod", "root", "advmod", "punct"]),
        upos: Some(Words::from([
            "DET", "PROPN", "AUX", "PART", "VERB", "ADV", "PUNCT",
        ])),
        xpos: Some(Words::from(["DT", "NNP", "MD", "RB", "VB", "RB", "."])),
    };
    assert_eq!(rows[0], expected);
    assert_eq!(
        (rows[1].doc_id.as_str(), rows[1].sent_id.as_deref()),
        ("lakes", Some("l3"))
    );
    assert_eq!(rows.len(), 2);
}

#[test]
fn collapsed_dependencies_are_refused_with_advice() {
    let dir = TempDir::new().unwrap();
    let xml = fs::read_to_string(Path::new(DATA).join("sentence.xml")).unwrap();
    let input = dir.path().join("collapsed.xml");
    fs::write(
        &input,
        xml.replace("basic-dependencies", "collapsed-dependencies"),
    )
    .unwrap();
    let message = message(&input, &[]);
    assert!(
        message.contains("- no basic dependencies              1"),
        "{message}"
    );
    let advice = "have the parser write the basic ones (CoreNLP: -outputFormat conllu; lexparser: \
                  -outputFormatOptions basicDependencies), or take them as they are with --allow-non-tree";
    assert!(message.trim_end().ends_with(advice), "{message}");
    let taken = rows(&input, &["--allow-non-tree"]);
    assert_eq!(taken[0].head, [2, 3, 0, -1]);
}

#[test]
fn duplicates_and_lengths_and_samples() {
    let dir = TempDir::new().unwrap();
    let sentence = |word: usize| {
        let second = "2\t!\t_\t_\t_\t_\t1\tpunct\t_\t_\n";
        let second = if word.is_multiple_of(2) { second } else { "" };
        format!("1\tW{word}\t_\t_\t_\t_\t0\troot\t_\t_\n{second}\n")
    };
    let all: Vec<String> = (0..100).chain(0..50).map(sentence).collect();
    let input = dir.path().join("all.conllu");
    fs::write(&input, all.concat()).unwrap();
    let words = |input: &Path, args: &[&str]| -> Vec<String> {
        let rows = rows(input, args);
        rows.iter().map(|row| row.token.join(" ")).collect()
    };
    assert_eq!(words(&input, &[]).len(), 100);
    assert_eq!(words(&input, &["--keep-duplicates"]).len(), 150);
    let out = dir.path().join("set");
    deps(&input, &out, &["--max-words", "1"]).code(0);
    let told = rejects(&out);
    let reasons = ["more than --max-words", "words of an earlier sentence"];
    let counts = reasons.map(|reason| told.lines().filter(|line| line.contains(reason)).count());
    assert_eq!(counts, [75, 25]);
    let first = r#""index":0,"reason":"more than --max-words","detail":"2 words"}"#;
    assert!(told.lines().next().unwrap().ends_with(first), "{told}");
    assert_eq!(words(&input, &["--min-words", "2"]).len(), 50);
    assert_eq!(words(&input, &["--max-words", "1", "--lowercase"])[0], "w1");
    let sample = |input: &Path, args: &[&str]| {
        let mut sample = words(input, args);
        sample.sort();
        sample
    };
    let ten = sample(&input, &["--max-examples", "10"]);
    assert_eq!(ten.len(), 10);
    assert!(
        ten.iter()
            .any(|words| words.len() > 3 && words.as_str() > "W5"),
        "not the first ones"
    );
    let twenty = sample(&input, &["--max-examples", "20"]);
    assert!(ten.iter().all(|words| twenty.contains(words)));
    let other = sample(&input, &["--max-examples", "10", "--seed", "1"]);
    assert_ne!(ten, other);
    let backwards = dir.path().join("backwards.conllu");
    let reversed: Vec<String> = (0..100).rev().map(sentence).collect();
    fs::write(&backwards, reversed.concat()).unwrap();
    assert_eq!(sample(&backwards, &["--max-examples", "10"]), ten);
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("large.conllu");
    fs::write(&input, large_file()).unwrap();
    let build = |threads: &str| {
        let out = dir.path().join(threads).join("set");
        fs::create_dir(out.parent().unwrap()).unwrap();
        deps(&input, &out, &["--quiet", "--threads", threads]).code(0);
        files(&out)
    };
    let one = build("1");
    assert_eq!(one.len(), 8, "{:?}", one.keys());
    assert!(build("2") == one);
    assert!(build("8") == one);
}

#[test]
fn limit_counts_sentences_read() {
    let input = Path::new(DATA).join("mixed.conllu");
    assert_eq!(rows(&input, &["--limit", "1"]).len(), 1);
    assert_eq!(rows(&input, &["--limit", "5"]).len(), 1);
    assert_eq!(rows(&input, &["--limit", "6"]).len(), 2);
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("set");
    deps(&input, &out, &["--limit", "1"]).code(0);
    deps(&input, &out, &["--limit", "1", "--overwrite"]).code(0);
    deps(
        &input,
        &out,
        &["--limit", "2", "--overwrite", "--max-errors", "1"],
    )
    .code(0);
}
