//! Readers of files from elsewhere, on good inputs and on damaged copies: no panic, no endless loop,
//! no promise broken. `make fuzz` goes on from there.

#![allow(clippy::expect_used)] // helpers of tests may panic as tests may
#![allow(unreachable_pub)] // the targets are a library, too

#[path = "../fuzz/src/prep/mod.rs"]
mod prep;
#[path = "../fuzz/src/target.rs"]
mod target;

#[test]
fn damaged_files_break_no_reader() {
    target::check_all(prep::targets(), 100);
}
