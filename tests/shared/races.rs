//! A second command beside one that stands still, with one output: it is refused and says who is there, and the first
//! ends as if it had been alone.

use std::path::Path;
use std::process::Command;

use super::folder::files;
use crate::shim;

/// Two commands. Every path is below one folder.
pub(crate) struct Race {
    /// Makes what is there before.
    pub(crate) before: fn(&Path),
    /// The one that stands still.
    pub(crate) first: fn(&Path) -> Command,
    /// The one that is refused.
    pub(crate) second: fn(&Path) -> Command,
    /// The folder of their output.
    pub(crate) out: &'static str,
    /// Before which of all calls of the first one, counted from 1, it stands in turn.
    pub(crate) stops: fn(&[String]) -> Vec<usize>,
}

impl Race {
    pub(crate) fn check(&self) {
        let written = |dir: &Path| {
            let mut found = files(&dir.join(self.out));
            found.retain(|path, _| !path.ends_with("metrics.jsonl")); // a run's speeds
            found
        };
        let dir = tempfile::tempdir().unwrap();
        (self.before)(dir.path());
        let (output, calls) = shim::calls(&mut (self.first)(dir.path()));
        assert!(output.status.success(), "{output:?}");
        let alone = written(dir.path());
        for call in (self.stops)(&calls) {
            let dir = tempfile::tempdir().unwrap();
            (self.before)(dir.path());
            let stopped = shim::stopped_at(&mut (self.first)(dir.path()), call);
            let output = (self.second)(dir.path()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let name = &calls[call - 1];
            let at = format!("beside one that stands before call {call} ({name})");
            assert_eq!(output.status.code(), Some(1), "{at}: {said}");
            let id = stopped.id().to_string();
            assert!(said.contains(&id), "{at}: expected process {id}: {said}");
            let output = stopped.go_on();
            assert!(output.status.success(), "{at}, the first one: {output:?}");
            assert!(written(dir.path()) == alone, "{at}");
        }
    }
}

/// The last call at which the output belongs to the command: then its lock goes.
pub(crate) fn released(calls: &[String]) -> usize {
    let unlocks = |call: &String| call.starts_with("unlink ") && call.contains(".lock");
    calls.iter().rposition(unlocks).unwrap() + 1
}
