//! `kprep wikidata` as its user sees it: tables, filters, messages, exit codes, resuming.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use kprep_schemas::{Entity, Manifest, Property, Triple, validate};
use tempfile::TempDir;

use crate::folder;
use crate::needs::real;
use crate::util::table;
mod resume;
mod truthy;

const DUMP: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/data/wikidata/dump.json"
);

fn wikidata(dump: &Path, out: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.arg("wikidata").arg(dump).arg("--out").arg(out);
    command.args(args).assert()
}

/// The tables of the dump of this project, with at most one malformed line.
fn build(args: &[&str]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wikidata");
    let all = [args, &["--quiet", "--max-errors", "1"]].concat();
    wikidata(Path::new(DUMP), &out, &all).code(0).stderr("");
    for table in ["entities", "triples", "properties"] {
        let problems = validate(&out.join(table)).unwrap().problems;
        assert_eq!(problems, Vec::<String>::new());
    }
    (dir, out)
}

/// Subject, property and value of each statement.
fn statements(out: &Path) -> Vec<String> {
    let show = |t: Triple| format!("{} {} {}", t.subject, t.property, t.value);
    table(out, "triples").into_iter().map(show).collect()
}

fn ids(out: &Path) -> Vec<String> {
    let id = |entity: Entity| entity.id;
    table(out, "entities").into_iter().map(id).collect()
}

#[test]
fn a_dump_becomes_items_statements_and_properties() {
    let (_dir, out) = build(&[]);
    let entities: Vec<Entity> = table(&out, "entities");
    assert_eq!(
        entities[0],
        Entity {
            id: "Q1".into(),
            label: Some("bridge of stone".into()),
            label_lang: Some("en-gb".into()),
            description: Some("a bridge über the river".into()),
            aliases: ["old bridge", "Bridge"].into(),
            instance_of: ["Q9"].into(),
            title: Some("Bridge".into()),
            sitelinks: 2,
        }
    );
    assert_eq!(ids(&out), ["Q1", "Q2", "Q4"]);
    let expected = [
        "Q1 P31 Q9",
        "Q1 P571 -0050-00-00T00:00:00Z/9",
        "Q1 P625 46.5 -7",
        "P31 P1629 somevalue",
        "Q4 P31 Q5",
        "Q4 P570 novalue",
    ];
    assert_eq!(statements(&out), expected);
    let triples: Vec<Triple> = table(&out, "triples");
    let qualifier = &triples[1].qualifiers[0];
    assert_eq!(
        (qualifier.property.to_string(), &*qualifier.value),
        ("P1480".into(), "Q2")
    );
    let properties: Vec<Property> = table(&out, "properties");
    assert_eq!(properties.len(), 1);
    assert_eq!(properties[0].label.as_deref(), Some("instance of"));
    assert_eq!(properties[0].aliases, ["is a"]);
}

