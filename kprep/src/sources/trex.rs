//! T-REx documents.

use crate::build::inputs::Wanted;

pub(crate) mod aligned_input;
pub(crate) mod args;
pub(crate) mod card;
pub(crate) mod example;
pub(crate) mod exclude;
pub(crate) mod labels;
pub(crate) mod passes;
pub(crate) mod read;

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "trex",
    formats: "T-REx's JSON, or the folder of a dataset that `kprep align` wrote",
};
