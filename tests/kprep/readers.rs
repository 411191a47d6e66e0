//! Readers of files from elsewhere, on good inputs and on damaged copies: no panic, no endless
//! loop, no promise broken. `make fuzz` goes on from there.

use crate::{prep, target};

#[test]
fn damaged_files_break_no_reader() {
    target::check_all(prep::targets(), 100);
}
