//! FIGER's own training file.

use std::io::Write;
use std::path::Path;

use kprep_schemas::{Split, TypingExample};
use serde_json::json;

use super::{build, chars, fixture, kprep};

#[test]
fn types_are_translated_and_a_bad_mention_costs_itself() {
    let (train, map) = (fixture("figer_train.data"), fixture("types.map"));
    let built = build(
        "figer",
        &[&train, "--labels", &map, "--hold-out-percent", "0"],
    );
    let within = json!({"types that are not in --labels": 1});
    let lost = json!({"malformed record": 1, "no known type": 1, "within": within});
    assert_eq!(built.funnel(), (5, lost));
    let rows: Vec<TypingExample> = built.rows(Split::Train);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let mention = chars(&row.text, row.mention_start, row.mention_end);
            (row.doc_id.as_str(), mention, row.types.join(" "))
        })
        .collect();
    let expected = [
        ("d1", "Zoë Li", "/person"),
        ("d1", "Old Town", "/location /location/city"),
        ("d2", "Club", "/organization"),
    ];
    let expected = expected.map(|(doc, mention, types)| (doc, mention.into(), types.into()));
    assert_eq!(told, expected);
    let rejects = built.rejects();
    assert_eq!(rejects[0]["byte"], 124);
    assert_eq!(rejects[0]["detail"], "the mention is tokens 4..7 of 6");
    assert_eq!(rejects[1]["detail"], "/x/none");
    let message = "skipped: figer_train.data, byte 124: the mention is tokens 4..7 of 6";
    assert!(built.stderr.contains(message), "{}", built.stderr);
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let fast = flate2::Compression::fast();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), fast);
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_training_file_that_breaks_off_ends_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("train.data.gz");
    let out = dir.path().join("out");
    let [folder, out] = [dir.path(), &out].map(|path| path.to_str().unwrap());
    let whole = std::fs::read(fixture("figer_train.data")).unwrap();
    let run = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        let map = fixture("types.map");
        let args = ["--labels", &map, "--max-errors", "1", "--out", out];
        let output = kprep(&[&["task", "figer", "--train-file", folder], &args[..]].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(Path::new(out).exists(), output.status.success(), "{told}");
        (output.status.code(), told)
    };
    // The mention beyond its sentence is one error, the end the second one.
    let cut = whole.len() - 2;
    let (code, told) = run(&gzip(&whole[..cut]));
    assert_eq!(code, Some(1), "{told}");
    let expected =
        format!("the file breaks off at byte {cut}: expected the end of the mention that it is in");
    assert!(told.contains(&expected), "{told}");
    let packed = gzip(&whole);
    let (code, told) = run(&packed[..packed.len() - 30]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("reading failed after byte"), "{told}");
    let (code, told) = run(&packed);
    assert_eq!(code, Some(0), "{told}");
}
