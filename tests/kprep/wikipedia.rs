//! `kprep wikipedia` end to end: the binary on a small dump, its whole output.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use kprep_schemas::{Dataset, Page, Redirect, Split};
use tempfile::TempDir;

use crate::folder;
use crate::needs::real;
mod resume;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/wikipedia")
        .join(name)
}

fn kprep(input: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command
        .arg("wikipedia")
        .arg(input)
        .arg("--out")
        .arg(out)
        .args(more);
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Builds from the input, which must work.
fn build(dir: &TempDir, input: &Path, more: &[&str]) -> (Vec<Page>, Vec<Redirect>) {
    let out = dir.path().join("out");
    let _ = fs::remove_dir_all(&out);
    let output = kprep(input, &out, &[&["--quiet"], more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    rows(&out)
}

fn rows(out: &Path) -> (Vec<Page>, Vec<Redirect>) {
    let pages = Dataset::open(&out.join("pages")).unwrap();
    let pages = pages
        .rows(Split::Train)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let redirects = Dataset::open(&out.join("redirects")).unwrap();
    let redirects = redirects
        .rows(Split::Train)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    (pages, redirects)
}

fn slices(text: &str, starts: &[i32], ends: &[i32]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let spans = starts.iter().zip(ends);
    spans
        .map(|(&s, &e)| chars[s as usize..e as usize].iter().collect())
        .collect()
}

#[test]
fn a_dump_becomes_pages_and_redirects() {
    let dir = TempDir::new().unwrap();
    let (pages, redirects) = build(&dir, &data("dump.xml"), &[]);
    let ada = &pages[0];
    assert_eq!(
        (&*ada.id, ada.revision, &*ada.title),
        ("1", Some(101), "Ada Lovelace")
    );
    assert_eq!(
        ada.text,
        "Ada Lovelace (born 10 December 1815) was an English mathematicians' friend. She worked with \
         Mr. Babbage on the engine. Dr. King – her husband – lived 3 mi away.\n\
         Notes on the engine\n\
         [[no link]] and a site"
    );
    assert_eq!(
        slices(&ada.text, &ada.sentence_start, &ada.sentence_end),
        [
            "Ada Lovelace (born 10 December 1815) was an English mathematicians' friend.",
            "She worked with Mr. Babbage on the engine.",
            "Dr. King – her husband – lived 3 mi away.",
            "Notes on the engine",
            "[[no link]] and a site"
        ]
    );
    assert_eq!(
        slices(&ada.text, &ada.mention_start, &ada.mention_end),
        [
            "English",
            "mathematicians",
            "Mr. Babbage",
            "engine",
            "engine"
        ]
    );
    assert_eq!(
        ada.mention_title,
        [
            "England",
            "Mathematician",
            "Mr. Babbage",
            "Analytical engine",
            "Engine (machine)"
        ]
    );
    let charles = &pages[1];
    assert_eq!(
        charles.text,
        "Charles made the 🂡 engine. He died in the U.S. Not so."
    );
    assert_eq!(
        slices(&charles.text, &charles.mention_start, &charles.mention_end),
        ["engine"]
    );
    assert_eq!(pages.len(), 2);
    let redirects: Vec<_> = redirects.iter().map(|r| (&*r.title, &*r.target)).collect();
    assert_eq!(
        redirects,
        [
            ("Babbage", "Charles Babbage"),
            ("Here", "There"),
            ("Mr. Babbage", "Babbage"),
            ("There", "Here")
        ]
    );
}

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
fn the_same_text_in_any_container_and_encoding_gives_the_same_rows() {
    let dir = TempDir::new().unwrap();
    let text = fs::read_to_string(data("dump.xml")).unwrap();
    let expected = build(&dir, &data("dump.xml"), &[]);
    let path = dir.path().join("other.xml");
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&utf16).unwrap();
    let start = text.find("  <page>").unwrap();
    let without_head = format!("<mediawiki>{}", &text[start..]);
    let contents = [
        zstd::encode_all(text.as_bytes(), 1).unwrap(),
        gzip.finish().unwrap(),
        text.replace('\n', "\r\n").into_bytes(),
        without_head.into_bytes(),
    ];
    for content in contents {
        fs::write(&path, content).unwrap();
        assert_eq!(build(&dir, &path, &["--threads", "1"]), expected);
    }
}

#[test]
fn sections_and_namespaces_are_chosen() {
    let dir = TempDir::new().unwrap();
    let (pages, _) = build(&dir, &data("dump.xml"), &["--abstracts"]);
    assert!(
        pages[0].text.ends_with("lived 3 mi away."),
        "{}",
        pages[0].text
    );
    let (pages, _) = build(&dir, &data("dump.xml"), &["--drop-section", "work"]);
    assert!(
        pages[0].text.ends_with("away.\nLost text."),
        "{}",
        pages[0].text
    );
    let (pages, _) = build(&dir, &data("dump.xml"), &["--namespace", "1"]);
    assert_eq!((pages.len(), &*pages[0].text), (1, "Talk."));
    let (pages, redirects) = build(&dir, &data("dump.xml"), &["--limit", "2"]);
    assert_eq!((pages.len(), redirects.len()), (1, 1));
}

#[test]
fn abstracts_of_dbpedia_are_pages_too() {
    let dir = TempDir::new().unwrap();
    let (pages, redirects) = build(&dir, &data("abstracts.tsv"), &[]);
    assert!(redirects.is_empty());
    assert_eq!(
        (&*pages[0].id, &*pages[0].title),
        ("http://dbpedia.org/resource/Caf%C3%A9", "Café")
    );
    let film = &pages[1];
    assert_eq!((&*film.title, film.revision), ("Dr. Strange (film)", None));
    assert_eq!(
        slices(&film.text, &film.sentence_start, &film.sentence_end),
        ["Dr. Strange is a \"film\".", "It came out in 1962."]
    );
}

#[test]
fn a_limit_counts_abstracts_and_pages_alike() {
    let dir = TempDir::new().unwrap();
    let inputs = dir.path().join("inputs");
    fs::create_dir(&inputs).unwrap();
    fs::copy(data("abstracts.tsv"), inputs.join("a.tsv")).unwrap();
    fs::copy(data("dump.xml"), inputs.join("b.xml")).unwrap();
    let lines = fs::read_to_string(data("abstracts.tsv"))
        .unwrap()
        .lines()
        .count();
    let (pages, redirects) = build(&dir, &inputs, &["--limit", &(lines + 1).to_string()]);
    assert_eq!(
        (pages.last().unwrap().title.as_str(), redirects.len()),
        ("Ada Lovelace", 0)
    );
    // What is wrong behind the limit does not matter.
    let text = fs::read_to_string(data("dump.xml")).unwrap();
    let second = text.match_indices("</page>").nth(1).unwrap().0 + "</page>".len();
    fs::write(inputs.join("b.xml"), &text[..second]).unwrap();
    fs::remove_file(inputs.join("a.tsv")).unwrap();
    assert_eq!(build(&dir, &inputs, &["--limit", "2"]).0.len(), 1);
    assert_eq!(
        kprep(&inputs, &dir.path().join("no"), &["--limit", "3"])
            .status
            .code(),
        Some(1)
    );
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

/// The head of a dump of English Wikipedia and 27 pages, where they are.
#[test]
fn real_dumps_give_the_known_counts() {
    let Some(folder) = real("mediawiki") else {
        return;
    };
    let head = folder.join("enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2");
    let dir = TempDir::new().unwrap();
    let (pages, redirects) = build(&dir, &head, &[]);
    assert_eq!((pages.len(), redirects.len()), (106, 99));
    let one = build(&dir, &head, &["--threads", "1", "--part-bytes", "1000000"]);
    assert_eq!(one.0, pages);
    for page in &pages {
        let marks = ["[[", "]]", "{{", "{|", "<ref", "'''"];
        let left = marks
            .iter()
            .filter(|mark| page.text.contains(*mark))
            .count();
        assert_eq!(left, 0, "{}", page.title);
    }
    let (pages, redirects) = build(&dir, &folder.join("dbpedia_minidump_en.xml.bz2"), &[]);
    assert_eq!((pages.len(), redirects.len()), (24, 2));
}
