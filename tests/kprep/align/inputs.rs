//! What pages and facts are read from.

use std::fs;
use std::path::Path;

use kprep_schemas::{Dataset, Rank, RelationExample, Split};

use super::folder::files;
use super::tables::{self, COUNTRIES};
use super::{SOURCES, align, kprep, sources, stderr};

#[test]
fn parquet_and_json_give_the_same_relation_set() {
    let dir = sources();
    align(&dir, &["--out", "parquet", "--coreference"]);
    align(
        &dir,
        &["--out", "json", "--format", "trex", "--coreference"],
    );
    let json = files(&dir.path().join("json"));
    assert_eq!(
        json.keys().collect::<Vec<_>>(),
        [".kprep-files.json", "re-nlg_0-60.json"].map(Path::new)
    );
    let shard = "parquet/data/train-00000-of-00001.parquet";
    let mut sets = Vec::new();
    for (number, input) in ["json", "parquet", shard].iter().enumerate() {
        let out = format!("{number}/set");
        let args = ["trex", input, "--out", &out, "--min-pairs", "5", "--quiet"];
        let output = kprep(dir.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        let mut files = files(&dir.path().join(out));
        // They name the input.
        for name in ["manifest.json", "README.md", "SHA256SUMS"] {
            files.remove(Path::new(name));
        }
        sets.push(files);
    }
    assert!(sets[0] == sets[1] && sets[1] == sets[2]);
    let rows: Vec<RelationExample> = Split::ALL
        .into_iter()
        .flat_map(|split| {
            let dataset = Dataset::open(&dir.path().join("1/set")).unwrap();
            dataset
                .rows(split)
                .unwrap()
                .map(Result::unwrap)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(rows.len() as u64, 5 * COUNTRIES);
    let capital = rows.iter().find(|row| row.relation == "P36").unwrap();
    assert_eq!(
        capital.aligners,
        ["NoSubject-Triple-aligner", "SPOAligner", "Simple-Aligner"]
    );
}

#[test]
fn tables_of_facts_are_made_once_and_again_when_they_do_not_fit() {
    let dir = sources();
    let run = |args: &[&str]| {
        let args = [&SOURCES, args, &["--overwrite"]].concat();
        let output = kprep(dir.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let made = "making tables of facts in wikidata-facts";
    let first = run(&[]);
    let line = |name: &str, count: u64| format!("  {name:<24} {count:>14}\n");
    let funnel: String = ["statements read", "of the best rank", "facts", "distinct"]
        .map(|name| line(name, 180))
        .concat();
    assert!(
        first.starts_with(&format!(
            "{made}\n{funnel}120 facts about items, 60 about literals\n"
        )),
        "{first}"
    );
    let aligned = files(&dir.path().join("data/aligned"));
    assert!(!run(&[]).contains("making"));

    let path = dir.path().join("wikidata-facts/items.facts");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = run(&[]);
    let why =
        "(wikidata-facts/items.facts is damaged: expected a body that agrees with its checksum)";
    assert!(damaged.starts_with(&format!("{made} {why}\n")), "{damaged}");
    assert!(files(&dir.path().join("data/aligned")) == aligned);

    tables::write_triples(dir.path(), Rank::Deprecated);
    let stale = run(&[]);
    assert!(stale.contains("was made from other triples"), "{stale}");
    // The deprecated statement is counted.
    assert!(
        stale.contains(&line("  - of a lower rank, or deprecated", 1)),
        "{stale}"
    );
    assert!(
        stale.contains("\n119 facts about items, 60 about literals\n"),
        "{stale}"
    );
    run(&["--facts", "elsewhere"]);
    assert!(dir.path().join("elsewhere/items.facts").is_file());
}
