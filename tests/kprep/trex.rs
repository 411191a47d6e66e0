//! `kprep trex`, `validate` and `head` as a user runs them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use kprep_schemas::{Dataset, RelationCount, RelationExample, ShardReader, Split};
use serde_json::Value;
use tempfile::TempDir;

mod boundaries;
mod failures;
mod leaks;
mod real;

fn kprep() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kprep"))
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn run(args: &[&str]) -> Output {
    kprep().args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Builds a dataset and returns the JSON summary.
fn build(input: &Path, out: &Path, args: &[&str]) -> Value {
    let output = kprep()
        .arg("trex")
        .arg(input)
        .arg("--out")
        .arg(out)
        .args(["--json", "--quiet"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Exit code and message of a build that must not succeed.
fn fail(input: &Path, out: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = kprep()
        .arg("trex")
        .arg(input)
        .arg("--out")
        .arg(out)
        .args(args)
        .output()
        .unwrap();
    assert!(!output.status.success());
    (output.status.code(), stderr(&output))
}

/// Every file of a dataset but the manifest and the two that follow from the names of the inputs:
/// the card, and with it the list of checksums.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = files(dir);
    found.retain(|name, _| name != "README.md" && name != "SHA256SUMS");
    found
}

/// Every file of a dataset but the manifest.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in [dir.to_owned(), dir.join("data")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(dir)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if path.is_file() && name != "manifest.json" {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn rows(dir: &Path) -> Vec<RelationExample> {
    let dataset = Dataset::open(dir).unwrap();
    let rows = Split::ALL
        .into_iter()
        .flat_map(|split| dataset.rows(split).unwrap());
    rows.map(Result::unwrap).collect()
}

fn write(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The documents of the bundled sample, file by file.
fn sample() -> Vec<(String, Value)> {
    let dir = root("data/sample/trex");
    let inputs = kprep_ingest::Found::at(&[dir], &[".json"], None)
        .unwrap()
        .inputs;
    let read = |input: &kprep_ingest::Input| {
        let content = kprep_ingest::decompress(File::open(&input.path).unwrap()).unwrap();
        let name = kprep_ingest::without_compression(&input.name).to_owned();
        (name, serde_json::from_reader(content).unwrap())
    };
    inputs.iter().map(read).collect()
}

#[test]
fn without_an_input_the_bundled_sample_is_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("data")).unwrap();
    let sample = root("data/sample").canonicalize().unwrap();
    std::os::unix::fs::symlink(sample, dir.path().join("data/sample")).unwrap();
    let mut command = kprep();
    command.current_dir(dir.path()).args(["trex", "--json"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("no INPUT given: reading "));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["funnel"]["read"], 11_457);
    assert_eq!(
        (&summary["classes"], &summary["errors"]),
        (&25.into(), &0.into())
    );

    let out = dir.path().join("data/trex-rc");
    let validated = run(&["validate", out.to_str().unwrap()]);
    assert!(validated.status.success());
    let report = String::from_utf8(validated.stdout).unwrap();
    assert!(
        report.ends_with("4,835 rows checked, 0 problems\n"),
        "{report}"
    );
    let table: Vec<Vec<RelationCount>> = ShardReader::open(&out.join("relations.parquet"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let counted: i64 = table
        .concat()
        .iter()
        .map(|r| r.train + r.validation + r.test)
        .sum();
    assert_eq!(counted, 4835);
    assert!(
        table
            .concat()
            .iter()
            .all(|r| r.pairs >= 50 && r.name.is_some())
    );

    let head = run(&["head", out.to_str().unwrap(), "-n", "2"]);
    let head = String::from_utf8(head.stdout).unwrap();
    assert_eq!(head.matches("[subject ").count(), 2, "{head}");
}

/// Where `pip install kprep` puts the program and the sample; and a program without one.
#[test]
fn the_sample_is_found_beside_an_installed_program() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let installed = dir.path().join("env/bin/kprep");
    fs::create_dir_all(dir.path().join("env/bin")).unwrap();
    fs::create_dir_all(dir.path().join("env/share/kprep")).unwrap();
    fs::create_dir(dir.path().join("work")).unwrap();
    fs::hard_link(env!("CARGO_BIN_EXE_kprep"), &installed).unwrap();
    let run = || {
        let mut command = Command::new(&installed);
        command.current_dir(dir.path().join("work")).arg("trex");
        command.output().unwrap()
    };
    let alone = run();
    assert_eq!(alone.status.code(), Some(1));
    assert_eq!(
        stderr(&alone),
        "kprep: no INPUT given, and there is no data/raw/trex and no sample here: name files of T-REx\n"
    );
    let sample = root("data/sample").canonicalize().unwrap();
    std::os::unix::fs::symlink(sample, dir.path().join("env/share/kprep/sample")).unwrap();
    let beside = run();
    assert!(beside.status.success(), "{}", stderr(&beside));
    assert!(stderr(&beside).contains("env/share/kprep/sample/trex"));
}

#[test]
fn form_and_threads_do_not_change_a_byte() {
    let dir = tempfile::tempdir().unwrap();
    let documents = sample();
    let mut archive = zip::ZipWriter::new(File::create(dir.path().join("release.zip")).unwrap());
    for (name, value) in &documents {
        let compact = serde_json::to_vec(value).unwrap();
        write(&dir, &format!("compact/{name}"), &compact);
        write(&dir, &format!("gz/{name}.gz"), gzip(&compact));
        write(
            &dir,
            &format!("indented/{name}"),
            serde_json::to_vec_pretty(value).unwrap(),
        );
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(&compact).unwrap();
    }
    archive.finish().unwrap();
    let build_files = |input: &str, threads: &str| {
        let out = dir.path().join(format!("{input}-{threads}/set"));
        build(&dir.path().join(input), &out, &["--threads", threads]);
        (files(&out), content(&out))
    };
    let (all, expected) = build_files("compact", "1");
    assert_eq!(all.len(), 8, "{:?}", all.keys());
    for (input, threads) in [
        ("compact", "2"),
        ("compact", "8"),
        ("gz", "2"),
        ("indented", "2"),
        ("release.zip", "2"),
    ] {
        let (found_all, found) = build_files(input, threads);
        let same = found == expected && (input != "compact" || found_all == all);
        assert!(
            same,
            "{input} with {threads} threads differs from compact with one"
        );
    }
}

#[test]
fn every_option_changes_what_it_should() {
    let dir = tempfile::tempdir().unwrap();
    let input = root("data/sample/trex");
    let with = |args: &[&str]| {
        let out = dir.path().join(args.concat().replace(['/', ' '], ""));
        let summary = build(&input, &out, args);
        (summary, out)
    };
    let plain = rows(&with(&[]).1);
    let (_, out) = with(&["--drop", "P17,P569"]);
    assert!(
        rows(&out)
            .iter()
            .all(|row| row.relation != "P17" && row.relation != "P569")
    );
    let snapped = rows(&with(&["--snap"]).1);
    assert!(snapped.len() > plain.len());
    let pairs = Dataset::open(&with(&["--min-pairs", "60"]).1)
        .unwrap()
        .manifest
        .class_names;
    let by_rows = with(&["--min-pairs", "60", "--count", "rows"]).1;
    assert!(Dataset::open(&by_rows).unwrap().manifest.class_names.len() > pairs.len());

    // One relation a place: fewer rows with `first`, and fewer still with `drop`.
    let [first, none] = ["first", "drop"].map(|choice| rows(&with(&["--multi-label", choice]).1));
    assert!(none.len() < first.len() && first.len() < plain.len());

    let (limited, _) = with(&["--limit", "60", "--min-pairs", "1"]);
    assert!(limited["funnel"]["read"].as_u64().unwrap() < 1000);
    for by in ["document", "pair", "sentence"] {
        let (_, out) = with(&[
            "--split-by",
            by,
            "--validation-percent",
            "20",
            "--test-percent",
            "20",
        ]);
        let report = run(&["validate", out.to_str().unwrap()]);
        assert!(
            report.status.success(),
            "{by}: {}",
            String::from_utf8_lossy(&report.stdout)
        );
    }
    let labels = write(&dir, "labels.tsv", "P17\tland\n");
    let (_, out) = with(&["--property-labels", labels.to_str().unwrap()]);
    let table: Vec<Vec<RelationCount>> = ShardReader::open(&out.join("relations.parquet"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(
        table
            .concat()
            .iter()
            .any(|r| r.relation == "P17" && r.name.as_deref() == Some("land"))
    );
}

#[test]
fn read_is_kept_plus_lost() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    let summary = build(&root("data/sample/trex"), &out, &[]);
    let mut kept = summary["funnel"]["read"].as_u64().unwrap();
    let mut lost = 0;
    for stage in summary["funnel"]["stages"].as_array().unwrap() {
        for loss in stage["lost"].as_array().unwrap() {
            let count = loss["count"].as_u64().unwrap();
            kept -= count;
            lost += count;
        }
        assert_eq!(stage["kept"], kept, "{stage}");
    }
    assert_eq!(kept, rows(&out).len() as u64);
    let rejects = zstd::decode_all(File::open(out.join("rejects.jsonl.zst")).unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(rejects).unwrap().lines().count() as u64,
        lost
    );
}
