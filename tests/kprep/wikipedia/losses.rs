//! What is lost, and why.

use std::fs;

use tempfile::TempDir;

use super::{data, kprep, rows, stderr};

#[test]
fn every_page_is_kept_or_lost_under_a_reason() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let output = kprep(&data("dump.xml"), &out, &[]);
    let told = stderr(&output);
    let counts: Vec<_> = told
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let expected = [
        "pages:",
        "pages read 10",
        "read well 10",
        "- another namespace 1",
        "in the namespace 9",
        "- redirect 4",
        "not redirects 5",
        "- title of an earlier page 1",
        "- no wikitext 1",
        "- no text 1",
        "kept 2",
        "within pages",
        "- links to other wikis 1",
        "redirects:",
        "redirects read 4",
        "kept 4",
    ];
    assert_eq!(counts[..expected.len()], expected);
}

#[test]
fn what_is_lost_says_where_it_stood() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("abstracts.tsv");
    let line = |title: &str, text: &str| format!("http://dbpedia.org/resource/{title}\t{text}\n");
    let long = line("Long", &"word ".repeat(4 << 20));
    let text = [
        line("A", "One."),
        long,
        line("B", "Two."),
        line("A", "Three."),
    ]
    .concat();
    fs::write(&path, text).unwrap();
    let out = dir.path().join("out");
    let output = kprep(&path, &out, &["--max-errors", "1"]);
    let told = "skipped: abstracts.tsv, line 2, byte 35: too large: a line of 20971554 bytes, expected at most 16777216\n";
    assert!(stderr(&output).starts_with(told), "{}", stderr(&output));
    let titles: Vec<_> = rows(&out).0.into_iter().map(|page| page.title).collect();
    assert_eq!(titles, ["A", "B"]);
    let rejects = fs::File::open(out.join("pages/rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(rejects).unwrap()).unwrap();
    let repeated = r#"{"source":"abstracts.tsv","line":4,"byte":20971624,"doc_id":"http://dbpedia.org/resource/A","reason":"title of an earlier page","detail":"A"}"#;
    assert_eq!(rejects.lines().nth(1), Some(repeated));
}

#[test]
fn redirects_that_are_lost_are_listed() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("dump.xml");
    let text = fs::read_to_string(data("dump.xml")).unwrap();
    let there = r#"<redirect title="There" />"#;
    assert!(text.contains(there));
    fs::write(&path, text.replace(there, &there.replace("There", "Here"))).unwrap();
    let out = dir.path().join("out");
    let output = kprep(&path, &out, &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let rejects = fs::read(out.join("redirects/rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(&*rejects).unwrap()).unwrap();
    assert_eq!(
        rejects,
        "{\"reason\":\"leads to itself\",\"detail\":\"Here\"}\n"
    );
}

#[test]
fn a_malformed_page_costs_itself_and_a_dump_that_breaks_off_is_told() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let text = fs::read_to_string(data("dump.xml")).unwrap();
    let path = dir.path().join("bad.xml");
    fs::write(
        &path,
        text.replace("<title>Empty</title>", "<title>Empty</titel>"),
    )
    .unwrap();
    let output = kprep(&path, &out, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("skipped: bad.xml, byte 2469: malformed page: "),
        "{}",
        stderr(&output)
    );
    assert_eq!(rows(&out).0.len(), 2);

    let cut = text.find("<title>Empty").unwrap();
    fs::write(&path, &text[..cut]).unwrap();
    let output = kprep(&path, &out, &["--overwrite"]);
    assert_eq!(output.status.code(), Some(1));
    let told = format!("bad.xml: the file breaks off at byte {cut}: expected </page>");
    assert!(stderr(&output).contains(&told), "{}", stderr(&output));
    let output = kprep(&path, &out, &["--overwrite", "--max-errors", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(rows(&out).0.len(), 2);

    fs::write(&path, "{\"json\": 1}").unwrap();
    let output = kprep(&path, &out, &["--overwrite"]);
    assert!(
        stderr(&output).contains("expected <mediawiki> or <page>"),
        "{}",
        stderr(&output)
    );
}
