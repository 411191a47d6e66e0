//! Fuzz targets: one for each reader of files from elsewhere.
//!
//! A target's body and seeds lie in [`prep`] and [`train`], where `make test` runs them as plain
//! tests (`tests/kprep/readers.rs`, `tests/ktrain/readers.rs`) and `make fuzz` under libFuzzer
//! (`fuzz_targets`).
#![allow(clippy::expect_used, clippy::panic)] // what breaks a promise, or the harness, ends it

pub mod prep;
pub mod target;
#[cfg(feature = "ktrain")]
pub mod train;

use target::Target;

/// All targets.
pub fn targets() -> impl Iterator<Item = Target> {
    let all = prep::targets();
    #[cfg(feature = "ktrain")]
    let all = all.chain(train::targets());
    all
}

/// Leaves panics of Parquet's and Arrow's libraries to the reader of shards, which catches them and
/// gives an error; libFuzzer's own hook would end the process at once.
pub fn leave_parquet_to_the_reader() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let from = panic.location().map_or("", |at| at.file());
        if !["/parquet-", "/arrow-"].iter().any(|name| from.contains(name)) {
            hook(panic);
        }
    }));
}

/// Gives an input to the target of this name.
///
/// # Panics
/// If the reader breaks a promise, or there is no such target.
pub fn read(name: &str, input: &[u8]) {
    let target = targets().find(|target| target.name == name);
    (target.expect("a target of this name").read)(input);
}
