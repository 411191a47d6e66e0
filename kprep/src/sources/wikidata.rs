//! Dumps of Wikidata.

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod read;

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "wikidata",
    formats: "Wikidata's JSON, an entity a line, or its truthy N-Triples",
};
