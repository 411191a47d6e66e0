//! Two runs of ktrain with one output: the second is refused and says who is there, and the first ends as if
//! it had been alone.

use std::path::Path;
use std::process::Command;

use super::{run_relations, shards};
use crate::races::{Race, released};
use crate::succeed;

/// Starts `second` while the first stands before some of its calls.
fn race(before: fn(&Path), first: fn(&Path) -> Command, second: fn(&Path) -> Command) {
    let race = Race {
        before,
        first,
        second,
        out: "runs",
        stops: |calls| vec![released(calls) / 3, released(calls)],
    };
    race.check();
}

#[test]
fn one_run_is_trained_by_one_process() {
    for second in [
        (|dir| run_relations(dir, &["--overwrite", "--seed", "7"])) as fn(&Path) -> Command,
        |dir| run_relations(dir, &["--resume"]),
    ] {
        race(shards, |dir| run_relations(dir, &[]), second);
    }
}

#[test]
fn one_run_is_replaced_by_one_process() {
    fn replace(dir: &Path) -> Command {
        run_relations(dir, &["--overwrite"])
    }
    fn before(dir: &Path) {
        shards(dir);
        succeed(&mut run_relations(dir, &["--seed", "9"]));
    }
    race(before, replace, replace);
}
