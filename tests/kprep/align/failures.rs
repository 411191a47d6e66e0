//! What costs a page, and what cannot be done.

use kprep_schemas::Dataset;

use super::{align, fail, kprep, pages, sources, stderr, tables};

#[test]
fn what_cannot_be_done_is_told() {
    let dir = sources();
    align(&dir, &["--out", "set"]);
    let exists =
        "kprep: set exists already: choose another --out, or replace it with --overwrite\n";
    assert_eq!(fail(&dir, &["--out", "set"]), (Some(1), exists.into()));
    let (code, message) = fail(&dir, &["--out", "set", "--format", "trex", "--overwrite"]);
    assert_eq!(code, Some(1));
    let expected = "kprep: set is neither replaced nor removed: it has no .kprep-files.json; ";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(
        fail(&dir, &["--type", "human"]).1,
        "kprep: --type human: expected items like Q5\n"
    );
    let output = kprep(
        dir.path(),
        &[
            "align",
            "--wikipedia",
            "wikidata/entities",
            "--wikidata",
            "wikidata",
        ],
    );
    assert!(
        stderr(&output)
            .contains("wikidata/entities holds Entity version 1, expected Page version 1\n"),
        "{}",
        stderr(&output)
    );
    let output = kprep(dir.path(), &["trex", "wikidata/entities"]);
    assert!(
        stderr(&output)
            .contains("wikidata/entities holds Entity version 1, expected AlignedPage version 1\n"),
        "{}",
        stderr(&output)
    );
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_malformed_page_costs_itself() {
    let dir = sources();
    align(&dir, &["--limit", "3"]);
    let mut rows = pages(&dir.path().join("data/aligned"));
    rows[1].mention_end[0] = 999;
    tables::write(&dir.path().join("damaged"), rows);
    let args = ["trex", "damaged", "--min-pairs", "1", "--out", "set"];
    let output = kprep(dir.path(), &args);
    assert_eq!(output.status.code(), Some(3));
    let expected = "skipped: train-00000-of-00001.parquet, document at byte 0: page 1: a mention is \
                    code points 4..999 of 81\n";
    assert!(stderr(&output).starts_with(expected), "{}", stderr(&output));
    let dataset = Dataset::open(&dir.path().join("set")).unwrap();
    assert_eq!(dataset.manifest.funnel.read, 12); // six of each of the two others
}
