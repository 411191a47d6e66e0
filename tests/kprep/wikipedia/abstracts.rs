//! Abstracts of DBpedia.

use std::fs;

use tempfile::TempDir;

use super::{build, data, kprep, slices};

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
