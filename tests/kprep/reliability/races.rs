//! Two runs of kprep with one output: the second is refused and says who is there, and the first
//! ends as if it had been alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{TREX, file, kprep, shim, trex_input};
use crate::races::{Race, released};

/// Stops `first` at so many of its calls, from its first to its last, and starts `second` each
/// time.
fn race(before: fn(&Path), first: fn(&Path) -> Command, second: fn(&Path) -> Command) {
    const STOPS: usize = 5;
    let race = Race {
        before,
        first,
        second,
        out: "out",
        stops: |calls| {
            let (claimed, last) = (claims(calls), released(calls));
            let stops = 0..STOPS;
            stops
                .map(|stop| claimed + (last - claimed) * stop / (STOPS - 1))
                .collect()
        },
    };
    race.check();
}

/// The first call at which the output belongs to the run and says so: a lock needs a file, emptied,
/// and its text.
fn claims(calls: &[String]) -> usize {
    let makes = |call: &String| call.starts_with("open ") || call.starts_with("mkdir ");
    let first = calls.iter().position(makes).unwrap();
    first + 4
}

fn other_trex(dir: &Path) -> Command {
    kprep(dir, &[&TREX[..], &["--seed", "9", "--overwrite"]].concat())
}

#[test]
fn one_dataset_is_written_by_one_run() {
    race(trex_input, |dir| kprep(dir, &TREX), other_trex);
}

#[test]
fn one_dataset_is_replaced_by_one_run() {
    race(
        |dir| {
            trex_input(dir);
            super::done(dir, &TREX);
        },
        |dir| kprep(dir, &[&TREX[..], &["--overwrite"]].concat()),
        other_trex,
    );
}

#[test]
fn tables_in_parts_are_written_by_one_run() {
    fn wikidata(dir: &Path, more: &[&str]) -> Command {
        let input = file("tests/data/wikidata/dump.json");
        let args = ["wikidata", &input, "--out", "out", "--part-bytes=1500"];
        let rest = ["--max-errors=9", "--threads=1"];
        kprep(dir, &[&args[..], &rest, more].concat())
    }
    race(
        |_| {},
        |dir| wikidata(dir, &[]),
        |dir| wikidata(dir, &["--resume"]),
    );
    race(
        |_| {},
        |dir| wikidata(dir, &[]),
        |dir| wikidata(dir, &["--overwrite"]),
    );
}

/// Facts that `align` makes once, for all runs.
#[test]
fn tables_of_facts_are_made_by_one_run() {
    race(
        super::tables::write_sources,
        |dir| kprep(dir, &super::ALIGN),
        |dir| kprep(dir, &[&super::ALIGN[..], &["--overwrite"]].concat()),
    );
}

/// What a stopped run left is no hindrance once its process is gone.
#[test]
fn a_run_that_is_gone_holds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    trex_input(dir.path());
    let (_, calls) = shim::calls(&mut kprep(dir.path(), &TREX));
    fs::remove_dir_all(dir.path().join("out")).unwrap();
    drop(shim::stopped_at(
        &mut kprep(dir.path(), &TREX),
        calls.len() / 2,
    ));
    super::done(dir.path(), &TREX);
}
