//! Dependency parses.

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod read;
pub(crate) mod sample;

/// What the files of a folder or archive are called, before the suffix of a compression.
pub(crate) const SUFFIXES: [&str; 8] = [
    ".conllu", ".conllx", ".conll", ".xml", ".json", ".jsonl", ".out", ".stp",
];

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "deps",
    formats: "CoNLL, CoreNLP's output or typed dependencies",
};