#[test]
fn everything_lost_is_counted_and_named() {
    let (_dir, out) = build(&[]);
    let funnel = |table: &str| Manifest::read(&out.join(table)).unwrap().funnel.to_string();
    assert_eq!(
        funnel("entities"),
        "  lines read                              8
    - malformed line                      1
  well-formed                             7
    - lexeme or another kind              1
    - redirect                            1
  items and properties                    5
    - id came before                      1
  distinct                                4
    - property                            1
  items                                   3
  kept                                    3
"
    );
    assert_eq!(
        funnel("triples"),
        "  statements read                               9
  with a chosen property                        9
    - deprecated                                1
    - others rank better                        1
  of the chosen rank                            7
    - unreadable value                          1
  readable                                      6
  within statements
    - objects that no line defines              2
"
    );
    let rejects = |table: &str| {
        let file = fs::File::open(out.join(table).join("rejects.jsonl.zst")).unwrap();
        String::from_utf8(zstd::decode_all(file).unwrap()).unwrap()
    };
    let malformed = rejects("entities");
    let malformed: Vec<&str> = malformed.lines().collect();
    let first = r#"{"source":"dump.json","line":4,"byte":2232,"reason":"malformed line","detail":"trailing comma at column 76"}"#;
    assert_eq!(malformed[0], first);
    assert!(malformed[1].contains(r#""line":9,"#), "{}", malformed[1]);
    assert!(malformed[1].contains(r#""reason":"id came before","detail":"Q2""#));
    let detail = r#""reason":"unreadable value","detail":"P1: a value of an unknown kind""#;
    assert!(rejects("triples").contains(detail));
}

#[test]
fn flags_choose_statements_items_languages_and_titles() {
    let (_dir, out) = build(&["--rank", "all", "--lang", "mul,de", "--site", "dewiki"]);
    assert_eq!(statements(&out).len(), 8);
    let entities: Vec<Entity> = table(&out, "entities");
    assert_eq!(entities[0].label.as_deref(), Some("Bridge"));
    assert_eq!(entities[0].aliases, ["Brücke"]);
    assert_eq!(entities[0].title.as_deref(), Some("Brücke"));
    assert_eq!(entities[0].instance_of, ["Q9"]);
    // Old dumps have the number of an item alone.
    assert_eq!(ids(&build(&["--claim", "P31:Q5"]).1), ["Q4"]);
    assert_eq!(ids(&build(&["--claim", "P31:Q5&~P570"]).1).len(), 0);
    assert_eq!(ids(&build(&["--claim", "P31:Q2,Q5"]).1), ["Q1", "Q4"]);
    assert_eq!(ids(&build(&["--claim", "~P31"]).1), ["Q2"]);
    let (_dir, out) = build(&["--property", "P570,P625", "--rank", "truthy"]);
    assert_eq!(statements(&out), ["Q1 P625 46.5 -7", "Q4 P570 novalue"]);
    assert_eq!(ids(&build(&["--limit", "2"]).1), ["Q1", "Q2"]);
}

/// An item with one statement, as a line of a dump.
fn item_line(id: &str, object: &str, rank: &str) -> String {
    format!(
        r#"{{"type":"item","id":"{id}","labels":{{}},"claims":{{"P31":[{{"mainsnak":{{"snaktype":"value","property":"P31","datavalue":{{"value":{{"id":"{object}"}},"type":"wikibase-entityid"}}}},"rank":"{rank}"}}]}}}}"#
    )
}

/// The funnel of the statements of these lines, once they were built with at most one malformed
/// one.
fn statements_funnel(lines: &[&str], more: &[&str]) -> (Vec<String>, String) {
    let dir = TempDir::new().unwrap();
    let (dump, out) = (dir.path().join("dump.json"), dir.path().join("wikidata"));
    fs::write(&dump, lines.join("\n")).unwrap();
    wikidata(&dump, &out, &[&["--quiet"], more].concat()).code(0);
    let funnel = Manifest::read(&out.join("triples")).unwrap().funnel;
    (ids(&out), funnel.to_string())
}

#[test]
fn objects_that_are_redirects_are_told_from_those_that_nothing_defines() {
    let redirect = |id: &str| format!(r#"{{"entity":"{id}","redirect":"Q1"}}"#);
    let lines = [
        item_line("Q1", "Q6", "normal"),
        item_line("Q2", "Q7", "normal"),
        redirect("Q6"),
        item_line("Q3", "Q99", "normal"),
        redirect("Q7"),
        // What was a redirect once can be an item again.
        item_line("Q7", "Q1", "normal"),
    ];
    let (ids, funnel) = statements_funnel(&lines.each_ref().map(String::as_str), &[]);
    assert_eq!(ids, ["Q1", "Q2", "Q3", "Q7"]);
    let within = "  within statements
    - objects that are redirects                1
    - objects that no line defines              1
";
    assert!(funnel.ends_with(within), "{funnel}");
}

#[test]
fn a_rank_that_nobody_knows_is_unreadable() {
    let lines = [
        item_line("Q1", "Q1", "best of all"),
        item_line("Q2", "Q1", "deprecated"),
    ];
    let (_, funnel) = statements_funnel(&lines.each_ref().map(String::as_str), &[]);
    let counts = "    - deprecated                        1
  of the chosen rank                    1
    - unreadable value                  1
  readable                              0
";
    assert!(funnel.contains(counts), "{funnel}");
}

#[test]
fn what_is_wrong_behind_the_limit_does_not_matter() {
    let (first, second) = (
        item_line("Q1", "Q1", "normal"),
        item_line("Q2", "Q1", "normal"),
    );
    let lines = ["[", &format!("{first},"), &format!("{second},"), "{\"id\":"];
    let (ids, _) = statements_funnel(&lines, &["--limit", "2"]);
    assert_eq!(ids, ["Q1", "Q2"]);
}

#[test]
fn what_cannot_be_used_is_an_error() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wikidata");
    let fails = |args: &[&str]| {
        let assert = wikidata(Path::new(DUMP), &out, args).failure();
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    };
    assert!(fails(&["--claim", "P31:"]).contains("expected a property like P31"));
    assert!(fails(&["--property", "Q5"]).contains("--property Q5: expected properties like P31"));
    // A malformed line is skipped, and costs the exit code.
    wikidata(Path::new(DUMP), &out, &["--quiet"]).code(3);
    assert!(fails(&[]).contains("exists already"));
    wikidata(Path::new(DUMP), &out, &["--quiet", "--overwrite"]).code(3);
}

#[test]
fn a_cut_gzip_says_what_was_kept() {
    let dir = TempDir::new().unwrap();
    let text = fs::read(DUMP).unwrap();
    // Several members, as Wikidata's own are.
    let mut bytes = Vec::new();
    for part in text.chunks(1000) {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(part).unwrap();
        bytes.extend(gzip.finish().unwrap());
    }
    let whole = dir.path().join("dump.json.gz");
    fs::write(&whole, &bytes).unwrap();
    let out = dir.path().join("wikidata");
    wikidata(&whole, &out, &["--quiet", "--max-errors", "1"]).code(0);
    assert_eq!(statements(&out), statements(&build(&[]).1));

    let cut = dir.path().join("cut.json.gz");
    fs::write(&cut, &bytes[..bytes.len() - 20]).unwrap();
    let assert = wikidata(&cut, &out, &["--overwrite", "--max-errors", "2"]).code(0);
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    let told = "skipped: cut.json.gz: reading failed after byte ";
    assert!(stderr.contains(told), "{stderr}");
    assert!(stderr.contains("kept "), "{stderr}");
    assert_eq!(ids(&out), ["Q1", "Q2", "Q4"]);
}

#[test]
fn line_ends_and_threads_do_not_matter() {
    let dir = TempDir::new().unwrap();
    let crlf = dir.path().join("dump.json");
    let text = fs::read_to_string(DUMP).unwrap().replace('\n', "\r\n");
    fs::write(&crlf, text).unwrap();
    let out = dir.path().join("wikidata");
    wikidata(&crlf, &out, &["--quiet", "--max-errors", "1"]).code(0);
    let shard = |out: &Path| fs::read(out.join("triples/data/train-00000-of-00001.parquet"));
    let (_dir, lf) = build(&["--threads", "1"]);
    assert_eq!(shard(&out).unwrap(), shard(&lf).unwrap());
}

#[test]
fn real_entities_give_the_counts_of_an_independent_script() {
    let Some(dump) = real("wikidata/entities-49.json.bz2") else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wikidata");
    // The file is the beginning of a dump.
    wikidata(&dump, &out, &["--quiet", "--max-errors", "1"]).code(0);
    assert_eq!(table::<Entity>(&out, "entities").len(), 49);
    let funnel = Manifest::read(&out.join("triples")).unwrap().funnel;
    assert_eq!((funnel.read, funnel.kept()), (4282, 3572));
    assert_eq!(table::<Triple>(&out, "triples").len(), 3572);
}
