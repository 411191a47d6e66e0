//! A command that is killed at many of its calls: what then counts as whole is whole, and going on
//! gives the same bytes as a run that nobody killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprep_schemas::stable_hash;
use tempfile::TempDir;

use super::folder::files;
use crate::shim;

/// A command and what is around it. Every path is below one folder.
pub(crate) struct Scenario {
    /// For messages, and to draw calls by.
    pub(crate) name: &'static str,
    /// Makes what is there before.
    pub(crate) before: fn(&Path),
    /// The command in that folder.
    pub(crate) run: fn(&Path) -> Command,
    /// What a person runs after a kill.
    pub(crate) again: fn(&Path) -> Command,
    /// Where its output is.
    pub(crate) out: &'static str,
    /// Whether the output at this path counts as whole, by its commit mark.
    pub(crate) counts_as_whole: fn(&Path) -> bool,
    /// Whether a file says how the run went, not what came out of it: it differs between any two
    /// runs.
    pub(crate) differs: fn(&Path) -> bool,
    /// Whether an old output stays until the new one is whole.
    pub(crate) keeps_old: bool,
    /// Files whose loss is no loss once the output counts as whole: a run's checkpoints.
    pub(crate) on_the_way: fn(&Path) -> bool,
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// How many calls of each command are drawn; `RELIABILITY=all` takes all.
pub(crate) fn kills(usual: usize) -> usize {
    match std::env::var("RELIABILITY").as_deref() {
        Ok("all") => usize::MAX,
        _ => usual,
    }
}

impl Scenario {
    /// Kills the command at so many calls, drawn by a hash: half of them among those that make,
    /// rename or remove something, which are few beside the writes.
    pub(crate) fn check(&self, kills: usize) {
        let dir = self.start();
        let old = self.files(dir.path());
        let replaces = self.keeps_old && (self.counts_as_whole)(&dir.path().join(self.out));
        let (output, calls) = shim::calls(&mut (self.run)(dir.path()));
        assert!(output.status.success(), "{}: {output:?}", self.name);
        let uncut = Uncut {
            old,
            replaces,
            new: self.files(dir.path()),
            around: names(dir.path()),
        };
        let drawn = self.drawn(&calls, kills);
        println!("{}: {} of {} calls", self.name, drawn.len(), calls.len());
        for call in drawn {
            self.kill(call, &calls[call - 1], &uncut);
        }
    }

    fn start(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        (self.before)(dir.path());
        dir
    }

    fn drawn(&self, calls: &[String], kills: usize) -> BTreeSet<usize> {
        let rank = |call: &usize| {
            let number = call.to_le_bytes();
            stable_hash([self.name.as_bytes(), number.as_slice()])
        };
        let writes = |call: &usize| calls[*call - 1].contains("write ");
        let (mut writing, mut others): (Vec<_>, Vec<_>) = (1..=calls.len()).partition(writes);
        writing.sort_by_key(rank);
        others.sort_by_key(rank);
        others.truncate(kills.div_ceil(2).max(kills.saturating_sub(writing.len())));
        let left = kills - others.len();
        others
            .into_iter()
            .chain(writing.into_iter().take(left))
            .collect()
    }

    fn kill(&self, call: usize, what: &str, uncut: &Uncut) {
        let dir = self.start();
        let dir = dir.path();
        let at = format!("{}, killed before call {call} ({what})", self.name);
        let status = shim::killed_at(&mut (self.run)(dir), call);
        assert!(shim::was_killed(status), "{at}: {status:?}");

        if (self.counts_as_whole)(&dir.join(self.out)) {
            let found = self.for_good(self.files(dir));
            let is_whole = [&uncut.new, &uncut.old].map(|files| self.for_good(files.clone()));
            assert!(
                is_whole.contains(&found),
                "{at}: half a result counts as whole"
            );
        } else {
            assert!(!uncut.replaces, "{at}: what was there before is gone");
        }

        let output = (self.again)(dir).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{at}: the next run: {said}");
        let found = self.files(dir);
        for (path, bytes) in &uncut.new {
            let same = found.get(path) == Some(bytes);
            assert!(same, "{at}: after the next run, another {}", path.display());
        }
        assert_eq!(names(dir), uncut.around, "{at}: leftovers");
    }

    /// The files that a person keeps.
    fn for_good(&self, mut files: Files) -> Files {
        files.retain(|path, _| !(self.on_the_way)(path));
        files
    }

    fn files(&self, dir: &Path) -> Files {
        let out = dir.join(self.out);
        let mut found = match fs::metadata(&out) {
            Ok(found) if found.is_dir() => files(&out),
            Ok(_) => Files::from([(PathBuf::new(), fs::read(&out).unwrap())]),
            Err(_) => Files::new(),
        };
        found.retain(|path, _| !(self.differs)(path));
        found
    }
}

/// What a run leaves that nobody kills.
struct Uncut {
    /// What is there before it.
    old: Files,
    /// Whether that was a whole output, to be replaced.
    replaces: bool,
    new: Files,
    /// Every file and folder, hidden ones too.
    around: BTreeSet<PathBuf>,
}

fn names(dir: &Path) -> BTreeSet<PathBuf> {
    let mut names = BTreeSet::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            names.insert(path.strip_prefix(dir).unwrap().to_owned());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    names
}
