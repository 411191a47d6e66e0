//! Several tables written in parts, cut off, and gone on with.

#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests may

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kprep_schemas::{
    Card, Dataset, Error, Fingerprint, Funnel, GroupBy, Job, Manifest, OutputDir, PROGRESS, Parts,
    Place, Property, Provenance, Redirect, Reject, Result, Split, validate,
};
use serde_json::{Map, Value, json};

/// Records of the input, and how many of them make a part.
const RECORDS: u64 = 1000;
const PART: u64 = 300;

fn job(lang: &str, bytes: u64) -> Job {
    let mut arguments = Map::new();
    arguments.insert("lang".into(), lang.into());
    let input = Fingerprint {
        name: "dump.json.gz".into(),
        bytes,
        ends: "00".into(),
    };
    Job::new("wikidata", arguments, vec![input])
}

fn claim(out: &Path) -> OutputDir {
    OutputDir::claim(out, false).unwrap()
}

fn property(i: u64) -> Property {
    Property {
        id: format!("P{}", i + 1),
        label: Some(format!("label {i}")),
        description: None,
        aliases: ["one", "two"].into(),
        datatype: "time".into(),
    }
}

fn provenance() -> Provenance {
    Provenance {
        objective: None,
        command: "wikidata",
        arguments: Map::new(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel: Funnel::new("lines", RECORDS),
    }
}

/// Writes the records from where the parts before ended, and gives up before record `stop`.
fn run(mut parts: Parts, stop: u64) -> Result<Option<()>> {
    let mut properties = parts.table::<Property>("properties")?;
    let mut redirects = parts.table::<Redirect>("redirects")?;
    let mut sum = parts.state().as_u64().unwrap_or(0);
    let mut memory = parts.memory()?;
    for i in parts.next().record..RECORDS {
        if i > 0 && i.is_multiple_of(PART) && i != parts.next().record {
            let next = Place {
                record: i,
                ..Place::default()
            };
            let tables = [properties.end_part()?, redirects.end_part()?];
            parts.end_part(tables, next, json!(sum), &memory)?;
        }
        if i == stop {
            return Ok(None);
        }
        sum += i;
        memory.push(i as u8);
        properties.push(property(i))?;
        if i > 500 && i < 700 {
            redirects.push(Redirect {
                title: i.to_string(),
                target: "there".into(),
            })?;
        }
        if i % 100 == 50 {
            properties.reject(&Reject {
                index: Some(i),
                reason: "no reason",
                ..Reject::default()
            })?;
        }
    }
    assert_eq!(sum, RECORDS * (RECORDS - 1) / 2);
    assert_eq!(memory.len() as u64, RECORDS);
    let tables = [
        properties.finish(provenance(), &Card::default())?,
        redirects.finish(provenance(), &Card::default())?,
    ];
    if stop == RECORDS {
        return Ok(None);
    }
    parts.publish(&tables).map(Some)
}

/// Every file below a folder with its content.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn unbroken() -> BTreeMap<String, Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("wikidata");
    run(
        Parts::create(claim(&out), job("en", 7)).unwrap(),
        RECORDS + 1,
    )
    .unwrap()
    .unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    files(&out)
}

#[test]
fn every_table_is_a_dataset_with_a_shard_a_part() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("wikidata");
    let parts = Parts::create(claim(&out), job("en", 7)).unwrap();
    run(parts, RECORDS + 1).unwrap().unwrap();
    let found = Dataset::find(dir.path()).unwrap();
    let names: Vec<_> = found.iter().map(|d| d.manifest.name.as_str()).collect();
    assert_eq!(names, ["properties", "redirects"]);
    let rows = |d: &Dataset| d.manifest.shards.iter().map(|s| s.rows).collect::<Vec<_>>();
    assert_eq!(rows(&found[0]), [300, 300, 300, 100]);
    // A part without rows has no shard.
    assert_eq!(rows(&found[1]), [99, 100]);
    let read = found[0].rows::<Property>(Split::Train).unwrap();
    let read: Vec<_> = read.map(Result::unwrap).collect();
    assert_eq!(read, (0..RECORDS).map(property).collect::<Vec<_>>());
    for dataset in &found {
        let report = validate(&dataset.dir).unwrap();
        assert_eq!(report.problems, [""; 0]);
    }
    let rejects = fs::File::open(found[0].dir.join("rejects.jsonl.zst")).unwrap();
    let rejects = String::from_utf8(zstd::decode_all(rejects).unwrap()).unwrap();
    assert_eq!(rejects.lines().count(), 10);
    // The whole folder is replaced when asked for, like a dataset.
    let refused = OutputDir::claim(&out, false);
    assert!(matches!(refused, Err(Error::Exists(_))));
    Parts::create(OutputDir::claim(&out, true).unwrap(), job("en", 7)).unwrap();
}

#[test]
fn a_run_that_was_cut_off_anywhere_ends_with_the_same_bytes() {
    let unbroken = unbroken();
    // Before and after the end of a part, in the last part, and when all tables were finished.
    for stop in [0, 299, 300, 301, 650, 950, RECORDS] {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("wikidata");
        let parts = Parts::create(claim(&out), job("en", 7)).unwrap();
        assert_eq!(run(parts, stop).unwrap(), None);
        assert!(!out.exists());
        assert_eq!(Parts::left_over(&claim(&out)), stop / PART);
        let parts = Parts::resume(claim(&out), job("en", 7)).unwrap();
        assert_eq!(parts.finished(), stop / PART);
        run(parts, RECORDS + 1).unwrap().unwrap();
        let resumed = files(&out);
        assert_eq!(
            resumed.keys().collect::<Vec<_>>(),
            unbroken.keys().collect::<Vec<_>>()
        );
        assert!(resumed == unbroken, "stopped at {stop}");
    }
}

