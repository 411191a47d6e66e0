//! What a test needs that not every machine has: real data, a browser, the right to mount.
//!
//! Without it a test did not pass: it is listed, and `make test` prints the list at its end. `make
//! test-real` sets `KPREP_DATA`; real data that is missing there fails the test.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, thread};

/// A real input below the folder of real data, or `None` if it is not there, which is listed.
pub(crate) fn real(path: &str) -> Option<PathBuf> {
    let given = env::var_os("KPREP_DATA").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let full = given.clone().unwrap_or_else(beside).join(path);
    if full.exists() {
        return Some(full);
    }
    assert!(given.is_none(), "{} is not there", full.display());
    not_run(path);
    None
}

/// Lists the test that calls this as not run.
pub(crate) fn not_run(needs: &str) {
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-run.txt");
    let mut list = OpenOptions::new()
        .create(true)
        .append(true)
        .open(list)
        .unwrap();
    let test = thread::current();
    writeln!(list, "{} needs {needs}", test.name().unwrap_or("a test")).unwrap();
}
