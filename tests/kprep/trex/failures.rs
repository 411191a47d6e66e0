//! What `kprep trex` does with inputs that are broken, and when it is stopped.

use super::*;
use crate::needs::not_run;
use crate::shim;

#[test]
fn bad_inputs_say_what_is_wrong_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out/set");
    let good = serde_json::to_vec(&sample()[0].1).unwrap();
    let packed = gzip(&good);
    let half = good.len() / 2;
    let cut = format!(
        "cut.json: the file breaks off at byte {half}: expected the end of the document that it is \
         in\nrepair or leave out this file; if a part of it is good, --max-errors 1 takes that"
    );
    let inputs: [(&str, &[u8], &str); 6] = [
        ("cut.json", &good[..half], &cut),
        (
            "cut.json.gz",
            &packed[..packed.len() / 2],
            "cut.json.gz: reading failed after byte ",
        ),
        (
            "empty.json",
            b"",
            "empty.json: the file breaks off at byte 0",
        ),
        (
            "page.json",
            b"<html>",
            "page.json: expected T-REx's JSON, or the folder of a dataset that `kprep align` wrote, found a web page (HTML)",
        ),
        (
            "other.json",
            br#"[{"docid": "Q1", "text": "", "triples": []}]"#,
            "no triple in the inputs: are they T-REx's JSON?",
        ),
        ("bad.zip", b"PK\x03\x04 and then nothing", "bad.zip: "),
    ];
    for (name, bytes, expected) in inputs {
        let path = write(&dir, name, bytes);
        let (code, message) = fail(&path, &out, &["--min-pairs", "1", "--quiet"]);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(
            !out.exists() && fs::read_dir(dir.path().join("out")).map_or(0, Iterator::count) == 0
        );
    }
}

#[test]
fn bad_arguments_say_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out/set");
    let expect = |message: &str, part: &str| assert!(message.contains(part), "{message}");
    fs::create_dir(dir.path().join("folder")).unwrap();
    let (_, folder) = fail(&dir.path().join("folder"), &out, &[]);
    expect(
        &folder,
        "no input in this folder, expected files named *.json, *.jsonl, *.zip",
    );
    let (_, missing) = fail(&dir.path().join("missing.json"), &out, &[]);
    expect(&missing, "missing.json: No such file or directory");
    let input = root("data/sample/trex");
    let (_, few) = fail(&input, &out, &["--min-pairs", "100000"]);
    expect(
        &few,
        "no relation reaches --min-pairs 100000: the largest, ",
    );
    let (_, drop) = fail(&input, &out, &["--drop", "capital"]);
    expect(&drop, "--drop capital: expected properties like P31");
    let labels = write(&dir, "labels.tsv", "P36 capital\n");
    let (_, labels) = fail(
        &input,
        &out,
        &["--property-labels", labels.to_str().unwrap()],
    );
    expect(
        &labels,
        "labels.tsv: line 1: expected a property, a tab and its label",
    );
    let (_, unwritable) = fail(&input, Path::new("/proc/kprep/set"), &["--quiet"]);
    expect(&unwritable, "kprep: /proc/kprep: ");
    let (code, _) = fail(&input, &out, &["--min-pairs", "many"]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_malformed_document_costs_itself_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut documents: Vec<Value> = sample()[0].1.as_array().unwrap().clone();
    documents.truncate(6);
    documents[1]["text"] = 7.into();
    documents[2]["triples"][0]["subject"]["boundaries"] = serde_json::json!([-5, 1_000_000]);
    let mut json = serde_json::to_vec(&documents).unwrap();
    json.truncate(json.len() - 1);
    json.extend_from_slice(b",{\"docid\": \"\xff\"}, {\"docid\": \"Q1\", \"text\": \"");
    json.resize(json.len() + (50 << 20), b'x');
    json.extend_from_slice(b"\"}]");
    let path = write(&dir, "some.json", json);
    let out = dir.path().join("set");
    let (code, message) = fail(&path, &out, &["--min-pairs", "1"]);
    assert_eq!(code, Some(3), "{message}");
    let told: Vec<&str> = message
        .lines()
        .filter(|line| line.starts_with("skipped: "))
        .collect();
    assert_eq!(told.len(), 3, "{message}");
    assert!(
        told[0].contains("some.json, document at byte "),
        "{message}"
    );
    assert!(
        told[0].contains("invalid type: integer `7`, expected a string"),
        "{message}"
    );
    assert!(told[1].contains("invalid unicode code point"), "{message}");
    assert!(told[2].contains("a document of 524288"), "{message}");
    assert!(message.contains("span outside the text"), "{message}");
    assert!(run(&["validate", out.to_str().unwrap()]).status.success());
    build(
        &path,
        &out,
        &["--min-pairs", "1", "--max-errors", "3", "--overwrite"],
    );
}

#[test]
fn a_killed_build_leaves_no_dataset_and_can_be_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    fs::create_dir(&input).unwrap();
    let compact = serde_json::to_string(&sample()[0].1).unwrap();
    for i in 0..300 {
        let other = compact.replace("\"docid\":\"", &format!("\"docid\":\"copy{i}/"));
        fs::write(input.join(format!("{i}.json")), other).unwrap();
    }
    let out = dir.path().join("out/set");
    let partial = dir.path().join("out/.set.partial");
    let mut command = kprep();
    command.arg("trex").arg(&input).arg("--out").arg(&out);
    command.args(["--min-pairs", "1", "--quiet"]);
    // In the second pass, which writes.
    let status = shim::killed_at(&mut command, ".set.partial/new/data");
    assert!(shim::was_killed(status), "{status:?}");
    assert!(partial.exists() && !out.exists());
    assert!(Dataset::find(dir.path()).unwrap().is_empty());
    build(&input, &out, &["--min-pairs", "1"]);
    assert!(!partial.exists());
    let (_, again) = fail(&input, &out, &["--min-pairs", "1"]);
    assert!(again.contains("exists already: choose another --out, or replace it with --overwrite"));
}

#[test]
fn a_full_disk_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(dir.path())
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        return not_run("the right to mount a small file system");
    }
    let (code, message) = fail(
        &root("data/sample/trex"),
        &dir.path().join("set"),
        &["--quiet"],
    );
    let left = fs::read_dir(dir.path()).unwrap().count();
    assert!(
        Command::new("umount")
            .arg(dir.path())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!((code, left), (Some(1), 0));
    assert!(message.contains("No space left on device"), "{message}");
    let folder = dir.path().to_str().unwrap();
    assert!(message.contains(folder), "{message}");
}
