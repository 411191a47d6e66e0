//! Readers of weights, tokenizers and settings, on good inputs and on damaged copies.

use crate::{target, train};

#[test]
fn damaged_files_break_no_reader() {
    target::check_all(train::targets(), 100);
}
