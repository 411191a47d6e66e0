//! Two runs of ktrain with one output: the second is refused and says who is there, and the first ends as if
//! it had been alone.

use std::path::Path;
use std::process::Command;

use super::{run_relations, shards};
use crate::succeed;
use crate::{folder, shim};

/// Starts `second` while the first stands before some of its calls.
fn race(before: fn(&Path), first: fn(&Path) -> Command, second: fn(&Path) -> Command) {
    let files = |dir: &Path| {
        let mut files = folder::files(&dir.join("runs"));
        files.retain(|path, _| !path.ends_with("metrics.jsonl"));
        files
    };
    let dir = tempfile::tempdir().unwrap();
    before(dir.path());
    let (output, calls) = shim::calls(&mut first(dir.path()));
    assert!(output.status.success(), "{output:?}");
    let alone = files(dir.path());
    // The last call at which the folder is the run's: then its lock goes.
    let unlocks = |call: &String| call.starts_with("unlink ") && call.contains(".lock");
    let last = calls.iter().rposition(unlocks).unwrap() + 1;
    for call in [last / 3, last] {
        let dir = tempfile::tempdir().unwrap();
        before(dir.path());
        let stopped = shim::stopped_at(&mut first(dir.path()), call);
        let output = second(dir.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let at = format!(
            "beside one that stands before call {call} ({})",
            calls[call - 1]
        );
        assert_eq!(output.status.code(), Some(1), "{at}: {said}");
        let id = stopped.id().to_string();
        assert!(said.contains(&id), "{at}: expected process {id}: {said}");
        let output = stopped.go_on();
        assert!(output.status.success(), "{at}, the first one: {output:?}");
        assert!(files(dir.path()) == alone, "{at}");
    }
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
