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
mod abstracts;
mod losses;
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
fn a_dump_becomes_pages_with_sentences_and_mentions() {
    let dir = TempDir::new().unwrap();
    let (pages, _) = build(&dir, &data("dump.xml"), &[]);
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
}

#[test]
fn a_dump_gives_only_its_articles_and_all_redirects() {
    let dir = TempDir::new().unwrap();
    let (pages, redirects) = build(&dir, &data("dump.xml"), &[]);
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
