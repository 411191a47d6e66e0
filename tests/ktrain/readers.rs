//! Readers of weights, tokenizers and settings, on good inputs and on damaged copies.

use crate::{fuzz_targets, target};

#[test]
fn damaged_files_break_no_reader() {
    target::check_all(fuzz_targets::targets(), 100);
}
