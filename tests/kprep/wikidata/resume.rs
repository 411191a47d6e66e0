//! Runs that break off, and go on.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use kprep_schemas::{Manifest, PROGRESS, Triple};
use tempfile::TempDir;

use super::folder::files;
use super::wikidata;
use crate::util::table;

/// A dump of so many items, of which every tenth line is malformed and the last bracket is missing.
fn broken_dump(dir: &Path, items: usize) -> PathBuf {
    let path = dir.join("dump.json.zst");
    let text = broken_text(1..=items);
    fs::write(&path, zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    path
}

fn broken_text(items: RangeInclusive<usize>) -> String {
    let mut text = String::from("[\n");
    for i in items {
        let malformed = if i % 10 == 0 { ",," } else { "" };
        let _ = writeln!(
            text,
            r#"{{"type":"item","id":"Q{i}",{malformed}"labels":{{"en":{{"language":"en","value":"item {i}"}}}},"claims":{{"P31":[{{"mainsnak":{{"snaktype":"value","property":"P31","datavalue":{{"value":{{"id":"Q{}"}},"type":"wikibase-entityid"}}}},"rank":"normal"}}]}}}},"#,
            i / 2
        );
    }
    text
}

#[test]
fn a_dump_that_breaks_off_keeps_its_parts_and_the_run_goes_on_to_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let dump = broken_dump(dir.path(), 20_000);
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join(name).join("wikidata"));
    let parts = ["--part-bytes", "1000000"];
    let allowing = [&parts[..], &["--max-errors", "2001"]].concat();
    wikidata(&dump, &whole, &allowing).code(0);
    let shards = Manifest::read(&whole.join("triples")).unwrap().shards;
    assert!(shards.len() > 2, "{}", shards.len());

    let fails = wikidata(&dump, &cut, &parts).code(1);
    let stderr = String::from_utf8(fails.get_output().stderr.clone()).unwrap();
    assert!(
        stderr.contains("expected ']' after the last entity"),
        "{stderr}"
    );
    let progress = cut.with_file_name(".wikidata.partial").join(PROGRESS);
    assert!(progress.is_file());

    let other = [&allowing[..], &["--resume", "--lang", "de"]].concat();
    let fails = wikidata(&dump, &cut, &other).code(1);
    let stderr = String::from_utf8(fails.get_output().stderr.clone()).unwrap();
    let expected = "--lang was [\"en\",\"en-gb\",\"mul\"], now [\"de\"]";
    assert!(stderr.contains(expected), "{stderr}");

    let threads = ["--resume", "--threads", "1"];
    wikidata(&dump, &cut, &[&allowing[..], &threads].concat()).code(0);
    assert!(files(&cut) == files(&whole));
}

/// Runs in the background until it has finished a part, or is done.
fn until_a_part(dump: &Path, out: &Path, args: &[&str]) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kprep"));
    command.arg("wikidata").arg(dump).arg("--out").arg(out);
    command.args(args).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let progress = out.with_file_name(".wikidata.partial").join(PROGRESS);
    while !progress.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let dump = broken_dump(dir.path(), 60_000);
    let [whole, killed] = ["whole", "killed"].map(|name| dir.path().join(name).join("wikidata"));
    let args = ["--part-bytes", "600000", "--max-errors", "6001"];
    wikidata(&dump, &whole, &args).code(0);
    let mut child = until_a_part(&dump, &killed, &args);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!killed.exists(), "it was done before it could be killed");
    let assert = wikidata(&dump, &killed, &[&args[..], &["--resume"]].concat()).code(0);
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("resuming after part "), "{stderr}");
    assert!(files(&killed) == files(&whole));
}

#[test]
fn an_archive_of_several_files_goes_on_in_the_file_that_it_was_in() {
    let dir = TempDir::new().unwrap();
    let dump = dir.path().join("dump.zip");
    let mut archive = zip::ZipWriter::new(fs::File::create(&dump).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    // The second is shorter than a part; every one lacks its last bracket.
    for (name, items) in [
        ("a", 1..=8_000),
        ("b", 8_001..=8_020),
        ("c", 8_021..=16_000),
    ] {
        archive.start_file(format!("{name}.json"), options).unwrap();
        archive.write_all(broken_text(items).as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join(name).join("wikidata"));
    let parts = ["--part-bytes", "300000"];
    let allowing = |errors| [&parts[..], &["--max-errors", errors]].concat();
    wikidata(&dump, &whole, &allowing("1603")).code(0);
    // Item 1 has a class of number 0, which is none.
    assert_eq!(table::<Triple>(&whole, "triples").len(), 14_399);
    // 800 lines of the first file, 2 of the second and the ends of both are put up with.
    let fails = wikidata(&dump, &cut, &allowing("804")).code(1);
    let stderr = String::from_utf8(fails.get_output().stderr.clone()).unwrap();
    let told = "dump.zip/c.json: the file breaks off at byte ";
    assert!(stderr.contains(told), "{stderr}");
    let resume = [&allowing("1603")[..], &["--resume"]].concat();
    wikidata(&dump, &cut, &resume).code(0);
    assert!(files(&cut) == files(&whole));
}
