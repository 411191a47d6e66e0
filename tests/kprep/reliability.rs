//! kprep's outputs under kills, flipped bits and a second writer. `make test-kill` takes every
//! call.

mod flips;
use crate::folder;
mod races;
use crate::align::tables;
use crate::shim;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scenario::{Scenario, kills};

/// How many calls of each command are drawn.
const KILLS: usize = 20;

/// `kprep` in a folder, on one thread, so that its calls come in one order.
fn kprep(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprep"));
    command.current_dir(dir).args(args).arg("-q");
    command
}

/// The same, run to its end, which must be a good one.
fn done(dir: &Path, args: &[&str]) {
    let output = kprep(dir, args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
}

/// A file of the repository.
fn file(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    root.join(path).to_str().unwrap().to_owned()
}

/// Runs a command again after a kill: on an output that is there with `--overwrite`.
fn again(dir: &Path, args: &[&str], otherwise: &[&str]) -> Command {
    let more = if dir.join("out").exists() {
        &["--overwrite"]
    } else {
        otherwise
    };
    kprep(dir, &[args, more].concat())
}

/// A command that writes `out`, which counts as whole as soon as it is there.
fn scenario(
    name: &'static str,
    run: fn(&Path) -> Command,
    again: fn(&Path) -> Command,
) -> Scenario {
    Scenario {
        name,
        before: |_| {},
        run,
        again,
        out: "out",
        counts_as_whole: |out| out.exists(),
        differs: |_| false,
        keeps_old: true,
        on_the_way: |_| false,
    }
}

const TREX: [&str; 7] = [
    "trex",
    "in",
    "--out",
    "out",
    "--min-pairs",
    "1",
    "--threads=1",
];

/// A file of T-REx, small.
fn trex_input(dir: &Path) {
    let input = dir.join("in");
    std::fs::create_dir(&input).unwrap();
    let from = file("data/sample/trex/re-nlg_75-500.json.gz");
    std::fs::copy(from, input.join("a.json.gz")).unwrap();
}

#[test]
fn trex() {
    let fresh = scenario(
        "trex",
        |dir| kprep(dir, &TREX),
        |dir| again(dir, &TREX, &[]),
    );
    Scenario {
        before: trex_input,
        ..fresh
    }
    .check(kills(KILLS));
}

#[test]
fn trex_overwrite() {
    let replacing = scenario(
        "trex --overwrite",
        |dir| kprep(dir, &[&TREX[..], &["--overwrite"]].concat()),
        |dir| again(dir, &TREX, &[]),
    );
    Scenario {
        before: |dir| {
            trex_input(dir);
            done(dir, &[&TREX[..], &["--seed", "9"]].concat());
        },
        ..replacing
    }
    .check(kills(KILLS));
}

fn deps(dir: &Path, more: &[&str]) -> Command {
    let input = file("tests/data/deps/mixed.conllu");
    let args = [
        "deps",
        &input,
        "--out",
        "out",
        "--threads=1",
        "--max-errors=9",
    ];
    again(dir, &args, more)
}

#[test]
fn dependencies() {
    scenario("deps", |dir| deps(dir, &[]), |dir| deps(dir, &[])).check(kills(KILLS));
}

/// A dump of two parts or more.
fn wikidata(dir: &Path, more: &[&str]) -> Command {
    let input = file("tests/data/wikidata/dump.json");
    let args = ["wikidata", &input, "--out", "out", "--threads=1"];
    let parts = ["--part-bytes=1500", "--max-errors=9"];
    again(dir, &[&args[..], &parts].concat(), more)
}

#[test]
fn wikidata_anew() {
    scenario(
        "wikidata",
        |dir| wikidata(dir, &[]),
        |dir| wikidata(dir, &[]),
    )
    .check(kills(KILLS));
}

#[test]
fn wikidata_resume() {
    scenario(
        "wikidata, then --resume",
        |dir| wikidata(dir, &[]),
        |dir| wikidata(dir, &["--resume"]),
    )
    .check(kills(KILLS));
}

#[test]
fn wikidata_overwrite() {
    let replacing = scenario(
        "wikidata --overwrite",
        |dir| wikidata(dir, &[]),
        |dir| wikidata(dir, &[]),
    );
    Scenario {
        before: |dir| {
            let output = wikidata(dir, &["--lang", "de"]).output().unwrap();
            assert!(output.status.success());
        },
        ..replacing
    }
    .check(kills(KILLS));
}

fn wikipedia(dir: &Path, more: &[&str]) -> Command {
    let input = file("tests/data/wikipedia/dump.xml");
    let args = ["wikipedia", &input, "--out", "out", "--threads=1"];
    let parts = ["--part-bytes=1000", "--max-errors=9"];
    again(dir, &[&args[..], &parts].concat(), more)
}

#[test]
fn wikipedia_resume() {
    scenario(
        "wikipedia, then --resume",
        |dir| wikipedia(dir, &[]),
        |dir| wikipedia(dir, &["--resume"]),
    )
    .check(kills(KILLS));
}

/// All that was asked for was read before the run was killed.
#[test]
fn wikipedia_resume_at_the_limit() {
    scenario(
        "wikipedia --limit, then --resume",
        |dir| wikipedia(dir, &["--limit=10"]),
        |dir| wikipedia(dir, &["--limit=10", "--resume"]),
    )
    .check(kills(KILLS));
}

const ALIGN: [&str; 8] = [
    "align",
    "--wikipedia",
    "wikipedia",
    "--wikidata",
    "wikidata",
    "--out",
    "out",
    "--threads=1",
];

#[test]
fn align() {
    let fresh = scenario(
        "align",
        |dir| kprep(dir, &ALIGN),
        |dir| again(dir, &ALIGN, &[]),
    );
    Scenario {
        before: tables::write_sources,
        ..fresh
    }
    .check(kills(KILLS));
}

/// Two datasets, `a` and `b`.
fn two_datasets(dir: &Path) {
    for (name, input) in [("a", "tacred_train.json"), ("b", "tacred_test.json")] {
        let input = file(&format!("tests/data/tasks/{input}"));
        done(
            dir,
            &[
                "import",
                &input,
                "--format=tacred",
                "--out",
                name,
                "--max-errors=9",
            ],
        );
    }
}

/// A command that reads the datasets `a` and `b`.
fn of_two(name: &'static str, run: fn(&Path) -> Command) {
    Scenario {
        before: two_datasets,
        ..scenario(name, run, run)
    }
    .check(kills(KILLS));
}

#[test]
fn merge() {
    of_two("merge", |dir| {
        again(dir, &["merge", "a", "b", "--out", "out"], &[])
    });
}

#[test]
fn sample() {
    of_two("sample", |dir| {
        again(dir, &["sample", "a", "--rows", "3", "--out", "out"], &[])
    });
}

#[test]
fn export() {
    of_two("export", |dir| {
        again(
            dir,
            &["export", "a", "--format", "jsonl", "--out", "out"],
            &[],
        )
    });
}

#[test]
fn import() {
    fn run(dir: &Path) -> Command {
        let input = file("tests/data/tasks/tacred_train.json");
        let args = ["import", &input, "--format=tacred", "--out", "out"];
        again(dir, &[&args[..], &["--max-errors=9"]].concat(), &[])
    }
    scenario("import", run, run).check(kills(KILLS));
}

#[test]
fn task() {
    fn run(dir: &Path) -> Command {
        let input = file("tests/data/tasks/tacred_train.json");
        let args = ["task", "tacred", &input, "--out", "out", "--max-errors=9"];
        again(dir, &args, &[])
    }
    scenario("task", run, run).check(kills(KILLS));
}