#[test]
fn only_the_same_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("wikidata");
    let parts = Parts::create(claim(&out), job("en", 7)).unwrap();
    run(parts, 700).unwrap();
    let Err(error) = Parts::resume(claim(&out), job("de", 8)) else {
        panic!("it went on");
    };
    let message = error.to_string();
    let expected = ".wikidata.partial: cannot go on from here, for the run that was cut off was \
                    another one: --lang was \"en\", now \"de\", dump.json.gz was 7 bytes \
                    (checksum of its ends 00), now 8 bytes (checksum of its ends 00); start again without --resume";
    assert!(message.ends_with(expected), "{message}");
    // It is still there for the right one, and a damaged progress file is told.
    assert_eq!(Parts::left_over(&claim(&out)), 2);
    let path = dir.path().join(".wikidata.partial").join(PROGRESS);
    fs::write(&path, "{").unwrap();
    let damaged = Parts::resume(claim(&out), job("en", 7));
    assert!(matches!(damaged, Err(Error::Json { .. })));
    // A new start removes it.
    let parts = Parts::create(claim(&out), job("en", 7)).unwrap();
    assert_eq!((parts.finished(), parts.state()), (0, &Value::Null));
    drop(parts);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn overwriting_takes_the_tables_of_one_run_and_no_gathered_datasets() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("tables");
    run(Parts::create(claim(&out), job("en", 9)).unwrap(), u64::MAX).unwrap();
    let refused = |overwrite| OutputDir::claim(&out, overwrite).err();
    assert!(matches!(refused(false), Some(Error::Exists(_))));
    assert!(refused(true).is_none());
    // A folder in which someone keeps datasets is not ours to replace.
    for stranger in ["trex-rc", "notes.txt"] {
        let path = out.join(stranger);
        if stranger == "notes.txt" {
            fs::write(&path, "mine").unwrap();
        } else {
            fs::rename(out.join("redirects"), &path).unwrap();
            let mut manifest = Manifest::read(&path).unwrap();
            manifest.command = "trex".into();
            manifest.write(&path).unwrap();
        }
        assert!(
            matches!(refused(true), Some(Error::NotOurs { .. })),
            "{stranger}"
        );
    }
}

#[test]
fn resume_is_exact_where_a_run_was_killed_while_it_published() {
    let unbroken = unbroken();
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (
        dir.path().join("wikidata"),
        dir.path().join(".wikidata.partial"),
    );
    // All tables are finished, and nothing is published.
    let all = Parts::create(claim(&out), job("en", 7)).unwrap();
    run(all, RECORDS).unwrap();
    // Publishing begins with that there is nothing to go on from.
    fs::remove_file(work.join(PROGRESS)).unwrap();
    let parts = Parts::resume(claim(&out), job("en", 7)).unwrap();
    assert_eq!(parts.finished(), 0);
    run(parts, RECORDS + 1).unwrap().unwrap();
    assert!(files(&out) == unbroken);
    assert!(!work.exists());
}

#[test]
fn what_a_finished_part_has_lost_is_noticed_when_a_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (out, work) = (
        dir.path().join("wikidata"),
        dir.path().join(".wikidata.partial"),
    );
    run(Parts::create(claim(&out), job("en", 7)).unwrap(), 650).unwrap();
    let go_on = || {
        let parts = Parts::resume(claim(&out), job("en", 7))?;
        run(parts, RECORDS + 1)
    };
    let memory = work.join("memory-00002.zst");
    let shard = work.join("new/properties/data/train-00001.parquet");
    let rejects = work.join("new/properties/rejects.jsonl.zst");
    for path in [&memory, &shard, &rejects] {
        let bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        let error = go_on().unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        let error = go_on().unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        fs::write(path, &bytes).unwrap();
    }
    fs::write(
        &memory,
        zstd::encode_all(&b"of another run"[..], 1).unwrap(),
    )
    .unwrap();
    let error = go_on().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn rows_of_a_run_of_one_part_may_be_in_several_splits() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let parts = Parts::create(claim(&out), job("en", 1)).unwrap();
    let mut properties = parts.table::<Property>("properties").unwrap();
    for (split, i) in [
        (Split::Test, 0),
        (Split::Train, 1),
        (Split::Validation, 2),
        (Split::Test, 3),
    ] {
        properties.push_to(split, property(i)).unwrap();
    }
    let table = properties.finish(provenance(), &Card::default()).unwrap();
    parts.publish(&[table]).unwrap();
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.starts_with(
        "---\nconfigs:\n- config_name: properties\n  default: true\n  data_files:\n  - split: train\n    \
         path: properties/data/train-*.parquet\n  - split: validation\n"
    ));
    let dataset = Dataset::open(&out.join("properties")).unwrap();
    let ids = |split| -> Vec<String> {
        let rows = dataset.rows::<Property>(split).unwrap();
        rows.map(|row| row.unwrap().id).collect()
    };
    let found = Split::ALL.map(ids);
    assert_eq!(
        found,
        [
            vec!["P2".to_owned()],
            vec!["P3".to_owned()],
            vec!["P1".to_owned(), "P4".to_owned()]
        ]
    );
    assert_eq!(validate(&out.join("properties")).unwrap().problem_count, 0);
}
