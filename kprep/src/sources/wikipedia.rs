//! Dumps of Wikipedia.

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod convert;
pub(crate) mod loss;
pub(crate) mod read;

/// What the files of a folder are called, before the suffix of a compression.
pub(crate) const SUFFIXES: [&str; 6] = [".xml", ".tsv", ".csv", ".ttl", ".nt", ".zip"];

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "wikipedia",
    formats: "a dump of MediaWiki's pages (XML) or DBpedia's abstracts, a line each",
};
