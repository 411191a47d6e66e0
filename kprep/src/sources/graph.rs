//! Knowledge graphs: triples, `OpenKE`, UMLS, OBO, Wikidata.

use crate::build::inputs::Wanted;

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod files;
pub(crate) mod obo;
pub(crate) mod openke;
pub(crate) mod reading;
pub(crate) mod triples;
pub(crate) mod umls;
pub(crate) mod wikidata;

/// What is read.
pub(crate) const WANTED: Wanted = Wanted {
    command: "graph",
    formats: "a graph: triples with tabs, OpenKE, UMLS's RRF, or OBO",
};

/// Endings of the names of inputs in folders, in lower case.
pub(crate) const SUFFIXES: [&str; 4] = [".tsv", ".txt", ".obo", ".rrf"];
