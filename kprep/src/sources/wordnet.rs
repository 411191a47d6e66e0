//! Wordnets: folders of WNDB, and files of WN-LMF.

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod data;
pub(crate) mod folder;
pub(crate) mod forms;
pub(crate) mod lmf;
pub(crate) mod pointers;
pub(crate) mod read;
pub(crate) mod senses;
pub(crate) mod tables;
pub(crate) mod wndb;

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "wordnet",
    formats: "a wordnet in WN-LMF (XML)",
};
